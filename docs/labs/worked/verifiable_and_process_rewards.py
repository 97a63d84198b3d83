"""Numbers of the chapter on verifiable and process rewards."""

from functools import cache

import numpy as np
import process_rewards as lab
import step_values as steps
import verifier_noise as noise

TREE = steps.values(steps.POLICY, steps.REWARD)
SOFT = steps.implicit_values(steps.POLICY, steps.REWARD, 1.0)
MODEL = steps.tilt(steps.POLICY, steps.REWARD, 1.0)
ROLLOUTS = 8


# ---- the case: every right answer accepted, and 5 % of the wrong ones


def case_tenth() -> float:
    return 100 * noise.precision(0.1, 0.05, 0.0)


def case_hundredth() -> float:
    return 100 * noise.precision(0.01, 0.05, 0.0)


# ---- rates that are the same for all answers: f = 0.05, m = 0.2


def accepted_tenth() -> float:
    return noise.accepted(0.1, 0.05, 0.2)


def accepted_half() -> float:
    return noise.accepted(0.5, 0.05, 0.2)


def precision_strict() -> float:
    return 100 * noise.precision(0.1, 0.05, 0.2)


def signal() -> float:
    return noise.signal(0.05, 0.2)


def samples_tenth() -> float:
    return noise.sample_factor(0.1, 0.05, 0.2)


def samples_half() -> float:
    return noise.sample_factor(0.5, 0.05, 0.2)


def normalised_tenth() -> float:
    return samples_tenth() ** -0.5


def corrected_accept() -> float:
    return noise.corrected(1.0, 0.05, 0.2)


def corrected_reject() -> float:
    return noise.corrected(0.0, 0.05, 0.2)


# ---- rates that differ: right 0.2, hack 0.0001; accepted with 0.8 and 0.95


def hack_takeover() -> float:
    return noise.takeover(0.2, 1e-4, 0.8, 0.95)


def hack_mean_rate() -> float:
    return 100 * 1e-4 * 0.95 / 0.8


def hack_unseen() -> float:
    return 100 * (1 - 1e-4) ** 1000


# ---- the tree of two steps


def tree_start() -> float:
    return float(TREE[0])


def tree_good() -> float:
    return float(TREE[1][0])


def tree_bad() -> float:
    return float(TREE[1][1])


def progress_good() -> tuple[float, ...]:
    return tuple(steps.along(steps.progress(TREE), (0, 0)))


def progress_lucky() -> tuple[float, ...]:
    return tuple(steps.along(steps.progress(TREE), (1, 0)))


def rollout_deviation() -> float:
    return float(np.sqrt(steps.rollout_variance(TREE[1][0], ROLLOUTS)))


def progress_deviation() -> float:
    return float(np.sqrt(steps.progress_variance(TREE[0], TREE[1][0], ROLLOUTS)))


def sign_wrong() -> float:
    return 100 * steps.sign_error(0.4, 0.6, ROLLOUTS)


def hard_bad() -> float:
    return 100 * steps.hard_label(0.2, ROLLOUTS)


def hard_unlikely() -> float:
    return 100 * (1 - steps.hard_label(0.1, ROLLOUTS))


# ---- scores of the steps: a solution of five steps with 0.95 each, another with 0.99, 0.99, 0.6, 0.99, 0.99


def even_product() -> float:
    return float(lab.solution_score(np.full(5, 0.95)))


def uneven_product() -> float:
    return float(lab.solution_score(np.array([0.99, 0.99, 0.6, 0.99, 0.99])))


def long_product() -> float:
    return float(lab.solution_score(np.full(12, 0.95)))


def sum_five() -> float:
    return 5 * 0.9


def sum_ten() -> float:
    return 10 * 0.9


# ---- the implicit process reward, beta = 1


def implicit_start() -> float:
    return float(SOFT[0])


def implicit_good() -> float:
    return float(SOFT[1][0])


def implicit_bad() -> float:
    return float(SOFT[1][1])


def model_good() -> float:
    return float(MODEL[0][0])


def implicit_steps_good() -> tuple[float, ...]:
    return tuple(steps.along(steps.implicit_step(MODEL, steps.POLICY, 1.0), (0, 0)))


def implicit_hot() -> float:
    return float(steps.implicit_values(steps.POLICY, steps.REWARD, 100.0)[1][0])


def implicit_cold() -> float:
    return float(steps.implicit_values(steps.POLICY, steps.REWARD, 0.05)[1][0])


# ---- measures


def f1_example() -> float:
    return steps.detection_f1(0.4, 0.95)


def f1_never() -> float:
    return steps.detection_f1(1e-12, 1.0)


def rubric_example() -> float:
    return steps.rubric([1.0, 0.7, 0.3], [1, 0, 1])


# ---- what the labs measured


@cache
def _runs() -> list[dict]:
    return [lab.run(seed) for seed in range(5)]


def _span(values, best) -> float:
    return 100 * best(values)


def single_least() -> float:
    return _span([r["single"] for r in _runs()], min)


def single_most() -> float:
    return _span([r["single"] for r in _runs()], max)


def lucky_least() -> float:
    return _span([r["lucky"] for r in _runs()], min)


def lucky_most() -> float:
    return _span([r["lucky"] for r in _runs()], max)


def steps_least() -> float:
    return _span([r["size"]["steps"][2] for r in _runs()], min)


def steps_most() -> float:
    return _span([r["size"]["steps"][2] for r in _runs()], max)


def outcome_least() -> float:
    return _span([r["size"]["outcome"][2] for r in _runs()], min)


def outcome_most() -> float:
    return _span([r["size"]["outcome"][2] for r in _runs()], max)


def lead_least() -> float:
    return _span([r["size"]["steps"][2] - r["size"]["outcome"][2] for r in _runs()], min)


def lead_most() -> float:
    return _span([r["size"]["steps"][2] - r["size"]["outcome"][2] for r in _runs()], max)


def outcome_many_least() -> float:
    return _span([r["size"]["outcome"][3] for r in _runs()], min)


def labels_least() -> int:
    return min(r["labels"] for r in _runs())


def labels_most() -> int:
    return max(r["labels"] for r in _runs())


def equal_least() -> float:
    return _span([r["equal labels"] for r in _runs()], min)


def equal_most() -> float:
    return _span([r["equal labels"] for r in _runs()], max)


def rollout_least() -> float:
    return _span([r["size"]["rollouts"][2] for r in _runs()], min)


def rollout_most() -> float:
    return _span([r["size"]["rollouts"][2] for r in _runs()], max)


def rollout_peak_least() -> float:
    return _span([max(r["n"]["rollouts"]) for r in _runs()], min)


def rollout_peak_most() -> float:
    return _span([max(r["n"]["rollouts"]) for r in _runs()], max)


def control_least() -> float:
    return _span([r["control"][0] for r in _runs()], min)


def control_most() -> float:
    return _span([r["control"][0] for r in _runs()], max)


def majority_least() -> float:
    return _span([r["majority"] for r in _runs()], min)


def majority_most() -> float:
    return _span([r["majority"] for r in _runs()], max)


def outcome_clears() -> int:
    return sum(r["size"]["outcome"][2] > r["majority"] for r in _runs())


def equal_minimum_lead_least() -> float:
    return _span([r["equal labels, minimum"] - r["how"]["minimum"] for r in _runs()], min)


def equal_minimum_lead_most() -> float:
    return _span([r["equal labels, minimum"] - r["how"]["minimum"] for r in _runs()], max)


def early_rollout_lead_least() -> float:
    return _span([r["size"]["rollouts"][1] - r["size"]["outcome"][1] for r in _runs()], min)


def early_rollout_lead_most() -> float:
    return _span([r["size"]["rollouts"][1] - r["size"]["outcome"][1] for r in _runs()], max)


def control_many_least() -> float:
    return _span([r["control"][1] for r in _runs()], min)


def control_many_most() -> float:
    return _span([r["control"][1] for r in _runs()], max)


def rollout_many_least() -> float:
    return _span([r["size"]["rollouts"][3] for r in _runs()], min)


def rollout_many_most() -> float:
    return _span([r["size"]["rollouts"][3] for r in _runs()], max)


def minimum_least() -> float:
    return _span([r["how"]["minimum"] for r in _runs()], min)


def minimum_most() -> float:
    return _span([r["how"]["minimum"] for r in _runs()], max)


def last_most() -> float:
    return _span([r["how"]["last"] for r in _runs()], max)


def accepted_outcome_least() -> float:
    return _span([r["noise"]["20 % of wrong accepted"]["outcome"] for r in _runs()], min)


def accepted_outcome_most() -> float:
    return _span([r["noise"]["20 % of wrong accepted"]["outcome"] for r in _runs()], max)


def accepted_steps_least() -> float:
    return _span([r["noise"]["20 % of wrong accepted"]["steps"] for r in _runs()], min)


def rejected_steps_least() -> float:
    return _span([r["noise"]["20 % of right rejected"]["steps"] for r in _runs()], min)


def rejected_steps_most() -> float:
    return _span([r["noise"]["20 % of right rejected"]["steps"] for r in _runs()], max)


def both_outcome_least() -> float:
    return _span([r["noise"]["both"]["outcome"] for r in _runs()], min)


def both_outcome_most() -> float:
    return _span([r["noise"]["both"]["outcome"] for r in _runs()], max)


def both_steps_least() -> float:
    return _span([r["noise"]["both"]["steps"] for r in _runs()], min)


def both_steps_most() -> float:
    return _span([r["noise"]["both"]["steps"] for r in _runs()], max)


def aware_gain_least() -> float:
    rejected = [r["noise"]["20 % of right rejected"] for r in _runs()]
    return _span([r["rates known"] - r["outcome"] for r in rejected], min)


def aware_gain_most() -> float:
    rejected = [r["noise"]["20 % of right rejected"] for r in _runs()]
    return _span([r["rates known"] - r["outcome"] for r in rejected], max)


def rejected_outcome_least() -> float:
    return _span([r["noise"]["20 % of right rejected"]["outcome"] for r in _runs()], min)


def rejected_outcome_most() -> float:
    return _span([r["noise"]["20 % of right rejected"]["outcome"] for r in _runs()], max)


@cache
def _label_errors():
    return [lab.label_errors(seed, (8, 64)) for seed in range(5)]


def called_right_eight_least() -> float:
    return _span([wrong[0] for wrong, _ in _label_errors()], min)


def called_right_eight_most() -> float:
    return _span([wrong[0] for wrong, _ in _label_errors()], max)


def called_right_many_least() -> float:
    return _span([wrong[1] for wrong, _ in _label_errors()], min)


def called_right_many_most() -> float:
    return _span([wrong[1] for wrong, _ in _label_errors()], max)


@cache
def _training():
    return [noise.training(seed, ("hack",)) for seed in range(5)]


def takeover_least() -> float:
    return min(r["takeover"] for r in _training())


def takeover_most() -> float:
    return max(r["takeover"] for r in _training())


def before_hack_least() -> float:
    return _span([r["hack"]["accuracy"].max() for r in _training()], min)


def after_hack_most() -> float:
    return _span([r["hack"]["accuracy"][-1] for r in _training()], max)


def plain_least() -> float:
    return _span([noise.plain_training(seed, steps=2_000)[0] for seed in range(5)], min)
