import numpy as np


def loss(w, chosen, rejected, margin):
    total = 0.0
    for good, bad, m in zip(chosen, rejected, margin, strict=True):
        gap = good @ w - bad @ w - m
        total += max(-gap, 0.0) + np.log1p(np.exp(-abs(gap)))
    return total / len(chosen)


def gradient(w, chosen, rejected, margin):
    out = np.zeros(len(w))
    for good, bad, m in zip(chosen, rejected, margin, strict=True):
        gap = (good - bad) @ w - m
        out -= (good - bad) * 0.5 * (1 - np.tanh(gap / 2)) / len(chosen)
    return out


def ensemble(scores, rule, factor=1.0):
    centred = np.array([row - np.mean(row) for row in scores])
    rules = {
        "mean": lambda column: sum(column) / len(column),
        "least": min,
        "cautious": lambda column: np.mean(column) - factor * np.sqrt(np.mean((column - np.mean(column)) ** 2)),
    }
    return np.array([rules[rule](column) for column in centred.T])


def calibration_error(predicted, won, bins=5):
    edges, error = np.linspace(0.5, 1.0, bins + 1)[1:-1], {}
    for p, y in zip(predicted, won, strict=True):
        p, y = (p, y) if p >= 0.5 else (1 - p, 1 - y)
        place = int(np.searchsorted(edges, p, side="right"))
        error[place] = error.get(place, 0.0) + p - y
    return sum(abs(e) for e in error.values()) / len(predicted)
