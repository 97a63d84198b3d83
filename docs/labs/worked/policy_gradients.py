"""Numbers of the chapter on policy gradients; the first three functions belong to the case of the welcome page too."""

from functools import cache

import gradient_estimators as task
import kl_estimators as kl
import length_bias
import numpy as np
import policy_losses as family
from divergences import kl as divergence

REWARDS = np.array([1.0] + [0.0] * 7)  # one right answer of eight
HALF = np.array([1.0] * 4 + [0.0] * 4)  # four of eight


# ---- the case


def centred() -> tuple[float, float]:
    """Reward less the group's mean: of the right answer and of each wrong one."""
    weights = family.advantages(REWARDS, "group")
    return float(weights[0]), float(weights[-1])


def standardised() -> tuple[float, float]:
    """The same, divided by the group's (population) standard deviation, as in GRPO."""
    weights = family.advantages(REWARDS, "group", "group", least=0.0)
    return float(weights[0]), float(weights[-1])


def factor() -> float:
    """How much larger the division makes each weight."""
    return standardised()[0] / centred()[0]


def left_out() -> tuple[float, float]:
    weights = family.advantages(REWARDS, "leave one out")
    return float(weights[0]), float(weights[-1])


def half_centred() -> float:
    return float(family.advantages(HALF, "group")[0])


def half_standardised() -> float:
    return float(family.advantages(HALF, "group", "group", least=0.0)[0])


# ---- weights of prompts


def weight_half() -> float:
    return family.prompt_weight(0.5, 8)


def weight_eighth() -> float:
    return family.prompt_weight(0.125, 8)


def weight_hundredth() -> float:
    return family.prompt_weight(0.01, 8)


def limit_half() -> float:
    return family.limit_weight(0.5)


def limit_eighth() -> float:
    return family.limit_weight(0.125)


def limit_hundredth() -> float:
    return family.limit_weight(0.01)


def rare() -> float:
    return family.rare_weight(8)


def span() -> float:
    """Largest over least weight of a prompt for groups of 8."""
    return rare() / weight_half()


def weight_three() -> float:
    return family.prompt_weight(0.3, 3)


def mixed_easy() -> float:
    """Share of groups of 8 with a right and a wrong answer at p = 0.95."""
    return family.mixed_share(0.95, 8)


def mixed_half() -> float:
    return family.mixed_share(0.5, 8)


def time_plain() -> float:
    """From p = 0.01 to 1/2 along the flow of one prompt."""
    return family.time_to_half(0.01)


def time_divided() -> float:
    return family.time_to_half(0.01, "group")


def time_eight() -> float:
    return family.time_to_half_in_groups(0.01, 8)


# ---- credit of tokens: reward 1, values 0.5 before the first and 0.8 before the second token


def credit(trace: float) -> tuple[float, ...]:
    made = family.critic_advantages(np.array([1.0]), np.zeros((1, 2)), np.array([[0.5, 0.8]]), np.ones((1, 2)), trace)
    return tuple(float(a) for a in made[0])


def credit_broadcast() -> tuple[float, ...]:
    return credit(1.0)


def credit_one_step() -> tuple[float, ...]:
    return credit(0.0)


@cache
def _variance(arm: str) -> tuple[float, float]:
    exact = [task.policy_gradient(task.start(seed)) for seed in range(5)]
    got = [task.summary(task.sampled(arm, task.start(seed), 10_000, seed + 100), exact[seed])["variance"] for seed in range(5)]
    return min(got), max(got)


def variance_broadcast() -> tuple[float, float]:
    """Least and largest over seeds, from 10,000 groups of 8, leave-one-out."""
    return _variance("leave one out")


def variance_exact() -> tuple[float, float]:
    return _variance("exact advantage")


# ---- ratios and clips


def room(p: float, high: float) -> float:
    return p * (1 + high)


def room_symmetric() -> float:
    return room(0.02, 0.2)


def room_higher() -> float:
    return room(0.02, 0.28)


LONG = np.zeros((1, 100))
LONG[0, 0] = np.log(2.0)  # one of 100 tokens has become twice as likely


def sequence_ratio() -> float:
    mask = np.ones_like(LONG)
    return float(family.ratios(LONG, 0 * LONG, mask, "sequence")[0, 0])


def one_percent_product() -> float:
    """The product of 100 ratios of 1.01."""
    return 1.01**100


def clipped_after() -> float:
    """Mean log-ratio at which GSPO's upper bound of 4e-4 is reached."""
    return float(np.log1p(4e-4))


def clip_weights() -> tuple[float, ...]:
    """Score weights at ratio 4 and advantage -1: PPO, dual clip with c = 3, CISPO capped at 2."""
    four = np.array(4.0)
    return tuple(
        float(family.score_weight(four, -1.0, kind, clip, most))
        for kind, clip, most in (("token", (0.2, 0.2), None), ("token", (0.2, 0.2), 3.0), ("weight", (1.0, 1.0), None))
    )


# ---- aggregation: a right answer of 2 tokens, a wrong one of 8; advantages +1 and -1; constant 10

MASK = np.array([[1.0] * 2 + [0.0] * 6, [1.0] * 8])


def token_share(kind: str) -> tuple[float, float]:
    c = family.token_weights(MASK, kind, 10.0)
    return float(c[0, 0]), float(c[1, 0])


def share_sequence() -> tuple[float, float]:
    return token_share("sequence")


def share_token() -> tuple[float, float]:
    return token_share("token")


def share_constant() -> tuple[float, float]:
    return token_share("constant")


def example_loss(kind: str) -> float:
    s = family.METHODS["GRPO"] | {"aggregate": kind, "kl": "none"}
    zeros = np.zeros((1, 2, 8))
    return float(family.policy_loss(zeros, zeros, zeros, np.array([[1.0, 0.0]]), MASK[None], s, constant=10.0))


def loss_sequence() -> float:
    return example_loss("sequence")


def loss_token() -> float:
    return example_loss("token")


def loss_constant() -> float:
    return example_loss("constant")


def push() -> float:
    """Mean of score over length at c = 0.9."""
    return float(length_bias.push(0.9))


def inverse_length() -> float:
    """Mean of 1/T at c = 0.9."""
    return 0.1 - push()


def push_wrong() -> float:
    """Times the mean centred advantage of a wrong answer at p = 1/2 in a large group, per answer: -1/2."""
    return -0.5 * push()


@cache
def _lengths() -> list[dict]:
    return [length_bias.run(seed) for seed in range(5)]


def _ends(arm: str, which: int) -> tuple[float, float]:
    got = [float(run[arm][-1, which]) for run in _lengths()]
    return min(got), max(got)


def wrong_sequence() -> tuple[float, float]:
    return _ends("sequence", 1)


def right_sequence() -> tuple[float, float]:
    return _ends("sequence", 0)


def wrong_token() -> tuple[float, float]:
    return _ends("token", 1)


def wrong_batch() -> tuple[float, float]:
    return _ends("batch", 1)


def wrong_constant() -> tuple[float, float]:
    return _ends("constant", 1)


# ---- KL: policy (1/2, 1/2), reference (0.9, 0.1)

POLICY, REFERENCE = np.array([0.5, 0.5]), np.array([0.9, 0.1])


def reverse() -> float:
    return divergence(POLICY, REFERENCE)


def forward() -> float:
    return divergence(REFERENCE, POLICY)


def k_values(kind: str) -> tuple[float, float]:
    first, second = kl.estimate(kl.log_ratio(POLICY, REFERENCE), kind)
    return float(first), float(second)


def k1_values() -> tuple[float, float]:
    return k_values("k1")


def k2_values() -> tuple[float, float]:
    return k_values("k2")


def k3_values() -> tuple[float, float]:
    return k_values("k3")


def k2_mean() -> float:
    return kl.moments(POLICY, REFERENCE, "k2")[0]


def k_variances() -> tuple[float, ...]:
    return tuple(kl.moments(POLICY, REFERENCE, kind)[2] for kind in kl.KINDS)


RARE = np.array([0.999, 0.001])


def rare_variances() -> tuple[float, float]:
    """Of k1 and k3 when the policy has almost given up an answer of probability 0.1."""
    return kl.moments(RARE, REFERENCE, "k1")[2], kl.moments(RARE, REFERENCE, "k3")[2]


def rare_value() -> float:
    """k3 of the answer that the policy has almost given up."""
    return float(kl.estimate(kl.log_ratio(RARE, REFERENCE), "k3")[1])


def loss_gradients() -> tuple[float, ...]:
    """By the log-odds of the first answer (its logit, the other fixed), for k1, k2, k3 in the loss."""
    return tuple(float(kl.in_loss(POLICY, REFERENCE, kind)[0]) for kind in kl.KINDS)


def reward_gradients() -> tuple[float, ...]:
    return tuple(float(kl.in_reward(POLICY, REFERENCE, kind)[0]) for kind in kl.KINDS)


# ---- the lab on seeds 0 to 4


@cache
def _runs() -> list[dict]:
    return [family.run(seed) for seed in range(5)]


def scale(method: str) -> tuple[float, float]:
    got = [run[method]["scale"] for run in _runs()]
    return min(got), max(got)


def scale_rloo() -> tuple[float, float]:
    return scale("RLOO")


def scale_dr() -> tuple[float, float]:
    return scale("Dr. GRPO")


def scale_grpo() -> tuple[float, float]:
    return scale("GRPO")


def scale_dapo() -> tuple[float, float]:
    return scale("DAPO")


def cosines(noise: float) -> tuple[float, float]:
    got = [run["cosine"][noise][0] for run in _runs()]
    return min(got), max(got)


def cosine_near() -> tuple[float, float]:
    return cosines(0.5)


def cosine_far() -> tuple[float, float]:
    return cosines(3.0)
