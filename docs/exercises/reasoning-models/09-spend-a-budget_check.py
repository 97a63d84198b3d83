"""What a solution must satisfy."""

from collections.abc import Iterator
from itertools import product

import numpy as np


def solved(rates, attempts):
    return float(np.sum(1 - (1 - np.asarray(rates)) ** np.asarray(attempts)))


def check(student) -> Iterator[tuple[str, bool]]:
    cases = [((0.6, 0.3, 0.02), 6), ((0.9, 0.85), 5), ((0.05, 0.4, 0.4), 7), ((0.5,), 3)]
    found = [np.asarray(student.allocate(np.array(rates), budget)) for rates, budget in cases]
    yield "the attempts add up to the budget", all(f.sum() == budget for f, (_, budget) in zip(found, cases, strict=True))
    good = True
    for f, (rates, budget) in zip(found, cases, strict=True):
        splits = (s for s in product(range(budget + 1), repeat=len(rates)) if sum(s) == budget)
        good = good and f.shape == (len(rates),) and solved(rates, f) > max(solved(rates, s) for s in splits) - 1e-9
    yield "the allocation solves as much as the best of all allocations", bool(good)
    sure = np.asarray(student.allocate(np.array([1.0, 0.2]), 4))
    yield "a sure prompt gets one attempt", bool(sure[0] == 1)
    accuracy, lengths = np.array([0.2, 0.36, 0.75]), np.array([1.0, 2.0, 5.5])
    yield "the length buys most per token over a long budget", student.best_length(accuracy, lengths, 0.0) == 5.5
    yield "the overhead is paid at every attempt", student.best_length(np.array([0.2, 0.35]), np.array([1.0, 2.0]), 1.0) == 2.0
    yield "without overhead the short one wins", student.best_length(np.array([0.2, 0.35]), np.array([1.0, 2.0]), 0.0) == 1.0
    exact = student.best_length(np.array([0.5, 1.0, 1.0]), np.array([1.0, 3.0, 4.0]), 0.5)
    yield "certainty is worth any number of tokens, the fewer the better", exact == 3.0
