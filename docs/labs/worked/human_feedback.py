"""Numbers of the chapter on human feedback: pencil examples first, then the lab on seeds 0 to 4."""

from functools import cache

import dpo
import numpy as np
import reward_model as lab
from preference_losses import sigmoid

SEEDS = range(5)

# ---- one comparison, three comparisons


def one_apart() -> float:
    return float(sigmoid(1.0))


def one_apart_shifted() -> float:
    """The same after 100 was added to both rewards."""
    return float(sigmoid(101.0 - 100.0))


THREE = np.array([1.0, 0.0, 0.0])  # rewards of A, B, C
WINS, LOSSES = np.array([0, 1, 0]), np.array([1, 2, 2])  # A over B, B over C, A over C


def three_losses() -> tuple[float, ...]:
    return tuple(lab.loss(THREE[[winner]] - THREE[[loser]]) for winner, loser in zip(WINS, LOSSES, strict=True))


def three_loss() -> float:
    return lab.loss(THREE[WINS] - THREE[LOSSES])


def three_gradient() -> tuple[float, ...]:
    return tuple(float(g) for g in lab.table_gradient(THREE, WINS, LOSSES))


def three_of_four() -> float:
    """Difference of rewards at the maximum of the likelihood when A wins three of four comparisons with B."""
    w = np.array([[0.0, 0.75], [0.25, 0.0]])
    return float(np.ptp(dpo.fit(np.eye(2), w, 1.0)))


def pairs_of_nine() -> float:
    return 9 * 8 / 2


def clip_sigmoid() -> float:
    return float(lab.segment_preference(np.array([0.5, 0.5, 0.5]), np.array([0.5, 0.0, 0.2]), 0.0))


def clip_preference() -> float:
    return float(lab.segment_preference(np.array([0.5, 0.5, 0.5]), np.array([0.5, 0.0, 0.2])))


# ---- margin, calibration, ceiling


def margin_loss() -> float:
    return lab.loss(np.array([1.0]), 1.0)


def margin_gap() -> float:
    return lab.margin_optimum(0.75, 1.0)


def margin_prediction() -> float:
    return float(sigmoid(lab.margin_optimum(0.75, 1.0)))


def ece_example() -> float:
    """Ten pairs: five predicted at 0.6, of which 3 were won; five at 0.9, of which 3 were won."""
    return lab.calibration_error(np.array([[0.6, 0.6, 5], [0.9, 0.6, 5]]))


def ceiling_726() -> float:
    return float(lab.ceiling(0.726))


def ceiling_63() -> float:
    return float(lab.ceiling(0.63))


# ---- best-of-n


def kl_2() -> float:
    return float(lab.bon_kl(2))


def kl_4() -> float:
    return float(lab.bon_kl(4))


def kl_16() -> float:
    return float(lab.bon_kl(16))


def kl_128() -> float:
    return float(lab.bon_kl(128))


def kl_1024() -> float:
    return float(lab.bon_kl(1024))


def kl_60000() -> float:
    return float(lab.bon_kl(60_000))


def two_answers_kl() -> float:
    """Two answers of probability one half each, best of 4."""
    return lab.kl_from_uniform(lab.best_of_n(np.array([0.0, 1.0]), 4))


# ---- the quadratic law: a = (1, 1), w = (0.6, 0.8), bend 0.5


def law_gain() -> float:
    return float(2**0.5 * 1.4)


def law_cost() -> float:
    return 2 * 0.5 * 0.8**2


def law_peak_d() -> float:
    return law_gain() / (2 * law_cost())


def law_peak_kl() -> float:
    return law_peak_d() ** 2


def law_peak_gold() -> float:
    return float(lab.quadratic_gold(law_peak_d(), 1.4, 0.5, 0.8))


def law_twice() -> float:
    """Gold at twice the peak's distance."""
    return float(lab.quadratic_gold(2 * law_peak_d(), 1.4, 0.5, 0.8))


# ---- annotators


PREFER = np.array([[0.5, 0.6, 0.6], [0.4, 0.5, 1.0], [0.4, 0.0, 0.5]])  # 60 % rank A B C, 40 % rank B C A


def borda_shares() -> tuple[float, ...]:
    return tuple(float(b) for b in lab.borda(PREFER))


def borda_rewards() -> tuple[float, ...]:
    """Bradley-Terry's rewards on all pairs, A at zero."""
    reward = dpo.fit(np.eye(3), dpo.pairs(PREFER, np.full(3, 1 / 3)), 1.0)
    return tuple(float(r) for r in reward - reward[0])


def slight_gap() -> float:
    return float(np.log(0.55 / 0.45))


def slight_odds_1() -> float:
    return float(lab.amplified_odds(0.55, 1.0))


def slight_odds_02() -> float:
    return float(lab.amplified_odds(0.55, 0.2))


def slight_odds_005() -> float:
    return float(lab.amplified_odds(0.55, 0.05))


def slight_share_005() -> float:
    odds = slight_odds_005()
    return odds / (1 + odds)


# ---- the lab on five seeds


@cache
def _runs() -> list[dict]:
    return [lab.run(seed) for seed in SEEDS]


def _gold(arm: str, n: int = 1024, column: int = 2) -> list[float]:
    place = int(np.flatnonzero(n == lab.COUNTS)[0])
    return [float(r[arm]["best-of-n"][place, column]) for r in _runs()]


def _accuracy(arm: str) -> list[float]:
    return [r[arm]["accuracy"] for r in _runs()]


def linear_accuracy_least() -> float:
    return min(_accuracy("linear"))


def linear_accuracy_most() -> float:
    return max(_accuracy("linear"))


def linear_8_least() -> float:
    return min(_gold("linear", 8))


def linear_8_most() -> float:
    return max(_gold("linear", 8))


def linear_peaks() -> list[int]:
    return [int(lab.COUNTS[r["linear"]["best-of-n"][:, 2].argmax()]) for r in _runs()]


def linear_peak() -> int:
    return max(linear_peaks())


def linear_1024_worst() -> float:
    return min(_gold("linear"))


def linear_1024_best() -> float:
    return max(_gold("linear"))


def linear_proxy_least() -> float:
    return min(_gold("linear", column=1))


def linear_proxy_most() -> float:
    return max(_gold("linear", column=1))


def few_accuracy_least() -> float:
    return min(_accuracy("mlp 100"))


def few_accuracy_most() -> float:
    return max(_accuracy("mlp 100"))


def few_1024_least() -> float:
    return min(_gold("mlp 100"))


def few_1024_most() -> float:
    return max(_gold("mlp 100"))


def few_proxy_least() -> float:
    return min(_gold("mlp 100", column=1))


def few_proxy_most() -> float:
    return max(_gold("mlp 100", column=1))


def few_sag_most() -> float:
    """Largest fall of gold below an earlier value of its own under best-of-n, network on 100 pairs."""
    return max(lab.sag(r["mlp 100"]["best-of-n"]) for r in _runs())


def many_1024_least() -> float:
    return min(_gold("mlp 10000"))


def many_1024_most() -> float:
    return max(_gold("mlp 10000"))


def oracle_1024_least() -> float:
    return min(_gold("gold itself"))


def oracle_1024_most() -> float:
    return max(_gold("gold itself"))


def overfitted_turned() -> int:
    return sum(lab.drop(r["mlp 100, overfitted"]["best-of-n"]) > 1 for r in _runs())


def few_learning_turned() -> int:
    """Seeds in which the unpenalised policy gradient on the model of 100 pairs ends below its own peak by more than 1."""
    return sum(float(r["learning"]["mlp 100", 0.0][:, 1].max() - r["learning"]["mlp 100", 0.0][-1, 1]) > 1 for r in _runs())


def ensemble_linear_drop_least() -> float:
    return min(lab.drop(r["linear, least of 5"]["best-of-n"]) for r in _runs())


def ensemble_linear_drop_most() -> float:
    return max(lab.drop(r["linear, least of 5"]["best-of-n"]) for r in _runs())


def single_linear_drop_least() -> float:
    return min(lab.drop(r["linear"]["best-of-n"]) for r in _runs())


def single_linear_drop_most() -> float:
    return max(lab.drop(r["linear"]["best-of-n"]) for r in _runs())


def _ensemble_gain() -> list[float]:
    return [b - a for a, b in zip(_gold("mlp 100"), _gold("mlp 100, mean of 5"), strict=True)]


def ensemble_gain_least() -> float:
    return min(_ensemble_gain())


def ensemble_gain_most() -> float:
    return max(_ensemble_gain())


def _errors(arm: str, n: int) -> list[float]:
    return [lab.calibration_error(r["calibration"][arm, n]) for r in _runs()]


def linear_error_least() -> float:
    return min(_errors("linear", 1))


def linear_error_most() -> float:
    return max(_errors("linear", 1))


def linear_error_64_least() -> float:
    return min(_errors("linear", 64))


def linear_error_64_most() -> float:
    return max(_errors("linear", 64))


def many_error_most() -> float:
    return max(_errors("mlp 10000", 1))


def many_error_64_most() -> float:
    return max(_errors("mlp 10000", 64))


def _penalty_gain(arm: str, kl: float) -> list[float]:
    return [
        lab.gold_at(r["learning"][arm, lab.PENALTIES[1]], kl) - lab.gold_at(r["learning"][arm, lab.PENALTIES[0]], kl)
        for r in _runs()
    ]


def penalty_linear_most() -> float:
    """Largest difference that the penalty makes at equal KL, linear model, at KL 0.5, 1 and 2."""
    return max(abs(g) for kl in (0.5, 1.0, 2.0) for g in _penalty_gain("linear", kl))


def penalty_many_least() -> float:
    return min(_penalty_gain("mlp 10000", 1.0))


def penalty_many_most() -> float:
    return max(_penalty_gain("mlp 10000", 1.0))


def penalty_few_least() -> float:
    return min(_penalty_gain("mlp 100", 2.0))


def penalty_few_most() -> float:
    return max(_penalty_gain("mlp 100", 2.0))


def form_quadratic_most() -> float:
    return max(lab.forms(r["linear"]["best-of-n"])[0] for r in _runs())


def form_logarithm_least() -> float:
    return min(lab.forms(r["linear"]["best-of-n"])[1] for r in _runs())
