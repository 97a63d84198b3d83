"""Solution: products of small factors, and exact integers."""

from math import comb

import numpy as np


def pass_at_k(n, c, k):
    found = []
    for drawn, right in zip(n, c, strict=True):
        wrong, fail = int(drawn - right), 1.0
        for i in range(k):
            fail *= max(wrong - i, 0) / (drawn - i)
        found.append(1.0 - fail)
    return float(np.mean(found))


def best_of_k(scores, rewards, k):
    n = len(scores)
    by_rank = np.asarray(rewards, dtype=float)[np.argsort(scores)]
    return float(sum(comb(i, k - 1) / comb(n, k) * by_rank[i] for i in range(n)))
