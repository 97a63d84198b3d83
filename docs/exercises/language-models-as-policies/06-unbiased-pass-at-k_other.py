"""Another solution: binomial coefficients for the first, a recursion over ranks for the second."""

from fractions import Fraction
from math import comb

import numpy as np


def pass_at_k(n, c, k):
    return float(np.mean([1 - float(Fraction(comb(int(a - b), k), comb(int(a), k))) for a, b in zip(n, c, strict=True)]))


def best_of_k(scores, rewards, k):
    """Chance that all k lie at or below rank i, differenced."""
    n, order = len(scores), np.argsort(scores)
    below = [float(Fraction(comb(i, k), comb(n, k))) for i in range(n + 1)]
    return float(np.dot(np.diff(below), np.asarray(rewards, dtype=float)[order]))
