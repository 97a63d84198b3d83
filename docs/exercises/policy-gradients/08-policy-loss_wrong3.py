# fails: sequence ratio: the weights are the derivatives of the surrogate
import numpy as np


def advantages(rewards, baseline, divide):
    n = len(rewards)
    others = (rewards.sum() - rewards) / (n - 1)
    base = {"none": 0.0, "group": rewards.mean(), "leave one out": others}[baseline]
    spread = rewards.std()
    return (rewards - base) / (spread + 1e-6 if divide else 1.0)


def token_weights(mask, kind, constant=1.0):
    n = len(mask)
    if kind == "completion":
        return mask / (n * mask.sum(1, keepdims=True))
    return mask / mask.sum() if kind == "token" else mask / (n * constant)


def score_weights(logp, old, advantage, mask, kind, low, high):
    a = advantage[:, None] * mask
    d = (logp - old) * mask
    if kind == "sequence":
        d = d.mean(1, keepdims=True) * mask  # over the padded length
    ratio = np.exp(d)
    if kind == "cispo":
        return np.clip(ratio, 1 - low, 1 + high) * a
    silent = ((a > 0) & (ratio > 1 + high)) | ((a < 0) & (ratio < 1 - low))
    return np.where(silent, 0.0, ratio * a)
