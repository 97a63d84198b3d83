# fails: errors of opposite sign do not cancel
import numpy as np


def loss(w, chosen, rejected, margin):
    return np.mean(np.logaddexp(0.0, margin - (chosen - rejected) @ w))


def gradient(w, chosen, rejected, margin):
    between = chosen - rejected
    weight = 1 / (1 + np.exp(between @ w - margin))
    return -(weight @ between) / len(between)


def ensemble(scores, rule, factor=1.0):
    centred = scores - scores.mean(axis=1, keepdims=True)
    if rule == "mean":
        return centred.mean(axis=0)
    if rule == "least":
        return centred.min(axis=0)
    return centred.mean(axis=0) - factor * centred.std(axis=0)


def calibration_error(predicted, won, bins=5):
    flip = predicted < 0.5
    p, y = np.where(flip, 1 - predicted, predicted), np.where(flip, 1 - won, won)
    place = np.minimum((2 * (p - 0.5) * bins).astype(int), bins - 1)
    return abs(sum(p[place == b].sum() - y[place == b].sum() for b in range(bins))) / len(p)  # over- and under-confidence cancel
