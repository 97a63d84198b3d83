"""The equations of the chapter on direct alignment, against enumeration, finite differences and other algorithms."""

import dpo as lab
import numpy as np
import preference_losses as losses
import pytest
from kl_optimum import gibbs

STEP = 1e-6


def slope(function, at):
    return (function(at + STEP) - function(at - STEP)) / (2 * STEP)


def world(seed=0, size=5):
    rng = np.random.default_rng(seed)
    reference = rng.dirichlet(np.ones(size))
    return rng, reference, rng.normal(size=size)


def preference(reward):
    return 1 / (1 + np.exp(-(reward[:, None] - reward[None, :])))


def test_margin():
    """The margin of the optimum is the difference of rewards over beta, from probabilities of an enumerated optimum."""
    _, reference, reward = world()
    p = reference * np.exp(reward / 0.3)
    p /= p.sum()
    h = losses.margin(np.log(p[1]), np.log(p[3]), np.log(reference[1]), np.log(reference[3]))
    assert h == pytest.approx((reward[1] - reward[3]) / 0.3, abs=1e-9)


def test_implicit_reward():
    """beta times the log-ratio of the optimum is the reward up to one constant for all responses."""
    _, reference, reward = world(1)
    constant = 0.7 * np.log(gibbs(reference, reward, 0.7) / reference) - reward
    assert np.ptp(constant) < 1e-10
    assert constant[0] == pytest.approx(-0.7 * np.log(np.sum(reference * np.exp(reward / 0.7))), abs=1e-10)


def test_policy_preference():
    """The Bradley-Terry probabilities come back from the margins of the optimum's logits."""
    rng, reference, reward = world(2)
    theta = (reward + rng.normal()) / 0.4  # any constant
    p = lab.policy(theta, np.eye(5), reference)
    assert np.abs(p - gibbs(reference, reward, 0.4)).max() < 1e-12
    assert np.abs(1 / (1 + np.exp(-0.4 * lab.margins(theta, np.eye(5)))) - preference(reward)).max() < 1e-12


def test_dpo_loss():
    """Minus the log-likelihood of labels under Bradley-Terry, with probabilities written out."""
    p, q = np.array([0.2, 0.05]), np.array([0.1, 0.1])
    odds = (p[0] / q[0]) ** 0.5 / (p[1] / q[1]) ** 0.5
    assert losses.dpo(np.log(p[0] / q[0]) - np.log(p[1] / q[1]), 0.5) == pytest.approx(-np.log(odds / (1 + odds)), abs=1e-12)


def test_dpo_gradient():
    """Slope and gradient against finite differences."""
    for h in (-3.0, 0.0, 2.0):
        assert losses.dpo_slope(h, 0.3) == pytest.approx(slope(lambda m: losses.dpo(m, 0.3), h), abs=1e-8)
    rng, reference, reward = world(3)
    features, theta = rng.normal(size=(5, 3)), rng.normal(size=3)
    w = lab.pairs(preference(reward), reference)
    for k, unit in enumerate(np.eye(3)):
        numeric = slope(lambda t, unit=unit: lab.loss(theta + t * unit, features, w, 0.6), 0.0)
        assert lab.gradient(theta, features, w, 0.6)[k] == pytest.approx(numeric, abs=1e-8)


def test_dpo_score():
    """The gradient as scores of the policy: the normaliser's part cancels between chosen and rejected."""
    rng, reference, _ = world(4)
    features, theta = rng.normal(size=(5, 3)), rng.normal(size=3)
    p = lab.policy(theta, features, reference)
    score = features - p @ features  # gradient of log p for each response
    w = np.zeros((5, 5))
    w[2, 4] = 1.0
    h = np.log(p[2] / reference[2]) - np.log(p[4] / reference[4])
    by_score = -0.6 / (1 + np.exp(0.6 * h)) * (score[2] - score[4])
    assert np.abs(lab.gradient(theta, features, w, 0.6) - by_score).max() < 1e-12


def test_hessian():
    """Second derivative against finite differences of the gradient; no negative eigenvalue."""
    rng, reference, reward = world(5)
    features, theta = rng.normal(size=(5, 3)), rng.normal(size=3)
    w = lab.pairs(preference(reward), reference)
    numeric = np.array([slope(lambda t, u=u: lab.gradient(theta + t * u, features, w, 0.6), 0.0) for u in np.eye(3)])
    found = lab.hessian(theta, features, w, 0.6)
    assert np.abs(found - numeric).max() < 1e-7
    assert np.linalg.eigvalsh(found).min() > -1e-12


def test_dpo_equals_rlhf():
    """On sampled labels: DPO's minimum is the closed-form optimum of the Bradley-Terry fit found by Zermelo's iteration."""
    rng, reference, reward = world(6)
    w = lab.sample_pairs(rng, preference(reward), np.full(5, 0.2), 500)
    strength = np.ones(5)
    for _ in range(5_000):
        played = (w + w.T) / (strength[:, None] + strength[None, :])
        strength = w.sum(axis=1) / played.sum(axis=1)
        strength /= strength.mean()
    expected = gibbs(reference, np.log(strength), 0.3)
    assert lab.distance(lab.policy(lab.fit(np.eye(5), w, 0.3), np.eye(5), reference), expected) < 1e-8
    assert lab.distance(lab.rlhf(np.eye(5), w, reference, 0.3), expected) < 1e-8


def test_displacement():
    """First-order change of log p against finite differences of the policy along the step."""
    rng, reference, _ = world(7)
    features = rng.normal(size=(5, 2))
    push = features[1] - features[3]
    numeric = slope(lambda t: np.log(lab.policy(t * push, features, reference)[1]), 0.0)
    assert lab.first_change(features, reference, 1, 3) == pytest.approx(numeric, abs=1e-8)


def test_ipo_loss():
    """IPO's expectation is least where the margin is (win probability - 1/2) / tau, found on a grid."""
    tau, win, grid = 0.4, 0.8, np.linspace(-4, 4, 8001)
    expected = win * losses.ipo(grid, tau) + (1 - win) * losses.ipo(-grid, tau)
    assert grid[np.argmin(expected)] == pytest.approx((win - 0.5) / tau, abs=1e-3)
    assert losses.ipo_slope(0.7, tau) == pytest.approx(slope(lambda h: losses.ipo(h, tau), 0.7), abs=1e-8)


def test_ipo_optimum():
    """Gradient descent on IPO's loss over all pairs ends at the reference reweighted by exp(win rate / tau)."""
    rng, reference, _ = world(8)
    prefer = rng.uniform(size=(5, 5))
    prefer = np.triu(prefer, 1) + np.tril(1 - prefer.T, -1) + 0.5 * np.eye(5)
    w, theta = lab.pairs(prefer, np.full(5, 0.2)), np.zeros(5)
    for _ in range(2_000):
        pull = 2 * w * (theta[:, None] - theta[None, :] - 1 / (2 * 0.7))
        theta = theta - (pull.sum(axis=1) - pull.sum(axis=0))
    p = reference * np.exp(theta)
    assert lab.distance(p / p.sum(), lab.ipo_optimum(reference, prefer.mean(axis=1), 0.7)) < 1e-9


def test_kto_loss():
    """Value, and slopes of both kinds against finite differences; the steepest point is the anchor."""
    assert losses.kto(1.5, True, 2.0, 0.5) == pytest.approx(1 - 1 / (1 + np.exp(-2.0)), abs=1e-12)
    assert losses.kto(1.5, False, 2.0, 0.5, 3.0) == pytest.approx(3 * (1 - 1 / (1 + np.exp(2.0))), abs=1e-12)
    for kind in (True, False):
        numeric = slope(lambda r, kind=kind: losses.kto(r, kind, 0.8, 0.5, 1.3), 0.9)
        assert losses.kto_slope(0.9, kind, 0.8, 0.5, 1.3) == pytest.approx(numeric, abs=1e-8)
    grid = np.linspace(-5, 5, 1001)
    assert grid[np.argmax(np.abs(losses.kto_slope(grid, True, 0.8, 0.5)))] == pytest.approx(0.5, abs=0.02)


def test_simpo_loss():
    """Value from probabilities written out; slopes against finite differences."""
    p, q = 0.5, 0.25  # geometric means of the token probabilities
    win = (p / q) ** 2 / ((p / q) ** 2 + np.exp(1.0))
    assert losses.simpo(np.log(p), np.log(q), 2.0, 1.0) == pytest.approx(-np.log(win), abs=1e-12)
    a, b = losses.simpo_slopes(-0.6, -1.4, 2.0, 1.0)
    assert a == pytest.approx(slope(lambda c: losses.simpo(c, -1.4, 2.0, 1.0), -0.6), abs=1e-8)
    assert b == pytest.approx(slope(lambda r: losses.simpo(-0.6, r, 2.0, 1.0), -1.4), abs=1e-8)


def test_odds():
    """Odds of a probability of 0.8 are 4."""
    assert losses.log_odds(np.log(0.8)) == pytest.approx(np.log(4.0), abs=1e-12)


def test_orpo_loss():
    """Value from odds written out; slopes against finite differences."""
    assert losses.orpo(np.log(0.8), np.log(0.5), 0.3) == pytest.approx(-np.log(0.8) - 0.3 * np.log(4 / 5), abs=1e-12)
    a, b = losses.orpo_slopes(-0.6, -1.4, 0.3)
    assert a == pytest.approx(slope(lambda c: losses.orpo(c, -1.4, 0.3), -0.6), abs=1e-8)
    assert b == pytest.approx(slope(lambda r: losses.orpo(-0.6, r, 0.3), -1.4), abs=1e-8)


def test_cdpo_loss():
    """Cross-entropy against a soft label; slope against finite differences."""
    p = 1 / (1 + np.exp(-0.5 * 1.2))
    assert losses.cdpo(1.2, 0.5, 0.2) == pytest.approx(-0.8 * np.log(p) - 0.2 * np.log(1 - p), abs=1e-12)
    assert losses.cdpo_slope(1.2, 0.5, 0.2) == pytest.approx(slope(lambda h: losses.cdpo(h, 0.5, 0.2), 1.2), abs=1e-8)


def test_cdpo_margin():
    """The minimum of conservative DPO on a grid."""
    grid = np.linspace(-20, 20, 40_001)
    assert grid[np.argmin(losses.cdpo(grid, 0.5, 0.2))] == pytest.approx(losses.cdpo_margin(0.5, 0.2), abs=2e-3)


def test_rdpo_loss():
    """Averaged over flipped labels, robust DPO is clean DPO; slope against finite differences."""
    for h in (-2.0, 0.3, 5.0):
        averaged = 0.8 * losses.rdpo(h, 0.5, 0.2) + 0.2 * losses.rdpo(-h, 0.5, 0.2)
        assert averaged == pytest.approx(np.log(1 + np.exp(-0.5 * h)), abs=1e-12)
        assert losses.rdpo_slope(h, 0.5, 0.2) == pytest.approx(slope(lambda m: losses.rdpo(m, 0.5, 0.2), h), abs=1e-8)


def test_beta_dpo():
    """At the threshold beta stays; one unit above it grows by the scale, one below it shrinks."""
    assert losses.dynamic_beta(0.2, 0.5, 3.0, 3.0) == pytest.approx(0.2)
    assert losses.dynamic_beta(0.2, 0.5, 4.0, 3.0) == pytest.approx(0.3)
    assert losses.dynamic_beta(0.2, 0.5, 2.0, 3.0) == pytest.approx(0.1)


def test_length_dpo():
    """At the optimum of reward minus alpha times length, the loss is minus log of the Bradley-Terry probability."""
    _, reference, reward = world(9)
    length, alpha, beta = np.array([3, 8, 5, 2, 9]), 0.2, 0.5
    p = gibbs(reference, reward - alpha * length, beta)
    h = losses.margin(np.log(p[1]), np.log(p[2]), np.log(reference[1]), np.log(reference[2]))
    found = losses.length_dpo(h, beta, alpha, length[1], length[2])
    assert found == pytest.approx(-np.log(preference(reward)[1, 2]), abs=1e-10)


def mixed(p, reference, reward, beta):
    ratio = p / reference
    return p @ reward - beta * (p @ np.log(ratio)) - beta * 0.5 * reference @ (ratio - 1) ** 2


def test_chipo_link():
    """At the policy of the link no exchange of mass between two responses improves reward - beta (KL + chi-squared)."""
    _, reference, reward = world(10)
    p = losses.chipo_policy(reference, reward, 0.3)
    assert p.sum() == pytest.approx(1.0, abs=1e-10)
    for i in range(5):
        for j in range(i):
            move = np.eye(5)[i] - np.eye(5)[j]
            assert slope(lambda t, move=move: mixed(p + t * move, reference, reward, 0.3), 0.0) == pytest.approx(0.0, abs=1e-6)


def test_chipo_loss():
    """On the population of pairs the loss is least at that policy."""
    rng, reference, reward = world(11)
    prefer = preference(reward)

    def population(p):
        ratio = np.log(p / reference)
        return sum(prefer[i, j] * losses.chipo(ratio[i], ratio[j], 0.3) for i in range(5) for j in range(5) if i != j)

    best = losses.chipo_policy(reference, reward, 0.3)
    for _ in range(50):
        other = best * np.exp(0.05 * rng.normal(size=5))
        assert population(other / other.sum()) > population(best)


def test_token_reward():
    """Soft values of a two-token tree against enumeration of its four completions."""
    rng = np.random.default_rng(12)
    tokens, reward, beta = rng.dirichlet(np.ones(2), size=3), rng.normal(size=(2, 2)), 0.4
    whole = tokens[0][:, None] * tokens[1:]
    target = whole * np.exp(reward / beta)
    start, after, first, second = lab.soft_values(tokens, reward, beta)
    assert start == pytest.approx(beta * np.log(target.sum()), abs=1e-10)
    target /= target.sum()
    assert np.abs(first[:, None] * second - target).max() < 1e-12
    per_token = beta * np.log(first / tokens[0])[:, None] + beta * np.log(second / tokens[1:])
    assert np.abs(per_token - (reward - start)).max() < 1e-10
    assert np.abs(beta * np.log(first / tokens[0]) - (after - start)).max() < 1e-10


def test_rebel_loss():
    """Zero on every pair exactly at the old policy reweighted by exp(eta reward)."""
    _, old, reward = world(13)
    new = old * np.exp(0.6 * reward)
    new /= new.sum()
    for i in range(5):
        for j in range(5):
            h = losses.margin(np.log(new[i]), np.log(new[j]), np.log(old[i]), np.log(old[j]))
            assert losses.rebel(h, 0.6, reward[i] - reward[j]) == pytest.approx(0.0, abs=1e-12)
    assert losses.rebel_slope(1.0, 0.6, 0.4) == pytest.approx(slope(lambda h: losses.rebel(h, 0.6, 0.4), 1.0), abs=1e-8)
