"""What a solution must satisfy."""

from collections.abc import Iterator

import numpy as np

SIZE = 4
SHAPES = {"mode": (2,), "direct": (SIZE,), "scratch": (SIZE, SIZE), "read": (SIZE, SIZE)}
NAMES = tuple(SHAPES)


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def tables(seed):
    rng = np.random.default_rng(seed)
    return {name: rng.standard_normal(SHAPES[name]) for name in NAMES}


def log_prob(theta, x, path):
    mode, z, answer = path
    total = np.log(softmax(theta["mode"]))[mode]
    if mode == 0:
        return total + np.log(softmax(theta["direct"]))[answer]
    return total + np.log(softmax(theta["scratch"][x]))[z] + np.log(softmax(theta["read"][z]))[answer]


def slope(theta, x, path):
    """Central differences in every logit."""
    found = {}
    for name in NAMES:
        found[name] = np.zeros(theta[name].shape)
        for place in np.ndindex(theta[name].shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = {key: table.copy() for key, table in theta.items()}
                moved[name][place] += step
                ends.append(log_prob(moved, x, path))
            found[name][place] = (ends[0] - ends[1]) / 2e-6
    return found


def same(one, two, tolerance=1e-6):
    return all(np.shape(one[name]) == np.shape(two[name]) and np.allclose(one[name], two[name], atol=tolerance) for name in NAMES)


def draw(theta, x, rng):
    mode = int(rng.random() < softmax(theta["mode"])[1])
    if mode == 0:
        return 0, None, int(rng.choice(SIZE, p=softmax(theta["direct"])))
    z = int(rng.choice(SIZE, p=softmax(theta["scratch"][x])))
    return 1, z, int(rng.choice(SIZE, p=softmax(theta["read"][z])))


def check(student) -> Iterator[tuple[str, bool]]:
    theta = tables(0)
    right = all(same(student.gradient(theta, 2, path), slope(theta, 2, path)) for path in [(0, None, 1), (1, 3, 0), (1, 2, 2)])
    yield "the gradient is that of the log-probability of the path", right
    paths = [(1, 0, 1), (0, None, 3), (1, 2, 1)]
    still = student.rloo_step(theta, 1, paths, np.ones(3), 0.5)
    yield "equal rewards give no step", same(still, theta)
    before = {name: table.copy() for name, table in theta.items()}
    rewards = np.array([1.0, 0.0, 0.0])
    moved = student.rloo_step(theta, 1, paths, rewards, 0.3)
    parts = [slope(before, 1, path) for path in paths]
    expected = {name: before[name] + 0.3 / 3 * (parts[0][name] - 0.5 * parts[1][name] - 0.5 * parts[2][name]) for name in NAMES}
    yield "the baseline leaves the own reward out", same(moved, expected)
    yield "the old parameters are not changed", same(theta, before, 0)
    target = np.array([2, 0, 3, 1])
    sure = {name: np.zeros(table.shape) for name, table in theta.items()}
    sure["scratch"] = 50 * np.eye(SIZE)
    sure["read"] = 50 * np.eye(SIZE)[target]
    yield "reliance is 1 where the scratch token carries the whole answer", abs(student.reliance(sure, target) - 1) < 1e-6
    sure["read"] = 50 * np.eye(SIZE)[[2, 2, 2, 2]]
    yield "reliance is 0 where the answer ignores it", abs(student.reliance(sure, target)) < 1e-6
    rng = np.random.default_rng(1)
    theta = {"mode": np.array([1.5, 0.0]), "direct": np.zeros(SIZE), "scratch": 1.5 * np.eye(SIZE)}
    theta["read"] = 1.5 * np.eye(SIZE)[target]
    start = student.reliance(theta, target)
    for n in range(600):
        x = n % SIZE
        paths = [draw(theta, x, rng) for _ in range(8)]
        theta = student.rloo_step(theta, x, paths, np.array([float(path[2] == target[x]) for path in paths]), 0.5)
    share = np.mean([float(draw(theta, n % SIZE, rng)[2] == target[n % SIZE]) for n in range(400)])
    yield "training with it solves more than 85 % of the prompts", bool(share > 0.85)
    yield "the trained policy relies on its scratchpad more than before", bool(student.reliance(theta, target) > start + 0.2)
