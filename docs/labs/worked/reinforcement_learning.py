"""Numbers of the chapter "Reinforcement learning in one sitting"."""

import belief
import chain
import gae
import gradient_estimators as estimators
import numpy as np
import off_policy
import ppo_clip

GO_ON = np.eye(2)[[chain.GO] * 3]  # the policy that never stops
COIN = gae.COIN


# ---- two actions that pay 11 and 10


def two_samples() -> tuple[float, float]:
    """The estimate of the gradient by the log-odds if the first or the second action is drawn."""
    return 0.5 * 11.0, -0.5 * 10.0


def two_gradient() -> float:
    return float(np.mean(two_samples()))


def two_variance() -> float:
    return float(np.var(two_samples()))


def two_centred() -> tuple[float, float]:
    return 0.5 * (11.0 - 10.5), -0.5 * (10.0 - 10.5)


# ---- the chain


def return_example() -> float:
    return chain.discounted([0.0, 0.0, 10.0])


def coin_values() -> tuple[float, ...]:
    return tuple(float(v) for v in chain.evaluate(COIN))


def coin_q_go() -> tuple[float, ...]:
    return tuple(float(q) for q in chain.action_values(chain.evaluate(COIN))[:, chain.GO])


def coin_advantage_go() -> tuple[float, ...]:
    V = chain.evaluate(COIN)
    return tuple(float(a) for a in (chain.action_values(V) - V[:, None])[:, chain.GO])


def sweep(n: int) -> tuple[float, ...]:
    return tuple(float(v) for v in chain.value_iteration(n)[n])


def sweep_1() -> tuple[float, ...]:
    return sweep(1)


def sweep_2() -> tuple[float, ...]:
    return sweep(2)


def sweep_3() -> tuple[float, ...]:
    return sweep(3)


def sweep_errors() -> tuple[float, ...]:
    """Largest error after 0, 1, 2 sweeps."""
    values = chain.value_iteration(3)
    return tuple(float(np.abs(v - values[3]).max()) for v in values[:3])


def td_after_one_pass() -> tuple[float, ...]:
    V = np.zeros(3)
    for s, reward, after in ((0, 0.0, 1), (1, 0.0, 2), (2, 10.0, chain.END)):
        V = chain.td_step(V, s, reward, after, 0.5)
    return tuple(map(float, V))


def td_after_two_passes() -> tuple[float, ...]:
    V = np.array(td_after_one_pass())
    for s, reward, after in ((0, 0.0, 1), (1, 0.0, 2), (2, 10.0, chain.END)):
        V = chain.td_step(V, s, reward, after, 0.5)
    return tuple(map(float, V))


def q_two_updates() -> tuple[float, float]:
    """Q(2, GO) after a reward of 10, then Q(1, GO), with step size 1/2, from a table of zeros."""
    Q = chain.q_step(np.zeros((3, 2)), 2, chain.GO, 10.0, chain.END, 0.5)
    Q = chain.q_step(Q, 1, chain.GO, 0.0, 2, 0.5)
    return float(Q[2, chain.GO]), float(Q[1, chain.GO])


def tiger() -> tuple[float, float]:
    """Belief after hearing the tiger on the left once and twice; the ear is right with probability 0.85."""
    ear = np.array([[0.85, 0.15], [0.15, 0.85]])
    once = belief.update(np.array([0.5, 0.5]), np.eye(2), ear, 0)
    return float(once[0]), float(belief.update(once, np.eye(2), ear, 0)[0])


def chain_gradient() -> tuple[float, ...]:
    return tuple(float(g) for g in chain.gradient(np.zeros(3)))


def chain_gradient_dropped() -> tuple[float, ...]:
    """The same without the factor gamma^t, as most code has it."""
    return tuple(float(g / chain.GAMMA**t) for t, g in enumerate(chain.gradient(np.zeros(3))))


def short_sighted() -> tuple[float, float]:
    """Going on from state 0 to the end, seen with a discount of 0.5, against stopping."""
    return chain.discounted([0.0, 0.0, 5.0], 0.5), 2.0


def switch_discount() -> float:
    """The discount above which going on beats stopping in state 0: 5 gamma^2 = 2."""
    return (2.0 / 5.0) ** 0.5


# ---- performance difference and surrogate


def true_gain() -> float:
    return float(chain.evaluate(GO_ON)[0] - chain.evaluate(COIN)[0])


def lemma_terms() -> tuple[float, ...]:
    return tuple(float(x) for x in chain.occupancy(GO_ON) * chain.expected_advantage(COIN, GO_ON))


def lemma_sum() -> float:
    return chain.difference(COIN, GO_ON)


def surrogate_gain() -> float:
    return chain.surrogate(COIN, GO_ON)


def bound_penalty() -> float:
    """4 max|A| gamma alpha^2 / (1 - gamma)^2, with alpha the largest total variation: what Theorem 1 of TRPO subtracts."""
    V = chain.evaluate(COIN)
    largest = float(np.abs(chain.action_values(V) - V[:, None]).max())
    alpha = 0.5 * float(np.abs(GO_ON - COIN).sum(1).max())
    return 4 * largest * chain.GAMMA * alpha**2 / (1 - chain.GAMMA) ** 2


# ---- advantages


DELTAS_REWARDS, DELTAS_VALUES = np.array([0.0, 0.0, 10.0]), np.array([1.0, 1.0, 2.0, 0.0])


def deltas() -> tuple[float, ...]:
    return tuple(float(d) for d in gae.td_errors(DELTAS_REWARDS, DELTAS_VALUES, chain.GAMMA))


def gae_path(lam: float) -> tuple[float, ...]:
    return tuple(float(a) for a in gae.gae(DELTAS_REWARDS, DELTAS_VALUES, chain.GAMMA, lam))


def gae_0() -> tuple[float, ...]:
    return gae_path(0.0)


def gae_half() -> tuple[float, ...]:
    return gae_path(0.5)


def gae_1() -> tuple[float, ...]:
    return gae_path(1.0)


def n_steps() -> tuple[float, ...]:
    return tuple(gae.n_step(DELTAS_REWARDS, DELTAS_VALUES, chain.GAMMA, n) for n in (1, 2, 3))


def gae_outcomes_half() -> tuple[float, ...]:
    """Values of the estimate at lambda = 1/2: stop in 1; stop in 2; end with 10; end with 0."""
    values, _ = gae.estimates(0.5)
    return tuple(float(v) for v in values)


def gae_biases() -> tuple[float, ...]:
    return tuple(gae.moments(lam)[0] for lam in (0.0, 0.5, 1.0))


def gae_variances() -> tuple[float, ...]:
    return tuple(gae.moments(lam)[1] for lam in (0.0, 0.5, 1.0))


def best_lambda_1() -> float:
    return gae.best_lambda(1)


def best_lambda_64() -> float:
    return gae.best_lambda(64)


# ---- clip


def clip_values() -> tuple[float, ...]:
    """Objective in the six cases: A = +1, then -1, with ratio 0.6, 1.0, 1.4."""
    return tuple(float(ppo_clip.clipped(ratio, sign)) for sign, ratio in ppo_clip.CASES)


def clip_slopes() -> tuple[float, ...]:
    return tuple(float(ppo_clip.slope(ratio, sign)) for sign, ratio in ppo_clip.CASES)


def leak_20() -> float:
    return ppo_clip.leak(0.2)


def leak_1() -> float:
    return ppo_clip.leak(0.01)


# ---- soft values


def soft_values() -> tuple[float, ...]:
    V = np.zeros(3)
    for _ in range(3):
        V = chain.soft_backup(V, 1.0)
    return tuple(map(float, V))


def soft_go() -> tuple[float, ...]:
    """Probability of GO in each state with entropy weight 1."""
    Q = chain.action_values(np.array(soft_values()))
    return tuple(float(p) for p in chain.soft_policy(Q, 1.0)[:, chain.GO])


# ---- off-policy


def weight_second_moment() -> float:
    return float((off_policy.TARGET**2 / off_policy.BEHAVIOUR).sum())


def weight_variance_3() -> float:
    return off_policy.weight_variance(3)


def weight_variance_10() -> float:
    return off_policy.weight_variance(10)


def triad_factor() -> float:
    return off_policy.off_policy_step(1.0)


def triad_on_policy_factor() -> float:
    return off_policy.on_policy_step(1.0)


def triad_after_100() -> float:
    return float(off_policy.runs()["all three"][100])


# ---- reward-to-go


def plain_variances() -> tuple[float, float]:
    """Full return, reward-to-go, when each step pays its own action."""
    return estimators.second_step_variances(False)


def cancelling_variances() -> tuple[float, float]:
    """The same when the first reward cancels the noise of the second."""
    return estimators.second_step_variances(True)


def estimator_numbers() -> tuple[float, ...]:
    """Seed 0, exact, one completion: J, best constant, variance without and with it, then without for rewards plus 1."""
    theta = estimators.start(0)
    best = estimators.best_baseline(theta)
    return (
        estimators.objective(theta),
        best,
        estimators.one_sample_variance(theta, 0.0),
        estimators.one_sample_variance(theta, best),
        estimators.one_sample_variance(theta, 0.0, 1.0),
    )
