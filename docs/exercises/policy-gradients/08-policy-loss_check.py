"""Properties of the pieces of a policy loss."""

import numpy as np


def near(a, b, atol=1e-6):
    a, b = np.asarray(a, float), np.asarray(b, float)
    return bool(a.shape == b.shape and np.all(np.isfinite(a)) and np.allclose(a, b, atol=atol))


def objective(logp, old, advantage, mask, kind, low, high):
    """Mean per completion of the surrogate, written with loops."""
    total = 0.0
    for i in range(len(mask)):
        n = int(mask[i].sum())
        differences = (logp[i] - old[i])[:n]
        for t in range(n):
            ratio = np.exp(differences.mean() if kind == "sequence" else differences[t])
            held = min(max(ratio, 1 - low), 1 + high)
            total += min(ratio * advantage[i], held * advantage[i]) / (len(mask) * n)
    return total


def check(student):
    rewards = np.array([1.0, 0.0, 0.0, 0.0])
    yield "centring subtracts the group's mean", near(student.advantages(rewards, "group", False), [0.75, -0.25, -0.25, -0.25])
    left = student.advantages(rewards, "leave one out", False)
    yield "leave-one-out leaves the own reward out", near(left, [1.0, -1 / 3, -1 / 3, -1 / 3])
    yield "without a baseline the reward stays", near(student.advantages(rewards, "none", False), rewards)
    yield (
        "division is by the population standard deviation",
        near(student.advantages(rewards, "group", True), np.array([3.0, -1, -1, -1]) / 3**0.5, 1e-4),
    )
    yield "equal rewards give zero, not a division by zero", near(student.advantages(np.ones(4), "group", True), np.zeros(4))

    mask = np.array([[1.0, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]])
    rows = mask.sum(1, keepdims=True)
    yield (
        "per completion: each completion has total weight 1/G",
        near(student.token_weights(mask, "completion"), mask / (3 * rows)),
    )
    yield "per token: all tokens weigh the same, padding nothing", near(student.token_weights(mask, "token"), mask / 7)
    yield "constant: 1 / (G C)", near(student.token_weights(mask, "constant", 5.0), mask / 15)

    rng = np.random.default_rng(0)
    old = np.log(rng.uniform(0.1, 0.9, mask.shape))
    logp = old + 0.5 * rng.standard_normal(mask.shape)
    advantage = np.array([1.0, -0.5, -0.5])
    for kind, low, high in (("token", 0.2, 0.28), ("sequence", 0.05, 0.08)):
        got = np.asarray(student.score_weights(logp, old, advantage, mask, kind, low, high)) * mask / (3 * rows)
        wanted = np.zeros_like(mask)
        for cell in zip(*np.nonzero(mask), strict=True):
            nudge = np.zeros_like(mask)
            nudge[cell] = 1e-6
            up, down = (objective(logp + d, old, advantage, mask, kind, low, high) for d in (nudge, -nudge))
            wanted[cell] = (up - down) / 2e-6
        yield f"{kind} ratio: the weights are the derivatives of the surrogate", near(got, wanted)

    one = np.ones((1, 1))

    def weight(ratio, a, kind, low=0.2, high=0.28):
        return float(
            np.asarray(student.score_weights(np.log(ratio) * one, 0 * one, np.array([a]), one, kind, low, high)).squeeze()
        )

    yield "a bad token that has become likely keeps its push", abs(weight(4.0, -1.0, "token") + 4.0) < 1e-9
    yield "a bad token that has become rare falls silent", weight(0.5, -1.0, "token") == 0.0
    yield "a good token between 1.2 and 1.28 still counts", abs(weight(1.25, 1.0, "token") - 1.25) < 1e-9
    yield (
        "CISPO silences nobody",
        abs(weight(6.0, 1.0, "cispo", 1.0, 1.0) - 2.0) < 1e-9 and abs(weight(0.3, -1.0, "cispo", 1.0, 1.0) + 0.3) < 1e-9,
    )
    padded = np.asarray(student.score_weights(logp + 9 * (1 - mask), old, advantage, mask, "sequence", 0.2, 0.2))
    clean = np.asarray(student.score_weights(logp, old, advantage, mask, "sequence", 0.2, 0.2))
    yield (
        "padding does not enter the sequence ratio, and gets no weight",
        near(padded, clean) and near(padded * (1 - mask), 0 * mask),
    )

    # step zero against enumeration: one token, two answers, p = 0.3; the mean over all groups of two
    p, total = 0.3, 0.0
    for first in (0.0, 1.0):
        for second in (0.0, 1.0):
            r = np.array([first, second])
            q = np.log(np.where(r == 1, p, 1 - p))[:, None]
            a = student.advantages(r, "leave one out", False)
            w = student.score_weights(q, q, a, np.ones((2, 1)), "token", 0.2, 0.2) * student.token_weights(
                np.ones((2, 1)), "constant", 1.0
            )
            chance = np.prod(np.where(r == 1, p, 1 - p))
            total += chance * float((np.asarray(w)[:, 0] * (r - p)).sum())
    yield "at step zero the mean over all groups is the exact gradient", abs(total - p * (1 - p)) < 1e-9
