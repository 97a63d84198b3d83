# fails: pass@k agrees with the mean over all subsets
from math import comb

import numpy as np


def pass_at_k(n, c, k):
    return float(np.mean(1 - (1 - np.asarray(c) / np.asarray(n)) ** k))


def best_of_k(scores, rewards, k):
    n = len(scores)
    by_rank = np.asarray(rewards, dtype=float)[np.argsort(scores)]
    return float(sum(comb(i, k - 1) / comb(n, k) * by_rank[i] for i in range(n)))
