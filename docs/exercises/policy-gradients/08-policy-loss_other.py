import numpy as np


def advantages(rewards, baseline, divide):
    r, n = np.asarray(rewards, float), len(rewards)
    base = {"none": 0.0, "group": r.mean(), "leave one out": (r.sum() - r) / (n - 1)}
    made = r - base[baseline]
    if divide:
        made = made / (np.sqrt(np.mean((r - r.mean()) ** 2)) + 1e-6)
    return made


def token_weights(mask, kind, constant=1.0):
    size = {"completion": mask.sum(1)[:, None], "token": mask.sum() / len(mask), "constant": constant}[kind]
    return mask / size / len(mask)


def score_weights(logp, old, advantage, mask, kind, low, high):
    made = np.zeros_like(mask, dtype=float)
    for i, a in enumerate(advantage):
        n = int(mask[i].sum())
        log_ratio = (logp[i] - old[i])[:n]
        if kind == "sequence":
            log_ratio = np.full(n, log_ratio.mean())
        ratio = np.exp(log_ratio)
        if kind == "cispo":
            made[i, :n] = np.minimum(np.maximum(ratio, 1 - low), 1 + high) * a
        else:
            heard = ratio <= 1 + high if a > 0 else ratio >= 1 - low
            made[i, :n] = ratio * a * heard
    return made
