"""Numbers of the chapter on reasoning models."""

import attempts
import numpy as np
import sampling

BASE, TRAINED = attempts.BASE, attempts.TRAINED
EVEN = (np.array([0.4]), np.array([1.0]))


def case_base_one() -> float:
    return attempts.pass_at(*BASE, 1)


def case_trained_one() -> float:
    return attempts.pass_at(*TRAINED, 1)


def case_base_seven() -> float:
    return attempts.pass_at(*BASE, 7)


def case_trained_seven() -> float:
    return attempts.pass_at(*TRAINED, 7)


def case_crossing() -> float:
    return float(attempts.crossing(BASE, TRAINED) or np.nan)


def even_two() -> float:
    return attempts.pass_at(*EVEN, 2)


def uneven_two() -> float:
    return attempts.pass_two(*TRAINED)


def uneven_spread() -> float:
    return attempts.spread(*TRAINED)


def bound_seven() -> float:
    return attempts.pass_bound(*TRAINED, 7)


def none_of_256() -> float:
    """Success rate at which 256 failures in a row still have probability .05."""
    return 1 - 0.05 ** (1 / 256)


def hazard_first() -> float:
    return attempts.hazard(*TRAINED, 0)


def hazard_second() -> float:
    return attempts.hazard(*TRAINED, 1)


def hazard_third() -> float:
    return attempts.hazard(*TRAINED, 2)


def lead_one() -> float:
    return attempts.lead(BASE, TRAINED, 1)


def lead_lost() -> float:
    """The shaded area where more prompts are lost, k = 1: .5 * .1."""
    return 0.5 * 0.1


def lead_won() -> float:
    """The area where more prompts are likely, k = 1: .5 * .7."""
    return 0.5 * 0.7


def tilted() -> float:
    return float(attempts.tilt(0.1, 0.5))


ANSWERS = np.array([0.3, 0.4, 0.3])  # right, favourite wrong answer, all other wrong answers as one


def sharp_right() -> float:
    return float(attempts.sharpen(ANSWERS, 3.0)[0])


def sharp_wrong() -> float:
    return float(attempts.sharpen(ANSWERS, 3.0)[1])


def vote_right() -> float:
    """maj@3 of the same answers."""
    return sampling.maj_limit(ANSWERS, 0, 3)


MODES = ((0.1, 0.75, 0.2), (0.99, 0.95, 0.2))  # share with work shown, accuracy with it, accuracy without


def mode_before() -> float:
    w, shown, bare = MODES[0]
    return w * shown + (1 - w) * bare


def mode_after() -> float:
    w, shown, bare = MODES[1]
    return w * shown + (1 - w) * bare


def mode_switch() -> float:
    return attempts.switch_gain(*MODES)[0]


def mode_within() -> float:
    return attempts.switch_gain(*MODES)[1]


def razor_price() -> float:
    """Divergence to the policy that always succeeds, from one that does with .1."""
    return attempts.condition([0.1, 0.9], [1.0, 0.0])[1]


def never_kept() -> float:
    """Chance that a prompt with success rate .1 gives nothing to imitate in 8 samples."""
    return 1 - attempts.pass_at(*BASE, 8)


def check_accuracy() -> float:
    return attempts.checked(0.3, 0.9, 0.2)[0]


def check_attempts() -> float:
    return attempts.checked(0.3, 0.9, 0.2)[1]


def revise_limit() -> float:
    return attempts.revised(0.8, 0.1, 0.1, 10_000)


def revise_one() -> float:
    return attempts.revised(0.8, 0.1, 0.1, 1)


def revise_low() -> float:
    return attempts.revised(0.3, 0.1, 0.1, 1)


def stop_even() -> float:
    return float(attempts.stop_after(1, 3, 1.0, 0.04))


def stop_uneven() -> float:
    return float(attempts.stop_after(0.25, 0.75, 1.0, 0.04))


GREEDY = np.array([0.6, 0.3, 0.02])  # three prompts and six attempts


def greedy_easy() -> float:
    return float(attempts.allocate(GREEDY, 6)[0])


def greedy_middle() -> float:
    return float(attempts.allocate(GREEDY, 6)[1])


def greedy_hard() -> float:
    return float(attempts.allocate(GREEDY, 6)[2])


def greedy_solved() -> float:
    return float(np.sum(1 - (1 - GREEDY) ** attempts.allocate(GREEDY, 6)))


def uniform_solved() -> float:
    return float(np.sum(1 - (1 - GREEDY) ** 2))


def once_long() -> float:
    """One attempt of 4,000 tokens, accuracy .5."""
    return float(attempts.repeated(0.5, 4.0, 4.0))


def twice_short() -> float:
    """Two attempts of 2,000 tokens, accuracy .35 each."""
    return float(attempts.repeated(0.35, 2.0, 4.0))


def rate_long() -> float:
    return float(attempts.rate_per_token(0.5, 4.0))


def rate_short() -> float:
    return float(attempts.rate_per_token(0.35, 2.0))


def inverse_mean() -> float:
    """Mean of 1 / length when an answer ends with probability .1 at each token."""
    return attempts.length_pull(0.1, 1.0, True) + 0.1


def pull_wrong() -> float:
    return attempts.length_pull(0.1, -0.2, True)


def drift_hard() -> float:
    return attempts.length_drift(0.2, 0.1)


def drift_easy() -> float:
    return attempts.length_drift(0.8, 0.1)


AIME = (np.array([0.1, 0.9]), np.array([0.5, 0.5]))  # half of the problems at .1, half at .9


def error_drawn() -> float:
    """Standard error in points, 30 problems drawn afresh, one sample each."""
    return 100 * attempts.standard_error(*AIME, 30, 1)[0]


def error_same() -> float:
    """The same 30 problems, only sampling differs."""
    return 100 * attempts.standard_error(*AIME, 30, 1)[1]


def error_many() -> float:
    """The same 30 problems, 64 samples each."""
    return 100 * attempts.standard_error(*AIME, 30, 64)[1]


def error_drawn_many() -> float:
    """30 problems drawn afresh, 64 samples each."""
    return 100 * attempts.standard_error(*AIME, 30, 64)[0]
