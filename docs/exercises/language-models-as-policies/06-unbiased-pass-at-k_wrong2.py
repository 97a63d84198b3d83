# fails: best-of-k agrees with the mean over all subsets
from math import comb

import numpy as np


def pass_at_k(n, c, k):
    return float(np.mean([1 - comb(a - b, k) / comb(a, k) for a, b in zip(map(int, n), map(int, c), strict=True)]))


def best_of_k(scores, rewards, k):
    n = len(scores)
    by_rank = np.asarray(rewards, dtype=float)[np.argsort(scores)]
    return float(sum((((i + 1) / n) ** k - (i / n) ** k) * by_rank[i] for i in range(n)))
