"""What a solution must satisfy."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np


def close(a: float, b: float) -> bool:
    return bool(np.isfinite(a)) and abs(a - b) < 1e-9


def subsets(items: list, k: int, statistic) -> float:
    return float(np.mean([statistic(chosen) for chosen in combinations(items, k)]))


def check(student) -> Iterator[tuple[str, bool]]:
    one = lambda n, c, k: student.pass_at_k(np.array([n]), np.array([c]), k)  # noqa: E731
    yield "pass@1 is the share of right samples", close(one(8, 3, 1), 3 / 8)
    cases = [(6, 2, 3), (7, 3, 2), (9, 1, 4)]
    right = all(close(one(n, c, k), subsets([1] * c + [0] * (n - c), k, max)) for n, c, k in cases)
    yield "pass@k agrees with the mean over all subsets", right
    yield "pass@k is 1 where fewer than k samples are wrong", close(one(5, 4, 3), 1) and close(one(4, 4, 2), 1)
    yield "pass@k is 0 where no sample is right", close(one(6, 0, 4), 0)
    pair = student.pass_at_k(np.array([6, 4]), np.array([3, 0]), 2)
    yield "prompts are averaged, not pooled", close(pair, 0.5 * (1 - 3 / 15))
    large = one(1000, 7, 500)
    yield "a thousand samples do not overflow", bool(0.98 < large < 1)
    scores, rewards = np.array([0.3, -1.0, 2.0, 0.9, 1.1]), np.array([0.5, 0.0, -1.0, 2.0, 1.0])
    items = list(zip(scores, rewards, strict=True))
    yield "best-of-1 is the mean reward", close(student.best_of_k(scores, rewards, 1), rewards.mean())
    yield "best-of-n takes the top score, not the top reward", close(student.best_of_k(scores, rewards, 5), -1.0)
    agree = all(close(student.best_of_k(scores, rewards, k), subsets(items, k, lambda s: max(s)[1])) for k in (2, 3, 4))
    yield "best-of-k agrees with the mean over all subsets", agree
