import numpy as np


def solution_score(scores):
    return np.exp(np.log(scores).sum(axis=1))


def outcome_slope(scores, label):
    out = np.empty_like(scores)
    for i, row in enumerate(scores):
        p = float(np.prod(row))
        out[i] = (1 - row) * (-1.0 if label[i] else p / (1 - p))
    return out


def process_slope(scores, label):
    out = np.zeros_like(scores)
    for i in range(len(scores)):
        for k in range(scores.shape[1]):
            out[i, k] = scores[i, k] - float(label[i, k])
            if not label[i, k]:
                break
    return out


def noisy(label, false_positive, false_negative, rng):
    wrong_verdict = rng.random(label.shape) < np.where(label, false_negative, false_positive)
    return label ^ wrong_verdict


def best_of_n(score, good, n):
    order = np.argsort(-np.asarray(score))
    pool, left, total = len(score), 1.0, 0.0
    for place, index in enumerate(order):
        remaining = pool - place
        pick = min(1.0, n / remaining)  # the best of those left is among the n drawn
        total += left * pick * float(good[index])
        left *= 1 - pick
    return total
