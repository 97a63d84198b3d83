from math import comb

import numpy as np


def solution_score(scores):
    return np.prod(scores, axis=1)


def outcome_slope(scores, label):
    p = np.prod(scores, axis=1, keepdims=True)
    return np.where(label[:, None], -(1 - scores), p / (1 - p) * (1 - scores))


def process_slope(scores, label):
    counted = np.concatenate([np.ones((len(label), 1)), np.cumprod(label, axis=1)[:, :-1]], axis=1)
    return counted * (scores - label)


def noisy(label, false_positive, false_negative, rng):
    u = rng.random(label.shape)
    return np.where(label, u >= false_negative, u < false_positive)


def best_of_n(score, good, n):
    order = np.argsort(score)
    ranked, size = np.asarray(good, float)[order], len(score)
    weights = [comb(i, n - 1) / comb(size, n) for i in range(size)]
    return float(np.dot(weights, ranked))
