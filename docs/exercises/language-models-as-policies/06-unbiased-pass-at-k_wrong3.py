# fails: prompts are averaged, not pooled
from math import comb

import numpy as np


def pass_at_k(n, c, k):
    drawn, right = int(np.sum(n)), int(np.sum(c))
    return 1 - comb(drawn - right, k) / comb(drawn, k)


def best_of_k(scores, rewards, k):
    n = len(scores)
    by_rank = np.asarray(rewards, dtype=float)[np.argsort(scores)]
    return float(sum(comb(i, k - 1) / comb(n, k) * by_rank[i] for i in range(n)))
