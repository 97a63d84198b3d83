"""Another solution: sort all possible additions; compare chances of failing at one common budget."""

import numpy as np


def allocate(rates, budget):
    gains = [(-p * (1 - p) ** j, j, i) for i, p in enumerate(rates) for j in range(budget)]
    chosen = [i for _, _, i in sorted(gains)[:budget]]
    return np.array([chosen.count(i) for i in range(len(rates))])


def best_length(accuracy, lengths, overhead):
    best, least = None, None
    for a, length in sorted(zip(accuracy, lengths, strict=True), key=lambda pair: pair[1]):
        failing = (1 - a) ** (1 / (length + overhead))
        if least is None or failing < least:
            best, least = float(length), failing
    return best
