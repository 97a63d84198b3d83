"""Properties of the pieces."""

from itertools import combinations

import numpy as np


def near(a, b, tolerance=1e-6):
    return bool(np.all(np.isfinite(a)) and np.allclose(a, b, atol=tolerance))


def check(student):
    rng = np.random.default_rng(0)
    z = rng.normal(size=(3, 4))
    scores = 1 / (1 + np.exp(-z))
    yield "the score of a solution is the product of its steps", near(student.solution_score(scores), np.prod(scores, axis=1))

    label = np.array([True, False, True])

    def loss(z):
        p = np.prod(1 / (1 + np.exp(-z)), axis=1)
        return -np.sum(np.where(label, np.log(p), np.log(1 - p)))

    numeric = np.zeros_like(z)
    for place in np.ndindex(*z.shape):
        step = np.zeros_like(z)
        step[place] = 1e-6
        numeric[place] = (loss(z + step) - loss(z - step)) / 2e-6
    found = np.asarray(student.outcome_slope(scores, label))
    yield "the outcome slope agrees with finite differences", near(found, numeric, 1e-5)
    yield "a wrong answer pulls every step down", bool(np.all(found[1] > 0))

    steps = np.array([[True, True, True, True], [True, False, True, True], [False, False, True, False]])
    found = np.asarray(student.process_slope(scores, steps), float)
    yield "the first wrong step counts", near(found[1, 1], scores[1, 1]) and near(found[2, 0], scores[2, 0])
    yield "steps after the first wrong one do not count", near(found[1, 2:], 0.0) and near(found[2, 1:], 0.0)
    yield "a step labelled right has slope score minus one", near(found[0], scores[0] - 1)

    truth = np.arange(40_000) < 20_000
    said = np.asarray(student.noisy(truth, 0.1, 0.3, np.random.default_rng(1)))
    yield "wrong answers are accepted at the false-positive rate", bool(abs(said[~truth].mean() - 0.1) < 0.012)
    yield "right answers are rejected at the false-negative rate", bool(abs(said[truth].mean() - 0.7) < 0.016)

    score, good = rng.random(7), rng.integers(0, 2, 7)
    for n in (1, 3, 7):
        direct = np.mean([good[max(subset, key=lambda i: score[i])] for subset in combinations(range(7), n)])
        yield f"best of {n} is the mean over all subsets", near(student.best_of_n(score, good, n), direct)
