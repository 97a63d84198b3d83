"""What a right `gae` does."""

from collections.abc import Iterator

import numpy as np

REWARDS, VALUES = np.array([1.0, 0.0, 4.0, 2.0, -1.0]), np.array([2.0, 1.0, 3.0, 0.5, 1.5])
NO_END = np.zeros(5)
MIDDLE = np.array([0.0, 0.0, 1.0, 0.0, 0.0])


def close(left, right) -> bool:
    return bool(np.shape(left) == np.shape(right) and np.allclose(left, right, atol=1e-9))


def check(student) -> Iterator[tuple[str, bool]]:
    def gae(rewards, values, ended, last, gamma, lam):
        return student.gae(rewards.copy(), values.copy(), ended.copy(), last, gamma, lam)

    def stop(rewards):
        return np.eye(len(rewards))[-1]

    one = gae(REWARDS[:3], VALUES[:3], stop(REWARDS[:3]), 7.0, 0.5, 0.5)
    yield "one episode by hand: advantages -0.3125, 0.75, 1", close(one, [-0.3125, 0.75, 1.0])
    zero = gae(REWARDS, VALUES, NO_END, 2.0, 0.9, 0.0)
    yield (
        "with lambda 0 each advantage is the TD error of its step",
        close(zero, REWARDS + 0.9 * np.append(VALUES[1:], 2.0) - VALUES),
    )
    full = gae(REWARDS, VALUES, NO_END, 2.0, 0.9, 1.0)
    returns = [sum(0.9**k * r for k, r in enumerate([*REWARDS[t:], 2.0])) for t in range(5)]
    yield "a stream that is cut off bootstraps from last_value", close(full, np.array(returns) - VALUES)
    both = gae(REWARDS, VALUES, MIDDLE, 2.0, 0.9, 0.8)
    first = gae(REWARDS[:3], VALUES[:3], stop(REWARDS[:3]), 0.0, 0.9, 0.8)
    yield (
        "the value of the next episode does not enter the TD error of an end",
        close(gae(REWARDS, VALUES, MIDDLE, 2.0, 0.9, 0.0)[2], REWARDS[2] - VALUES[2]),
    )
    yield "advantages of one episode do not leak into the one before it", close(both[:3], first)
    second = gae(REWARDS[3:], VALUES[3:], np.zeros(2), 2.0, 0.9, 0.8)
    yield "what follows an end is the same as alone", close(both[3:], second)
