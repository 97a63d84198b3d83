"""Numbers of the chapter on policy gradients at scale."""

from functools import cache

import async_rollouts as rollouts
import compute_curve
import entropy_change
import length_adaptive
import number_formats as formats
import numpy as np
import rollout_mismatch as lab
import weight_variance as spread_of

SPREAD, BATCH = 0.02, 512  # of a token's log-ratio; answers


# ---- the case at the top


def case_short() -> float:
    return BATCH * spread_of.effective_share(1 + spread_of.lognormal_variance(SPREAD, 1000))


def case_long() -> float:
    return BATCH * spread_of.effective_share(1 + spread_of.lognormal_variance(SPREAD, 10_000))


# ---- two tokens: the trainer says 0.6 and 0.4, the sampler 0.5 and 0.5

PI, MU = np.array([0.6, 0.4]), np.array([0.5, 0.5])


def coin_ratios() -> tuple[float, float]:
    return tuple(float(r) for r in PI / MU)


def coin_second() -> float:
    return float((PI**2 / MU).sum())


def coin_share(steps: int = 1) -> float:
    return spread_of.effective_share(coin_second() ** steps)


def coin_share_100() -> float:
    return coin_share(100)


# ---- one answer of two tokens, reward 1 for the answer 00 only; the trainer plays 0 with 0.5, the sampler with 0.8


def _pair() -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    prefixes, tokens = lab.paths(2, 2)
    pi, mu = np.log(np.full((3, 2), 0.5)), np.log(np.tile([0.8, 0.2], (3, 1)))
    return pi, mu, {"prefixes": prefixes, "tokens": tokens, "reward": np.array([1.0, 0, 0, 0])}


def pair_true() -> float:
    pi, _, w = _pair()
    return float(lab.true_gradient(pi, w)[0, 0])


def pair_token() -> float:
    pi, mu, w = _pair()
    return float(lab.token_gradient(pi, mu, w["reward"])[0, 0])


def pair_none() -> float:
    pi, mu, w = _pair()
    share = lab.probability(mu, w["prefixes"], w["tokens"])
    return float(lab.estimate(pi, w["prefixes"], w["tokens"], w["reward"], np.ones((4, 2)), share)[0, 0])


def pair_sequence() -> float:
    pi, mu, w = _pair()
    share = lab.probability(mu, w["prefixes"], w["tokens"])
    weight = lab.weights(lab.ratios(pi, mu, w["prefixes"], w["tokens"]), "sequence")
    return float(lab.estimate(pi, w["prefixes"], w["tokens"], w["reward"], weight, share)[0, 0])


def pair_bound() -> float:
    """Sizes: distance 0.3 at each prefix; sum over tokens of the length of the gradient of pi, 2 x 0.5 x |(0.5, -0.5)|."""
    return lab.token_bias_bound(0.3, 2, float(np.sqrt(0.5)))


# ---- effective sizes


def variance_1000() -> float:
    return spread_of.lognormal_variance(SPREAD, 1000)


def variance_10000() -> float:
    return spread_of.lognormal_variance(SPREAD, 10_000)


def half_length() -> float:
    return spread_of.longest(SPREAD, 0.5)


@cache
def logged_long() -> float:
    """Mean effective size that 2,000 drawn batches of 512 answers of 10,000 tokens show."""
    return spread_of.measured_size(SPREAD, 10_000, BATCH)


def kept_1000() -> float:
    return spread_of.kept_share(SPREAD, 1000, 2.0)


def kept_10000() -> float:
    return spread_of.kept_share(SPREAD, 10_000, 2.0)


def spread_dense() -> float:
    return spread_of.spread_from(6.4e-4)


def spread_mixture() -> float:
    return spread_of.spread_from(1.535e-3)


def share_bound_1() -> float:
    return spread_of.share_bound(1.0)


def geometric_spread() -> float:
    """Standard deviation of the mean log-ratio of 10,000 tokens."""
    return SPREAD / 100


# ---- truncation: p = (0.9, 0.1) against q = (0.3, 0.7), f = (1, 0), cap 2

P, Q, F = np.array([0.9, 0.1]), np.array([0.3, 0.7]), np.array([1.0, 0.0])


def truncated_mean() -> float:
    return lab.truncated_mean(P, Q, F, 2.0)


def plain_second() -> float:
    return float(((P / Q * F) ** 2) @ Q)


def truncated_second() -> float:
    return float(((np.minimum(P / Q, 2.0) * F) ** 2) @ Q)


def truncated_bound() -> float:
    return lab.truncated_second_moment(P, F, 2.0)


def masked_mean() -> float:
    ratio = P / Q
    return float((np.where((ratio <= 2) & (ratio >= 0.5), ratio, 0.0) * F) @ Q)


# ---- the lab


@cache
def _exact():
    return [lab.exact(seed) for seed in range(5)]


def _at(rule: str, column: int) -> list[float]:
    return [float(r["found"][rule][lab.NOISES.index(lab.SHOWN), column]) for r in _exact()]


def none_bias_least() -> float:
    return min(_at("none", 0))


def none_bias_most() -> float:
    return max(_at("none", 0))


def token_bias_least() -> float:
    return min(_at("token", 0))


def token_bias_most() -> float:
    return max(_at("token", 0))


def truncated_bias_least() -> float:
    return min(_at("sequence truncated", 0))


def truncated_bias_most() -> float:
    return max(_at("sequence truncated", 0))


def _variance(rule: str) -> list[float]:
    return [float(r["found"][rule][lab.NOISES.index(lab.SHOWN), 1] / r["found"]["none"][0, 1]) for r in _exact()]


def sequence_variance_least() -> float:
    return min(_variance("sequence"))


def sequence_variance_most() -> float:
    return max(_variance("sequence"))


def truncated_variance_least() -> float:
    return min(_variance("sequence truncated"))


def truncated_variance_most() -> float:
    return max(_variance("sequence truncated"))


def lab_share_least() -> float:
    return min(r["ess"] for r in _exact())


def lab_share_most() -> float:
    return max(r["ess"] for r in _exact())


def lab_tokens_least() -> float:
    """Tokens at which a spread of 0.02 leaves the same share."""
    return spread_of.longest(SPREAD, lab_share_most())


def lab_tokens_most() -> float:
    return spread_of.longest(SPREAD, lab_share_least())


def free_least() -> float:
    """Training without the KL term, under noise and without weights: least share of the optimum."""
    return min(lab.last(lab.train(lab.world(seed), seed, "none", lab.SHOWN, 0, 256, beta=0.0)) for seed in range(5))


# ---- number formats


def logit_error_bf16() -> float:
    return formats.largest_error(20.0, formats.BITS["BF16"])


def logit_error_fp16() -> float:
    return formats.largest_error(20.0, formats.BITS["FP16"])


# ---- schedules: mean answer 80 s, longest 640 s, update 120 s


def generation_idle() -> float:
    """Sixteen answers: one of 640 s, thirteen of 20 s, one of 300 s, one of 80 s; mean 80 s."""
    return 1 - rollouts.busy_share(np.array([640.0, *[20.0] * 13, 300.0, 80.0]))


def step_in_turns() -> float:
    return 640.0 + 120


def step_side_by_side() -> float:
    return 80.0 + 120


def speed_up() -> float:
    return rollouts.speed_up(80.0, 640.0, 120.0)


def generators() -> float:
    """Share of the devices that generate."""
    return 80 / (80 + 120)


def versions_in_longest() -> float:
    return 640 / step_side_by_side()


@cache
def _steps(bound: int) -> tuple[float, float]:
    runs = [rollouts.side_by_side(rollouts.answers(seed, 4000), 64, 64, 0.6, bound, 40) for seed in range(5)]
    return float(np.mean([r.step for r in runs])), float(np.mean([np.mean(r.lags) for r in runs]))


def step_0() -> float:
    return _steps(0)[0]


def step_1() -> float:
    return _steps(1)[0]


def step_2() -> float:
    return _steps(2)[0]


def step_4() -> float:
    return _steps(4)[0]


def step_8() -> float:
    return _steps(8)[0]


def lag_4() -> float:
    return _steps(4)[1]


def lag_8() -> float:
    return _steps(8)[1]


# ---- entropy: three tokens with 0.7, 0.2, 0.1; the first or the last is right; rate 1

TOKENS = np.array([0.7, 0.2, 0.1])


def entropy_start() -> float:
    return entropy_change.entropy(TOKENS)


def entropy_likely() -> float:
    reward = np.array([1.0, 0, 0])
    return entropy_change.gradient_change(TOKENS, reward - TOKENS @ reward, 1.0)


def entropy_rare() -> float:
    reward = np.array([0, 0, 1.0])
    return entropy_change.gradient_change(TOKENS, reward - TOKENS @ reward, 1.0)


def rare_room() -> float:
    return 0.01 * 1.2


def rare_room_higher() -> float:
    return 0.01 * 1.28


def likely_room() -> float:
    return 0.9 * 1.2


# ---- traces


def fixed_reach() -> float:
    return length_adaptive.reach(0.95, 100)


def adaptive_trace_100() -> float:
    return length_adaptive.trace(100, 0.05)


def adaptive_trace_400() -> float:
    return length_adaptive.trace(400, 0.05)


def adaptive_trace_10000() -> float:
    return length_adaptive.trace(10_000, 0.05)


def adaptive_reach_10000() -> float:
    return length_adaptive.reach(length_adaptive.trace(10_000, 0.05), 10_000)


# ---- two recipes, compute in thousands of GPU-hours

FAST, HIGH = (0.2, 0.6, 2.0, 1.0), (0.2, 0.7, 1.0, 4.0)


def fast_1() -> float:
    return compute_curve.curve(1.0, *FAST)


def high_1() -> float:
    return compute_curve.curve(1.0, *HIGH)


def fast_64() -> float:
    return compute_curve.curve(64.0, *FAST)


def high_64() -> float:
    return compute_curve.curve(64.0, *HIGH)
