"""What a test of gradient estimators has to accept and to reject."""

from collections.abc import Iterator

import numpy as np

K, GAMMA = 3, 0.6
RNG = np.random.default_rng(0)
THETA, FIRST, SECOND = RNG.normal(size=(1 + K, K)), RNG.normal(size=K), RNG.normal(size=(K, K))


def softmax(logits):
    made = np.exp(logits - logits.max())
    return made / made.sum()


def scores(theta, episode):
    """Scores of the two steps, each of the shape of theta."""
    a, b = episode
    one, two = np.zeros(theta.shape), np.zeros(theta.shape)
    one[0] = np.eye(K)[a] - softmax(theta[0])
    two[1 + a] = np.eye(K)[b] - softmax(theta[1 + a])
    return one, two


def full(theta, episode, first, second, gamma):
    a, b = episode
    one, two = scores(theta, episode)
    return (one + two) * (first[a] + gamma * second[a, b])


def to_go(theta, episode, first, second, gamma):
    a, b = episode
    one, two = scores(theta, episode)
    return one * (first[a] + gamma * second[a, b]) + two * gamma * second[a, b]


def shifted(theta, episode, first, second, gamma):
    one, two = scores(theta, episode)
    return to_go(theta, episode, first, second, gamma) - 1000.0 * one + 500.0 * two


def undiscounted(theta, episode, first, second, gamma):
    a, b = episode
    one, two = scores(theta, episode)
    return one * (first[a] + gamma * second[a, b]) + two * second[a, b]


def peeking(theta, episode, first, second, gamma):
    a, b = episode
    one, two = scores(theta, episode)
    return one * (gamma * second[a, b]) + two * gamma * second[a, b]  # the first pay as a baseline of its own action


def half(theta, episode, first, second, gamma):
    return 0.5 * full(theta, episode, first, second, gamma)


def negated(*given):
    return -full(*given)


def off_by(place, size=1e-3):
    """The right estimator, but for one component."""

    def estimator(theta, *rest):
        made = full(theta, *rest)
        made[place] += size
        return made

    return estimator


def exact(theta, first, second, gamma):
    p, q = softmax(theta[0]), np.array([softmax(row) for row in theta[1:]])
    value = first + gamma * (q * second).sum(axis=1)
    made = np.zeros(theta.shape)
    made[0] = p * (value - p @ value)
    made[1:] = gamma * p[:, None] * q * (second - (q * second).sum(axis=1, keepdims=True))
    return float(p @ value), made


def check(student) -> Iterator[tuple[str, bool]]:
    value, gradient = exact(THETA, FIRST, SECOND, GAMMA)
    given = (THETA.copy(), FIRST.copy(), SECOND.copy(), GAMMA)
    yield "the expected return is exact", bool(np.isclose(student.objective(*given), value, atol=1e-9))
    yield "the enumerated gradient is exact", bool(np.allclose(student.exact_gradient(*given), gradient, atol=1e-9))
    yield "the test accepts the full return", bool(student.passes(full, *given))
    yield "the test accepts the reward-to-go", bool(student.passes(to_go, *given))
    yield "the test accepts a huge baseline", bool(student.passes(shifted, *given))
    yield "the test rejects a dropped discount", not student.passes(undiscounted, *given)
    yield "the test accepts it where nothing is discounted", bool(student.passes(undiscounted, *given[:3], 1.0))
    yield "the test rejects a baseline that knows the action", not student.passes(peeking, *given)
    yield "the test rejects half the gradient", not student.passes(half, *given)
    yield "the test rejects the wrong sign", not student.passes(negated, *given)
    yield (
        "the test rejects a bias of 0.001 in any one component",
        not any(student.passes(off_by(place), *given) for place in np.ndindex(THETA.shape)),
    )
