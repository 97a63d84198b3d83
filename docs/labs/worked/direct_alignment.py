"""Numbers of the chapter on direct alignment. The pair of the text: log-probabilities -12 and -14, reference -13 and -13."""

import dpo as lab
import numpy as np
import preference_losses as losses
from kl_optimum import gibbs, partition

CHOSEN, REJECTED, REF_CHOSEN, REF_REJECTED = -12.0, -14.0, -13.0, -13.0
BETA = 0.1
AVERAGES = (CHOSEN / 20, REJECTED / 10)  # 20 and 10 tokens
THREE, REWARDS = np.array([0.5, 0.3, 0.2]), np.array([1.0, 0.0, -1.0])


# ---- the case at the top


def case_margin() -> float:
    return 0.1 * losses.margin(-2.0, -10.0, 0.0, 0.0)


def case_before() -> float:
    return float(losses.dpo(0.0, 0.1))


def case_after() -> float:
    return float(losses.dpo(8.0, 0.1))


def case_factor() -> float:
    return float(np.exp(2.0))


# ---- three responses


def three_partition() -> float:
    return partition(THREE, REWARDS, 1.0)


def three_optimum() -> tuple[float, ...]:
    return tuple(float(p) for p in gibbs(THREE, REWARDS, 1.0))


def three_implicit_gap() -> float:
    ratios = np.log(gibbs(THREE, REWARDS, 1.0) / THREE)
    return float(ratios[0] - ratios[1])


def three_prefer() -> float:
    return float(losses.sigmoid(1.0))


# ---- one pair


def pair_margin() -> float:
    return losses.margin(CHOSEN, REJECTED, REF_CHOSEN, REF_REJECTED)


def pair_reward_chosen() -> float:
    return BETA * (CHOSEN - REF_CHOSEN)


def pair_reward_rejected() -> float:
    return BETA * (REJECTED - REF_REJECTED)


def pair_loss() -> float:
    return float(losses.dpo(pair_margin(), BETA))


def pair_swapped_loss() -> float:
    return float(losses.dpo(-pair_margin(), BETA))


def pair_weight() -> float:
    return float(losses.sigmoid(-BETA * pair_margin()))


def pair_slope() -> float:
    return float(losses.dpo_slope(pair_margin(), BETA))


def pair_wrong_weight() -> float:
    """The weight when the implicit rewards are wrong by 4."""
    return float(losses.sigmoid(4.0))


# ---- the same pair under the other losses


def ipo_target() -> float:
    return 1 / (2 * 0.1)


def ipo_loss() -> float:
    return losses.ipo(pair_margin(), 0.1)


def ipo_win_rates() -> tuple[float, ...]:
    prefer = np.array([[0.5, 1, 1], [0, 0.5, 1], [0, 0, 0.5]])
    return tuple(float(p) for p in prefer.mean(axis=1))


def ipo_policy() -> tuple[float, ...]:
    return tuple(float(p) for p in lab.ipo_optimum(THREE, np.array(ipo_win_rates()), 0.5))


def cdpo_loss() -> float:
    return float(losses.cdpo(pair_margin(), BETA, 0.1))


def cdpo_margin() -> float:
    return float(losses.cdpo_margin(BETA, 0.1))


def rdpo_loss() -> float:
    return float(losses.rdpo(pair_margin(), BETA, 0.1))


def beta_dpo() -> float:
    return losses.dynamic_beta(BETA, 0.6, 2.0, 1.0)


def kto_chosen() -> float:
    return float(losses.kto(CHOSEN - REF_CHOSEN, True, BETA, 0.5))


def kto_rejected() -> float:
    return float(losses.kto(REJECTED - REF_REJECTED, False, BETA, 0.5))


def simpo_chosen_average() -> float:
    return AVERAGES[0]


def simpo_rejected_average() -> float:
    return AVERAGES[1]


def simpo_loss() -> float:
    return float(losses.simpo(*AVERAGES, 2.0, 1.0))


def orpo_chosen_odds() -> float:
    return float(np.exp(losses.log_odds(AVERAGES[0])))


def orpo_rejected_odds() -> float:
    return float(np.exp(losses.log_odds(AVERAGES[1])))


def orpo_loss() -> float:
    return float(losses.orpo(*AVERAGES, 0.1))


def length_loss() -> float:
    return float(losses.length_dpo(pair_margin(), BETA, 0.01, 20, 10))


def chipo_gap() -> float:
    return BETA * float(losses.chi_link(1.0) - losses.chi_link(-1.0))


def chipo_loss() -> float:
    return float(losses.chipo(1.0, -1.0, BETA))


def chi_link_rare() -> float:
    """The link at a ratio of 20, which KL prices at log 20."""
    return float(losses.chi_link(np.log(20.0)))


def log_rare() -> float:
    return float(np.log(20.0))


def rebel_loss() -> float:
    return losses.rebel(pair_margin(), 2.0, 1.5)


# ---- displacement: No, Never, Yes


def mean_feature() -> float:
    return float(lab.START @ lab.ANSWERS[:, 0])


def change_no() -> float:
    return lab.first_change(lab.ANSWERS, lab.START, 0, 1)


def change_never() -> float:
    """Change of the rejected answer under the push for No over Never."""
    features, mean = lab.ANSWERS, lab.START @ lab.ANSWERS
    return float((features[1] - mean) @ (features[0] - features[1]))


def change_yes() -> float:
    features, mean = lab.ANSWERS, lab.START @ lab.ANSWERS
    return float((features[2] - mean) @ (features[0] - features[1]))


def no_after() -> float:
    return float(lab.displacement()[0][5, 0])


def yes_after() -> float:
    return float(lab.displacement()[0][5, 2])


def loss_after() -> float:
    return float(lab.displacement()[1][5])


# ---- two tokens


def _tokens():
    return lab.soft_values(np.full((3, 2), 0.5), np.array([[1.0, 0.0], [0.0, 0.0]]), 1.0)


def token_value_start() -> float:
    return float(_tokens()[0])


def token_value_first() -> float:
    return float(_tokens()[1][0])


def token_reward_first() -> float:
    return float(np.log(_tokens()[2][0] / 0.5))


def token_reward_second() -> float:
    return float(np.log(_tokens()[3][0, 0] / 0.5))


# ---- the lab on seeds 0 to 4


def _arm(name: str, field: str = "distance") -> list[float]:
    return [lab.coverage(seed)[name][field] for seed in range(5)]


def off_least() -> float:
    return min(_arm("features, six shown"))


def off_most() -> float:
    return max(_arm("features, six shown"))


def table_least() -> float:
    return min(_arm("table, six shown"))


def table_most() -> float:
    return max(_arm("table, six shown"))


def bad_gain_seeds() -> int:
    """Seeds in which the hidden responses with reward below the reference's mean together gain probability."""
    count = 0
    for seed in range(5):
        features, reference, reward, shown = lab.world(seed)
        w = lab.pairs(lab.bradley_terry(reward), reference * shown)
        p = lab.policy(lab.fit(features, w, lab.BETA), features, reference)
        bad = ~shown & (reward < reference @ reward)
        count += int(p[bad].sum() > reference[bad].sum())
    return count


def off_online() -> float:
    """The largest distance that the online arm has left after all its labels."""
    return max(float(lab.labels(seed)["online"][-1]) for seed in range(5))


def off_spread() -> float:
    """The same for pairs drawn from the reference over all twelve responses."""
    return max(float(lab.labels(seed)["spread"][-1]) for seed in range(5))


def off_offline() -> float:
    return min(float(lab.labels(seed)["offline"][-1]) for seed in range(5))


def off_labels() -> int:
    return lab.LABELS * lab.ROUNDS


def misfit_least() -> float:
    return min(lab.misfit(seed)["apart"] for seed in range(5))


def misfit_most() -> float:
    return max(lab.misfit(seed)["apart"] for seed in range(5))


def fell_least() -> float:
    return min(float(lab.displaced(seed)["fell"]) for seed in range(5))


def fell_most() -> float:
    return max(float(lab.displaced(seed)["fell"]) for seed in range(5))
