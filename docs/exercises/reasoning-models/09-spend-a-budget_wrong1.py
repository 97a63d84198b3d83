# fails: the allocation solves as much as the best of all allocations
import numpy as np


def allocate(rates, budget):
    """In proportion to the success rate."""
    rates = np.asarray(rates, dtype=float)
    share = budget * rates / rates.sum()
    attempts = np.floor(share).astype(int)
    for i in np.argsort(attempts - share)[: budget - attempts.sum()]:
        attempts[i] += 1
    return attempts


def best_length(accuracy, lengths, overhead):
    accuracy, cost = np.asarray(accuracy, dtype=float), np.asarray(lengths, dtype=float) + overhead
    if np.any(accuracy >= 1):
        return float(np.min(np.asarray(lengths)[accuracy >= 1]))
    return float(np.asarray(lengths)[np.argmax(-np.log1p(-accuracy) / cost)])
