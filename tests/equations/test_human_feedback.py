"""The equations of the chapter on human feedback, against enumeration, quadrature, minimisation and other code."""

from itertools import product

import dpo
import numpy as np
import pytest
import reward_model as lab
from kl_optimum import gibbs, natural_step
from sequences import softmax

STEP = 1e-6
WINNERS, LOSERS = np.array([0, 1, 0, 2]), np.array([1, 2, 2, 3])


def log_likelihood(reward, winners=WINNERS, losers=LOSERS, margin=0.0):
    """Bradley-Terry written with exponentials, as strength over the sum of strengths."""
    strength = np.exp(reward)
    return float(np.mean(np.log(strength[winners] / (strength[winners] + strength[losers] * np.exp(margin)))))


def grid_minimum(function, low=-20.0, high=20.0):
    """Golden-section search."""
    ratio = (5**0.5 - 1) / 2
    for _ in range(200):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, b) if function(a) < function(b) else (a, high)
    return (low + high) / 2


def test_loss():
    reward = np.array([0.3, -1.2, 0.8, 2.0])
    assert lab.loss(reward[WINNERS] - reward[LOSERS]) == pytest.approx(-log_likelihood(reward), abs=1e-12)


def test_margin():
    reward = np.array([0.3, -1.2, 0.8, 2.0])
    assert lab.loss(reward[WINNERS] - reward[LOSERS], 1.5) == pytest.approx(-log_likelihood(reward, margin=1.5), abs=1e-12)


def test_gradient():
    reward = np.array([0.3, -1.2, 0.8, 2.0])
    for margin in (0.0, 1.5):
        found = lab.table_gradient(reward, WINNERS, LOSERS, margin)
        for k, unit in enumerate(np.eye(4)):
            up, down = (-log_likelihood(reward + s * unit, margin=margin) for s in (STEP, -STEP))
            assert found[k] == pytest.approx((up - down) / (2 * STEP), abs=1e-8)


def test_invariance():
    """A constant for each prompt changes no probability, and the gradient has no part along it."""
    reward, prompts = np.array([0.3, -1.2, 0.8, 2.0, 0.1]), np.array([0, 0, 0, 1, 1])
    winners, losers = np.array([0, 1, 3, 4]), np.array([1, 2, 4, 3])  # pairs within a prompt
    shifted = reward + np.array([100.0, -7.0])[prompts]
    assert log_likelihood(reward, winners, losers) == pytest.approx(log_likelihood(shifted, winners, losers), abs=1e-12)
    slope = lab.table_gradient(reward, winners, losers)
    assert abs(slope[prompts == 0].sum()) < 1e-14 and abs(slope[prompts == 1].sum()) < 1e-14
    assert np.abs(slope).max() > 0.1


def test_curvature():
    reward = np.array([0.3, -1.2, 0.8, 2.0])
    found = lab.table_curvature(reward, WINNERS, LOSERS)
    for k, unit in enumerate(np.eye(4)):
        up, down = (lab.table_gradient(reward + s * unit, WINNERS, LOSERS) for s in (STEP, -STEP))
        assert np.abs(found[k] - (up - down) / (2 * STEP)).max() < 1e-8
    values = np.linalg.eigvalsh(found)
    assert abs(values[0]) < 1e-12 < values[1]  # one flat direction, the constant, as the pairs link all four


def test_segment():
    """Sums of step rewards, and a tenth of the labels by a coin: counted on enumerated outcomes."""
    first, second = np.array([0.5, 0.2, 0.1]), np.array([0.1, -0.4, 0.3])
    strengths = np.exp(first.sum()), np.exp(second.sum())
    expected = 0.9 * strengths[0] / sum(strengths) + 0.1 * 0.5
    assert lab.segment_preference(first, second) == pytest.approx(expected, abs=1e-12)
    assert lab.segment_preference(np.array([50.0]), np.array([0.0])) == pytest.approx(0.95)


def test_margin_optimum():
    """Against a search on the loss with the margin in both orders of the labels."""
    for p, margin in ((0.75, 1.0), (0.6, 0.5), (0.9, 3.0), (0.75, 0.0)):
        found = grid_minimum(
            lambda difference, p=p, margin=margin: (
                p * lab.loss(np.array([difference]), margin) + (1 - p) * lab.loss(np.array([-difference]), margin)
            )
        )
        assert lab.margin_optimum(p, margin) == pytest.approx(found, abs=1e-5)


def test_ece():
    """Predictions too high in one bin and too low in another do not cancel."""
    rows = np.array([[0.6, 0.7, 30], [0.9, 0.8, 30], [0.75, 0.75, 40]])
    assert lab.calibration_error(rows) == pytest.approx((30 * 0.1 + 30 * 0.1) / 100)
    rng = np.random.default_rng(0)
    p = rng.random(200_000)
    assert lab.calibration_error(lab.reliability(p, p)) < 1e-12


def test_ceiling():
    """A perfect model's accuracy and two annotators' agreement, for many mixtures of clear and unclear pairs."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        p = 0.5 + 0.5 * rng.random(rng.integers(1, 6))  # probability of the better answer's label
        agreement = np.mean(p**2 + (1 - p) ** 2)
        assert np.mean(p) <= lab.ceiling(agreement) + 1e-12
        if len(p) == 1:
            assert np.mean(p) == pytest.approx(lab.ceiling(agreement), abs=1e-12)


def test_borda():
    """At the maximum of the likelihood over all pairs, each response's predicted mean win rate is its real one; the order is
    the same. The maximum is found by Newton's method of another module."""
    rng = np.random.default_rng(1)
    for _ in range(5):
        raw = rng.random((5, 5))
        prefer = raw / (raw + raw.T)  # any probabilities, cycles allowed
        reward = dpo.fit(np.eye(5), dpo.pairs(prefer, np.full(5, 0.2)), 1.0)
        predicted = 1 / (1 + np.exp(reward[None, :] - reward[:, None]))
        assert np.abs(predicted.mean(axis=1) - lab.borda(prefer)).max() < 1e-8
        assert np.all(np.argsort(reward) == np.argsort(lab.borda(prefer)))


def test_amplify():
    """Against the closed-form optimum for the reward that Bradley-Terry fits."""
    reference, p, beta = np.array([0.6, 0.4]), 0.55, 0.2
    optimum = gibbs(reference, np.array([np.log(p / (1 - p)), 0.0]), beta)
    factor = (optimum[0] / optimum[1]) / (reference[0] / reference[1])
    assert lab.amplified_odds(p, beta) == pytest.approx(factor, rel=1e-10)


def test_bon():
    """Against all draws with replacement from five responses."""
    scores = np.array([0.2, -1.0, 3.0, 0.5, 1.0])
    for n in (1, 2, 3, 4):
        counted = np.zeros(5)
        for draw in product(range(5), repeat=n):
            counted[max(draw, key=lambda k: scores[k])] += 5.0**-n
        assert np.abs(lab.best_of_n(scores, n) - counted).max() < 1e-12


def test_bon_kl():
    """Against quadrature of the density n u^(n-1) of the best quantile, and as a bound with atoms."""
    u = (np.arange(400_000) + 0.5) / 400_000
    for n in (2, 4, 16, 128):
        density = n * u ** (n - 1)
        assert lab.bon_kl(n) == pytest.approx(float(np.mean(density * np.log(np.maximum(density, 1e-300)))), abs=1e-5)
        p = lab.best_of_n(np.arange(6.0), n)
        assert lab.kl_from_uniform(p) < lab.bon_kl(n)


def test_bon_is_a_tilt():
    """Best-of-n on a fine pool is the optimum for the reward ln(quantile) with KL weight 1/(n-1)."""
    rng = np.random.default_rng(2)
    scores = rng.standard_normal(20_000)
    quantile = (np.argsort(np.argsort(scores)) + 0.5) / len(scores)
    for n in (2, 5, 30):
        tilted = lab.tilt(np.log(quantile), 1 / (n - 1))
        assert 0.5 * np.abs(tilted - lab.best_of_n(scores, n)).sum() < 1e-5


def test_forms():
    """Data made by each form are fitted by it and missed by the other."""
    d = np.linspace(0.2, 3, 20)
    for k, second in enumerate((d**2, d * np.log(d))):
        misses = lab.forms(np.column_stack([d**2, d, 2 * d - 0.7 * second]))
        assert misses[k] < 1e-10 < 0.01 < misses[1 - k]


def test_quadratic():
    """Against tilting on a grid: linear proxy w x, Gaussian reference, gold a x - bend * x_2^2."""
    axis = np.linspace(-9, 9, 901)
    x1, x2 = np.meshgrid(axis, axis, indexing="ij")
    w, a, bend = np.array([0.6, 0.8]), np.array([1.0, 1.0]), 0.5
    log_reference = -0.5 * (x1**2 + x2**2)
    log_reference -= np.log(np.exp(log_reference).sum())
    wanted = a[0] * x1 + a[1] * x2 - bend * x2**2
    base = np.sum(np.exp(log_reference) * wanted)
    for beta in (2.0, 0.7, 0.4):
        tilted = log_reference + (w[0] * x1 + w[1] * x2) / beta
        p = np.exp(tilted - tilted.max())
        p /= p.sum()
        kl = np.sum(p * (np.log(p + 1e-300) - log_reference))
        assert lab.quadratic_gold(np.sqrt(kl), a @ w, bend, w[1]) == pytest.approx(float(np.sum(p * wanted) - base), abs=1e-6)


def test_one_path():
    """Natural steps of a table with any KL weight stay on the line through the reward: against the Fisher-matrix step."""
    rng = np.random.default_rng(3)
    reference, reward = softmax(rng.standard_normal(6)), rng.standard_normal(6)
    for beta, rate in ((0.0, 0.3), (0.5, 0.3), (2.0, 0.4)):
        path, theta = lab.natural_path(reward, beta, rate, 6), np.log(reference)
        for log_ratio in path:
            gap = theta - np.log(reference)
            assert np.abs(gap - gap.mean() - log_ratio).max() < 1e-10
            slope = log_ratio @ (reward - reward.mean()) / np.sum((reward - reward.mean()) ** 2)
            assert np.abs(log_ratio - slope * (reward - reward.mean())).max() < 1e-10  # on the line of the tilts
            theta = natural_step(theta, reference, reward, beta, rate)
