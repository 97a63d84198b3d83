"""What a right estimator and a right test of it do."""

import itertools
from collections.abc import Iterator

import numpy as np

THETA, REWARDS = np.array([0.3, -0.4, 1.1]), np.array([1.0, 3.0, -2.0])


def softmax(theta):
    made = np.exp(theta - theta.max())
    return made / made.sum()


def mean_of_estimates(student, rewards, size=3):
    """The expectation of the estimate: a sum over all samples of `size` actions."""
    policy, total = softmax(THETA), np.zeros(3)
    for actions in itertools.product(range(3), repeat=size):
        actions = np.array(actions)
        total += policy[actions].prod() * np.asarray(student.estimate(THETA.copy(), actions, rewards.copy()))
    return total


def check(student) -> Iterator[tuple[str, bool]]:
    policy = softmax(THETA)
    scores = np.array([student.score(THETA.copy(), a) for a in range(3)])
    yield "the score is the gradient of the log-probability", bool(np.allclose(scores, np.eye(3) - policy, atol=1e-9))
    yield "the score has mean zero", bool(np.allclose(policy @ scores, 0, atol=1e-9))
    exact = policy * (REWARDS - policy @ REWARDS)
    yield (
        "the mean of the estimate over all samples is the gradient",
        bool(np.allclose(mean_of_estimates(student, REWARDS), exact, atol=1e-9)),
    )
    actions = np.array([0, 1, 2])
    shifted = student.estimate(THETA.copy(), actions, REWARDS + 100.0)
    yield (
        "adding 100 to every reward changes no estimate",
        bool(np.allclose(shifted, student.estimate(THETA.copy(), actions, REWARDS.copy()), atol=1e-8)),
    )
    cubic = student.finite_differences(lambda x: float((x**3).sum()), THETA.copy(), 1e-3)
    yield "differences are central: the error is of second order in the step", bool(np.allclose(cubic, 3 * THETA**2, atol=1e-5))
    made = student.finite_differences(lambda x: float(softmax(x) @ REWARDS), THETA.copy())
    yield "finite differences agree with the exact gradient", bool(np.allclose(made, exact, atol=1e-7))
