"""The equations of the chapter on policy gradients at scale, against enumeration, finite differences and simulation."""

from itertools import product

import async_rollouts as rollouts
import compute_curve
import entropy_change
import length_adaptive
import numpy as np
import pytest
import rollout_mismatch as lab
import weight_variance as spread_of

STEP = 1e-6


def small(seed, length=3, noise=0.7):
    w = lab.world(seed, length)
    return lab.log_table(w["logits"]), lab.log_table(w["logits"] + noise * w["noise"]), w


def slopes(function, at):
    """Derivatives of a scalar by every entry, by central differences."""
    result = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[place] += STEP
        down[place] -= STEP
        result[place] = (function(up) - function(down)) / (2 * STEP)
    return result


def by_hand(policy, length, vocab):
    """Probability of every completion, multiplied out token by token; rows found by their prefix."""
    rows = {prefix: n for n, prefix in enumerate(p for size in range(length) for p in product(range(vocab), repeat=size))}
    ys = list(product(range(vocab), repeat=length))
    return ys, rows, np.array([np.prod([np.exp(policy[rows[y[:t]], y[t]]) for t in range(length)]) for y in ys])


def test_unbiased():
    """The mean over the sampler's completions of weight x reward x score, summed here, is the derivative of pi's reward."""
    pi, mu, w = small(0)
    P, K = w["prefixes"], w["tokens"]
    share = by_hand(mu, 3, 3)[2]
    mean = lab.estimate(pi, P, K, w["reward"], lab.weights(lab.ratios(pi, mu, P, K), "sequence"), share)
    found = slopes(lambda z: by_hand(lab.log_table(z), 3, 3)[2] @ w["reward"], w["logits"])
    assert np.abs(mean - found).max() < 1e-8


def test_token():
    """The mean of the estimate with token ratios, term by term over completions, positions and scores."""
    pi, mu, w = small(1)
    ys, rows, share = by_hand(mu, 3, 3)
    mean = np.zeros_like(pi)
    for y, p, r in zip(ys, share, w["reward"], strict=True):
        for t in range(3):
            row = rows[y[:t]]
            ratio = np.exp(pi[row, y[t]] - mu[row, y[t]])
            mean[row] += p * r * ratio * ((np.arange(3) == y[t]) - np.exp(pi[row]))
    assert np.abs(lab.token_gradient(pi, mu, w["reward"]) - mean).max() < 1e-12


def test_token_bound():
    """The sum over positions of the two parts of the proof; and it holds for random policies."""
    for length in (1, 2, 5, 9):
        parts = sum(2 * t * 0.1 + (length - t - 1) * 0.1 for t in range(length)) * 0.7
        assert lab.token_bias_bound(0.1, length, 0.7) == pytest.approx(parts, abs=1e-12)
    for seed in range(10):
        pi, mu, w = small(seed, 4, 0.3)
        p = np.exp(pi)
        distance = float(0.5 * np.abs(p - np.exp(mu)).sum(axis=1).max())
        jacobian = np.array([np.diag(row) - np.outer(row, row) for row in p])  # by token, by logit
        size = float(np.linalg.norm(jacobian, axis=2).sum(axis=1).max())
        gap = np.linalg.norm(lab.true_gradient(pi, w) - lab.token_gradient(pi, mu, w["reward"]))
        assert gap <= lab.token_bias_bound(distance, 4, size)


def test_baseline():
    """The mean score under the sampler is minus the derivative of KL(mu || pi), by finite differences."""
    pi, mu, w = small(2)
    share = by_hand(mu, 3, 3)[2]
    ones = np.ones(w["prefixes"].shape)
    mean = lab.estimate(pi, w["prefixes"], w["tokens"], np.ones(len(share)), ones, share)
    found = slopes(lambda z: share @ (np.log(share) - np.log(by_hand(lab.log_table(z), 3, 3)[2])), w["logits"])
    assert np.abs(mean + found).max() < 1e-8
    assert np.abs(mean).max() > 1e-3


def test_lognormal():
    """Gauss-Hermite integration of one token's squared ratio; then the product over tokens."""
    nodes, masses = np.polynomial.hermite_e.hermegauss(40)
    masses = masses / masses.sum()
    for spread, length in ((0.02, 100), (0.3, 7)):
        log_ratio = spread * nodes - spread**2 / 2
        assert masses @ np.exp(log_ratio) == pytest.approx(1, abs=1e-12)
        second = (masses @ np.exp(2 * log_ratio)) ** length
        assert spread_of.lognormal_variance(spread, length) == pytest.approx(second - 1, rel=1e-9)


def test_ess():
    """Squared sum over sum of squares, of weights in the proportions in which the sampler draws them."""
    mu, pi = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])
    drawn = np.repeat(pi / mu, (5000, 3000, 2000))
    kish = drawn.sum() ** 2 / (drawn**2).sum() / len(drawn)
    assert spread_of.effective_share(float(mu @ (pi / mu) ** 2)) == pytest.approx(kish, abs=1e-12)


def test_ess_bound():
    """Random distributions stay below; uniform on a part of the sampler's support reaches it."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        mu, pi = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6))
        share = 1 / float(pi @ (pi / mu))
        assert share <= spread_of.share_bound(float(pi @ np.log(pi / mu)))
    assert spread_of.share_bound(float(np.log(4))) == pytest.approx(1 / 4, abs=1e-12)  # a quarter of the support


def test_truncated_mean():
    """Summed over draws of the sampler; the shortfall is the mass of pi above the cap."""
    rng = np.random.default_rng(1)
    for _ in range(10):
        q, p, f = rng.dirichlet(np.ones(5)), rng.dirichlet(np.ones(5)), rng.normal(size=5)
        direct = sum(q[k] * min(p[k] / q[k], 1.5) * f[k] for k in range(5))
        assert lab.truncated_mean(p, q, f, 1.5) == pytest.approx(direct, abs=1e-12)


def test_truncated_variance():
    """Holds for random distributions; reached where every ratio on the support of f is the cap."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        q, p, f = rng.dirichlet(np.ones(5)), rng.dirichlet(np.ones(5)), rng.normal(size=5)
        second = sum(q[k] * (min(p[k] / q[k], 1.5) * f[k]) ** 2 for k in range(5))
        assert second <= lab.truncated_second_moment(p, f, 1.5) + 1e-12
    p, q, f = np.array([0.8, 0.2]), np.array([0.4, 0.6]), np.array([3.0, 0.0])
    assert lab.truncated_second_moment(p, f, 2.0) == pytest.approx(q[0] * (2 * 3) ** 2, abs=1e-12)


def test_error():
    """The least, over a grid of step sizes c, of E|c x - g|^2 for a two-point estimate x and g = (1, 0)."""
    points, masses, g = np.array([[2.0, 1.0], [0.0, -0.5]]), np.array([0.6, 0.4]), np.array([1.0, 0.0])
    mean = masses @ points
    variance = float(masses @ ((points - mean) ** 2).sum(axis=1))
    numbers = (np.linalg.norm(mean - g), variance, float(mean @ mean), float(mean @ g))
    for size in (1, 5):
        grid = np.linspace(0, 1, 20001)
        least = min(c * c * (mean @ mean + variance / size) - 2 * c * (mean @ g) + 1 for c in grid)
        assert lab.error(numbers, size) == pytest.approx(least, abs=1e-7)


def test_idle():
    """Busy time of the slots over their time until the longest has come, in the simulation in turns."""
    durations = rollouts.answers(0, 64)
    run = rollouts.side_by_side(durations, 8, 8, 0.5, 0, 8)
    shares = []
    for step in range(8):
        bars = [end - start for _, start, end, version in run.bars if version == step]
        shares.append(sum(bars) / (8 * max(bars)))
    assert shares == pytest.approx([rollouts.busy_share(durations[8 * k : 8 * k + 8]) for k in range(8)], abs=1e-12)


def test_speed_up():
    """In turns: simulated. Side by side on the same devices: the best split, by a grid."""
    durations = np.tile([1.0, 3.0, 1.0, 1.0], 20)
    turns = rollouts.side_by_side(durations, 4, 4, 0.5, 0, 12).step
    split = np.linspace(0.001, 0.999, 99_801)
    beside = np.min(np.maximum(1.5 / split, 0.5 / (1 - split)))
    assert rollouts.speed_up(1.5, 3.0, 0.5) == pytest.approx(turns / beside, rel=1e-4)


def test_admission():
    """No answer used is older than the bound, and the bound is reached."""
    for bound in (0, 1, 3):
        run = rollouts.side_by_side(rollouts.answers(5, 2000), 40, 8, 0.2, bound, 40)
        assert max(run.lags) == bound


def test_entropy():
    """The difference of two entropies."""
    rng = np.random.default_rng(3)
    p, dz = rng.dirichlet(np.ones(6)), rng.normal(size=6)
    moved = [entropy_change.entropy(entropy_change.softmax_step(p, sign * STEP * dz)) for sign in (1, -1)]
    assert entropy_change.change(p, dz) == pytest.approx((moved[0] - moved[1]) / (2 * STEP), abs=1e-8)


def test_entropy_gradient():
    """The logits move by the finite-difference gradient of the expected reward."""
    rng = np.random.default_rng(4)
    p, reward = rng.dirichlet(np.ones(6)), rng.normal(size=6)
    z = np.log(p)
    gradient = slopes(lambda v: float(np.exp(v) @ reward / np.exp(v).sum()), z)
    moved = [entropy_change.entropy(entropy_change.softmax_step(p, sign * STEP * gradient)) for sign in (1, -1)]
    assert entropy_change.gradient_change(p, reward - p @ reward, 1.0) == pytest.approx(
        (moved[0] - moved[1]) / (2 * STEP), abs=1e-7
    )


def test_trace():
    """The weights of all rewards ahead add up to alpha times the length."""
    for length in (100, 5000):
        decay = length_adaptive.trace(length, 0.05)
        assert sum(decay**t for t in range(20_000)) == pytest.approx(0.05 * length, rel=1e-6)


def test_sigmoid():
    """Start, middle and end of the curve, and its slope against the logarithm of compute at the middle."""
    numbers = (0.2, 0.6, 2.0, 10.0)
    assert compute_curve.curve(1e-6, *numbers) == pytest.approx(0.2, abs=1e-9)
    assert compute_curve.curve(10.0, *numbers) == pytest.approx(0.4, abs=1e-12)
    assert compute_curve.curve(1e9, *numbers) == pytest.approx(0.6, abs=1e-9)
    up, down = (compute_curve.curve(10.0 * np.exp(sign * STEP), *numbers) for sign in (1, -1))
    assert (up - down) / (2 * STEP) == pytest.approx(2.0 * 0.4 / 4, abs=1e-8)
