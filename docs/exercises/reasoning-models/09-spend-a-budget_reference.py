"""Solution: greedy, and the logarithm of failing per token."""

import numpy as np


def allocate(rates, budget):
    rates = np.asarray(rates, dtype=float)
    attempts = np.zeros(len(rates), dtype=int)
    for _ in range(budget):
        attempts[np.argmax(rates * (1 - rates) ** attempts)] += 1
    return attempts


def best_length(accuracy, lengths, overhead):
    accuracy, cost = np.asarray(accuracy, dtype=float), np.asarray(lengths, dtype=float) + overhead
    if np.any(accuracy >= 1):
        return float(np.min(np.asarray(lengths)[accuracy >= 1]))
    return float(np.asarray(lengths)[np.argmax(-np.log1p(-accuracy) / cost)])
