"""The labelled equations of "Reinforcement learning in one sitting" against enumeration, finite differences and hand work."""

import itertools

import belief
import chain
import gae
import gradient_estimators as estimators
import numpy as np
import off_policy
import ppo_clip
import pytest

RNG = np.random.default_rng


def random_policy(seed):
    go = RNG(seed).uniform(0.1, 0.9, 3)
    return np.stack([1 - go, go], axis=1)


def value_by_enumeration(policy, state=0, action=None):
    return sum(p * chain.discounted(rewards) for p, _, _, rewards in chain.trajectories(policy, state, action))


def central(function, x, step=1e-6):
    made = np.zeros(len(x))
    for n in range(len(x)):
        nudge = np.eye(len(x))[n] * step
        made[n] = (function(x + nudge) - function(x - nudge)) / (2 * step)
    return made


def test_return():
    assert chain.discounted([1.0, 2.0, 3.0], 0.5) == pytest.approx(1 + 2 / 2 + 3 / 4)


def test_belief():
    rng = RNG(0)
    P, O = rng.dirichlet(np.ones(3), 3), rng.dirichlet(np.ones(2), 3)  # noqa: E741
    start = rng.dirichlet(np.ones(3))
    joint = {after: sum(start[before] * P[before, after] * O[after, 1] for before in range(3)) for after in range(3)}
    by_hand = np.array([joint[s] for s in range(3)]) / sum(joint.values())
    assert belief.update(start, P, O, 1) == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_bellman(seed):
    policy = random_policy(seed)
    V = chain.evaluate(policy)
    assert pytest.approx([value_by_enumeration(policy, s) for s in range(3)], abs=1e-10) == V
    Q = chain.action_values(V)
    assert Q[1, chain.GO] == pytest.approx(value_by_enumeration(policy, 1, chain.GO), abs=1e-10)


def test_bellman_optimality():
    every = [np.eye(2)[list(actions)] for actions in itertools.product((0, 1), repeat=3)]
    best = np.max([[value_by_enumeration(policy, s) for s in range(3)] for policy in every], axis=0)
    assert chain.value_iteration(5)[-1] == pytest.approx(best, abs=1e-12)
    assert best == pytest.approx([4.05, 4.5, 5.0])


def test_contraction():
    rng = RNG(1)
    shrink = []
    for _ in range(500):
        V, W = rng.normal(0, 5, (2, 3))
        shrink.append(np.abs(chain.backup(V) - chain.backup(W)).max() / np.abs(V - W).max())
    assert max(shrink) <= chain.GAMMA + 1e-12
    assert max(shrink) > 0.85  # the bound is reached, not merely kept


def test_td_error():
    assert gae.td_errors([0.0, 0.0, 10.0], [1.0, 1.0, 2.0, 0.0], 0.9) == pytest.approx([-0.1, 0.8, 8.0])
    policy = random_policy(3)
    V = chain.evaluate(policy)
    mean = sum(
        p * gae.td_errors(rewards, np.append(V[states], 0.0), chain.GAMMA)[0]
        for p, states, _, rewards in chain.trajectories(policy)
    )
    assert mean == pytest.approx(0.0, abs=1e-12)  # with the true values the error has mean zero


def test_td_update():
    assert chain.td_step([1.0, 1.0, 2.0], 1, 0.0, 2, 0.5) == pytest.approx([1.0, 1.4, 2.0])  # 1 + .5 (1.8 - 1)
    V = np.zeros(3)
    for _ in range(400):  # expected updates lead to the values of the policy that goes on
        for s, reward, after in ((2, 5.0, chain.END), (1, 0.0, 2), (0, 0.0, 1)):
            V = chain.td_step(V, s, reward, after, 0.1)
    assert pytest.approx([4.05, 4.5, 5.0], abs=1e-6) == V


def test_q_learning():
    rng = RNG(0)
    Q = np.zeros((3, 2))
    for n in range(60_000):  # all actions tried in all states; the step size falls as the theorem asks
        s, a = rng.integers(3), rng.integers(2)
        outcomes = chain.CHAIN[s, a]
        _, reward, after = outcomes[rng.integers(len(outcomes))]
        Q = chain.q_step(Q, s, a, reward, after, 1 / (1 + n / 60) ** 0.8)
    assert pytest.approx(chain.action_values(np.array([4.05, 4.5, 5.0])), abs=0.3) == Q


def test_score_zero():
    e = estimators.enumerate_all(estimators.start(0))
    assert np.abs(np.einsum("xy,xyn->n", e["probability"], e["score"][:, :, 0])).max() < 1e-12
    assert np.abs(np.einsum("xy,xyn->n", e["probability"], e["score"][:, :, 2])).max() < 1e-12


@pytest.mark.parametrize("seed", range(3))
def test_pg_theorem(seed):
    theta = estimators.start(seed)
    assert estimators.policy_gradient(theta) == pytest.approx(estimators.finite_differences(theta), abs=1e-9)


def test_baseline_invariance():
    theta = estimators.start(1)
    by_prompt = RNG(0).normal(0, 3, (64, 1))
    assert estimators.policy_gradient(theta, by_prompt) == pytest.approx(estimators.policy_gradient(theta), abs=1e-12)


def test_reward_to_go():
    theta = np.array([0.3, -0.5, 0.8])
    to_go, full = (chain.enumerated_gradient(theta, kind, toll=1.0) for kind in (True, False))
    assert to_go == pytest.approx(full, abs=1e-12)
    assert chain.enumerated_gradient(theta) == pytest.approx(
        central(lambda x: value_by_enumeration(chain.logistic(x)), theta), abs=1e-8
    )


def test_occupancy():
    policy, by_hand = random_policy(2), np.zeros(3)
    for probability, states, _, _ in chain.trajectories(policy):
        for t, s in enumerate(states):
            by_hand[s] += probability * chain.GAMMA**t
    assert chain.occupancy(policy) == pytest.approx(by_hand, abs=1e-12)


def test_pg_states():
    theta = np.array([0.3, -0.5, 0.8])
    assert chain.gradient(theta) == pytest.approx(central(lambda x: value_by_enumeration(chain.logistic(x)), theta), abs=1e-8)


def test_baseline_variance():
    theta = estimators.start(2)
    e = estimators.enumerate_all(theta)
    one = (e["reward"] - 0.3)[..., None] * e["score"].sum(2)  # every estimate that can occur: (64, 64, 64)
    chance = e["probability"] / 64
    mean = np.einsum("xy,xyn->n", chance, one)
    by_hand = np.einsum("xy,xyn->", chance, (one - mean) ** 2)
    assert estimators.one_sample_variance(theta, 0.3) == pytest.approx(by_hand, abs=1e-12)


def test_best_baseline():
    theta = estimators.start(2)
    low, middle, high = (estimators.one_sample_variance(theta, b) for b in (-1.0, 0.0, 1.0))
    vertex = (low - high) / (2 * (low - 2 * middle + high))  # of the parabola through three exact variances
    assert estimators.best_baseline(theta) == pytest.approx(vertex, abs=1e-9)


PATH = (np.array([0.5, -1.0, 2.0, 3.0]), np.array([0.7, 0.2, -0.4, 1.5, 0.0]))


def test_n_step():
    rewards, values = PATH
    deltas = [r + 0.9 * after - before for r, before, after in zip(rewards, values, values[1:], strict=False)]
    for n in (1, 2, 3, 4):
        assert gae.n_step(rewards, values, 0.9, n) == pytest.approx(sum(0.9**k * deltas[k] for k in range(n)), abs=1e-12)


@pytest.mark.parametrize("lam", [0.0, 0.3, 0.95, 1.0])
def test_gae(lam):
    rewards, values = PATH
    steps = [gae.n_step(rewards, values, 0.9, n) for n in (1, 2, 3, 4)]
    weighted = (1 - lam) * sum(lam ** (n - 1) * one for n, one in enumerate(steps[:3], 1)) + lam**3 * steps[3]
    assert gae.gae(rewards, values, 0.9, lam)[0] == pytest.approx(weighted, abs=1e-12)


def test_gae_recursion():
    assert gae.gae([0.0, 0.0, 10.0], [1.0, 1.0, 2.0, 0.0], 0.9, 0.5) == pytest.approx([1.88, 4.4, 8.0])


@pytest.mark.parametrize("seed", range(3))
def test_gae_bias(seed):
    critic = RNG(seed).normal(2, 2, 3)
    for lam in (0.0, 0.4, 0.9, 1.0):
        assert gae.bias(lam, critic) == pytest.approx(gae.moments(lam, critic)[0], abs=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_performance_difference(seed):
    old, new = random_policy(seed), random_policy(seed + 50)
    gain = value_by_enumeration(new) - value_by_enumeration(old)
    assert chain.difference(old, new) == pytest.approx(gain, abs=1e-12)


def test_surrogate():
    coin, go = np.full((3, 2), 0.5), np.eye(2)[[1, 1, 1]]
    assert chain.surrogate(coin, go) == pytest.approx(0.62)
    theta = np.array([0.3, -0.5, 0.8])
    old = chain.logistic(theta)
    slope = central(lambda x: chain.surrogate(old, chain.logistic(x)), theta)
    assert slope == pytest.approx(central(lambda x: value_by_enumeration(chain.logistic(x)), theta), abs=1e-8)


def test_ppo_clip():
    by_hand = {(1, 0.6): 0.6, (1, 1.0): 1.0, (1, 1.4): 1.2, (-1, 0.6): -0.8, (-1, 1.0): -1.0, (-1, 1.4): -1.4}
    for (sign, ratio), value in by_hand.items():
        assert ppo_clip.clipped(ratio, sign, 0.2) == pytest.approx(value)


def test_ppo_clip_gradient():
    for ratio in np.linspace(0.31, 1.69, 47):
        for advantage in (2.0, -0.7):
            steep = (ppo_clip.clipped(ratio + 1e-6, advantage) - ppo_clip.clipped(ratio - 1e-6, advantage)) / 2e-6
            assert ppo_clip.slope(ratio, advantage) == pytest.approx(steep, abs=1e-6)


@pytest.mark.parametrize("p", [0.5, 0.2, 0.05, 0.01])
def test_clip_leak(p):
    assert ppo_clip.climb(p) == pytest.approx(ppo_clip.leak(p), rel=0.01)


@pytest.mark.parametrize("weight", [0.3, 1.0, 2.0])
def test_soft_bellman(weight):
    V = np.array([1.0, 2.0, 3.0])
    Q, p = chain.action_values(V), np.linspace(1e-6, 1 - 1e-6, 200_001)
    entropy = -(p * np.log(p) + (1 - p) * np.log(1 - p))
    by_search = [(p * q[1] + (1 - p) * q[0] + weight * entropy).max() for q in Q]
    assert chain.soft_backup(V, weight) == pytest.approx(by_search, abs=1e-6)


@pytest.mark.parametrize("weight", [0.3, 2.0])
def test_soft_policy(weight):
    Q, p = np.array([[1.0, 1.5]]), np.linspace(1e-6, 1 - 1e-6, 200_001)
    entropy = -(p * np.log(p) + (1 - p) * np.log(1 - p))
    best = p[np.argmax(p * 1.5 + (1 - p) * 1.0 + weight * entropy)]
    assert chain.soft_policy(Q, weight)[0, 1] == pytest.approx(best, abs=1e-4)


def test_importance():
    score = RNG(0).normal(size=(2, 2, 2))
    under_target = weighted = 0.0
    for actions in itertools.product((0, 1), repeat=3):
        target, behaviour = (np.prod(p[list(actions)]) for p in (off_policy.TARGET, off_policy.BEHAVIOUR))
        under_target += target * score[actions]
        weighted += behaviour * off_policy.weight(actions) * score[actions]
    assert weighted == pytest.approx(under_target, abs=1e-12)


def test_importance_variance():
    for steps in (1, 3, 6):
        mean = second = 0.0
        for actions in itertools.product((0, 1), repeat=steps):
            chance = np.prod(off_policy.BEHAVIOUR[list(actions)])
            w = off_policy.TARGET[list(actions)].prod() / chance
            mean, second = mean + chance * w, second + chance * w**2
        assert off_policy.weight_variance(steps) == pytest.approx(second - mean**2, abs=1e-10)


def test_triad():
    w = 1.0
    for _ in range(20):
        w = off_policy.off_policy_step(w, 0.1, 0.8)
    assert w == pytest.approx((1 + 0.1 * (2 * 0.8 - 1)) ** 20)
    assert off_policy.off_policy_step(1.0, 0.1, 0.4) < 1  # a discount below one half: no divergence
