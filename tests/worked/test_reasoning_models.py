"""Values worked by hand; the calculation stands beside each."""

import pytest
import reasoning_models as worked

HAND = {
    "case_base_one": (0.1, 1e-12),
    "case_trained_one": (0.4, 1e-12),  # .5 * .8
    "case_base_seven": (0.5217, 5e-5),  # .9^7 = .9^3 * .9^4 = .729 * .6561 = .4783
    "case_trained_seven": (0.499994, 5e-7),  # .5 * (1 - .2^7) = .5 * (1 - .0000128)
    "case_crossing": (7, 0),  # .9^6 = .5314 > .50003; .9^7 = .4783 < .5000064
    "even_two": (0.64, 1e-12),  # 1 - .36
    "uneven_two": (0.48, 1e-12),  # 1 - .36 - .16; also .5 * (1 - .04)
    "uneven_spread": (0.16, 1e-12),  # .5 * .4^2 + .5 * .4^2
    "bound_seven": (0.8986, 5e-5),  # .36 + .16 = .52; ln .52 = -.65393, * 3.5 = -2.28874, e^ = .10139; 1 - .10139
    "none_of_256": (0.01163, 5e-6),  # ln .05 = -2.99573, / 256 = -.0117021; 1 - e^ = .0116339
    "hazard_first": (0.4, 1e-12),
    "hazard_second": (0.1333, 5e-5),  # .5 * .8 * .2 / (.5 + .5 * .2) = .08 / .6
    "hazard_third": (0.0308, 5e-5),  # .5 * .8 * .04 / (.5 + .5 * .04) = .016 / .52
    "lead_one": (0.3, 1e-12),  # .4 - .1
    "lead_lost": (0.05, 1e-12),
    "lead_won": (0.35, 1e-12),
    "tilted": (0.4509, 5e-5),  # .1 e^2 = .73891; / (.73891 + .9)
    "sharp_right": (0.2288, 5e-5),  # .027 / (.027 + .064 + .027) = .027 / .118
    "sharp_wrong": (0.5424, 5e-5),  # .064 / .118
    "vote_right": (0.288, 1e-9),  # .3^3 + 3 * .09 * .7 + 6 * .3 * .4 * .3 / 3 = .027 + .189 + .072
    "mode_before": (0.255, 1e-12),  # .075 + .18
    "mode_after": (0.9425, 1e-12),  # .9405 + .002
    "mode_switch": (0.4895, 1e-12),  # .89 * .55
    "mode_within": (0.198, 1e-12),  # .99 * .2
    "razor_price": (2.3026, 5e-5),  # ln 10
    "never_kept": (0.4305, 5e-5),  # .9^8 = .6561^2
    "check_accuracy": (0.6585, 5e-5),  # .27 / (.27 + .14)
    "check_attempts": (2.439, 5e-4),  # 1 / .41
    "revise_limit": (0.5, 1e-9),  # .1 / .2
    "revise_one": (0.74, 1e-12),  # .8 * .9 + .2 * .1
    "revise_low": (0.34, 1e-12),  # .3 * .9 + .7 * .1
    "stop_even": (21, 0),  # 1 / .04 - 4
    "stop_uneven": (6, 0),  # .25 / .04 - 1 = 5.25, rounded up
    "greedy_easy": (2, 0),  # gains .6 .24 | .096
    "greedy_middle": (4, 0),  # gains .3 .21 .147 .1029 | .072
    "greedy_hard": (0, 0),  # gain .02
    "greedy_solved": (1.5999, 1e-9),  # 1 - .16 + 1 - .2401
    "uniform_solved": (1.3896, 1e-9),  # .84 + .51 + .0396
    "once_long": (0.5, 1e-12),
    "twice_short": (0.5775, 1e-9),  # 1 - .65^2
    "rate_long": (0.1733, 5e-5),  # .69315 / 4
    "rate_short": (0.2154, 5e-5),  # .43078 / 2
    "inverse_mean": (0.2558, 5e-5),  # .1 * 2.302585 / .9
    "pull_wrong": (-0.0312, 5e-5),  # -.2 * .15584
    "drift_hard": (0.1346, 5e-5),  # .6 * .16 * .15584 * 9
    "drift_easy": (-0.1346, 5e-5),
    "error_drawn": (9.129, 5e-3),  # sqrt(.25 / 30): .16 + .09 = .25
    "error_same": (5.477, 5e-3),  # sqrt(.09 / 30)
    "error_many": (0.6847, 5e-4),  # / 8
    "error_drawn_many": (7.335, 5e-3),  # sqrt((.16 + .00140625) / 30) = sqrt(.005380)
}


@pytest.mark.parametrize("name", HAND)
def test_by_hand(name):
    value, tolerance = HAND[name]
    assert getattr(worked, name)() == pytest.approx(value, abs=tolerance)


def test_every_number_was_worked_by_hand():
    made = {name for name, made in vars(worked).items() if callable(made) and getattr(made, "__module__", "") == worked.__name__}
    assert made == set(HAND)
