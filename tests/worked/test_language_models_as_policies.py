"""Values worked by hand; the calculation stands beside each."""

import language_models_as_policies as worked
import pytest

HAND = {
    "good_1": (0.2320, 5e-5),  # .1 e / (.9 + .1 e) = .27183 / 1.17183
    "good_half": (0.4509, 5e-5),  # .1 e^2 / (.9 + .1 e^2) = .73891 / 1.63891
    "good_tenth": (0.9996, 5e-5),  # .1 e^10 = 2202.6; 2202.6 / 2203.5
    "z_half": (1.6389, 5e-5),  # .9 + .73891
    "kl_half": (0.4077, 5e-5),  # .45085 ln 4.5085 + .54915 ln(.54915/.9) = .67897 - .27129
    "value_half": (0.2470, 5e-5),  # .45085 - .5 * .40768; also .5 ln 1.63891
    "value_stay": (0.1, 1e-12),  # KL 0, reward .1
    "value_sure": (-0.1513, 5e-5),  # 1 - .5 ln 10 = 1 - 1.15129
    "variance_half": (0.2476, 5e-5),  # .45085 * .54915
    "natural_once": (0.4509, 5e-5),  # odds 1/9 * e^2 = .8210; .8210 / 1.8210
    "plain_once": (0.1374, 5e-5),  # gradient .1 * .9 = .09 up and .09 down, twice: odds 1/9 * e^.36 = .15926; / 1.15926
    "plain_size": (11.111, 5e-4),  # 1 / (2 * .5 * .1 * .9) = 1 / .09
    "plain_exact": (0.4509, 5e-5),  # 11.111 * .09 = 1 up and 1 down: odds 1/9 * e^2 = .8210, as in natural_once
    # at .1: .99959 ln 9.9959 + .00041 ln(.00041/.9) = 2.2980; at .25: .8585 ln 8.585 - .1415 ln 6.36 = 1.5840
    "last_kl": (0.714, 2e-3),
    "last_reward": (0.141, 5e-4),  # .9996 - .8585, the latter 5.4598 / 6.3598
    "two_tokens": (0.4, 1e-12),  # .5 * .8
    "tree_value": (0.5, 1e-12),  # .5 * .8 + .5 * .2
    "first_advantage": (0.3, 1e-12),  # .8 - .5
    "second_advantage": (0.2, 1e-12),  # 1 - .8
    "lucky_first": (-0.3, 1e-12),  # .2 - .5
    "lucky_second": (0.8, 1e-12),  # 1 - .2
    "discounted_first": (4.36e-5, 5e-8),  # 999 ln .99 = -10.0403; e^-10.0403
    "tempered_first": (0.6849, 5e-5),  # squares .25 .09 .0225 .0025 add up to .365; .25 / .365
    "tempered_last": (0.00685, 5e-6),  # .0025 / .365
    "nucleus_first": (0.625, 1e-12),  # .5 / .8
    "nucleus_second": (0.375, 1e-12),  # .3 / .8
    "sharpened": (0.9412, 5e-5),  # .64 / .68
    "mismatch_push": (0.1412, 5e-5),  # .9412 - .8
    "cut_push": (-0.2, 1e-12),  # 0 - .2
    "forward_narrow": (0.802, 5e-4),  # .49 ln(.5444) + .02 ln .4 + .49 ln 9.8 = -.2979 - .0183 + 1.1184
    "forward_wide": (0.321, 5e-4),  # .98 ln 1.47 + .02 ln .06 = .3776 - .0563
    "reverse_narrow": (0.479, 5e-4),  # .9 ln 1.8367 + .05 ln 2.5 + .05 ln .10204 = .5472 + .0458 - .1141
    "reverse_wide": (0.681, 5e-4),  # 2/3 ln .68027 + 1/3 ln 16.667 = -.2568 + .9378
    "chain_sum": (0.1840, 5e-5),  # first token equal: 0; .5 (.9 ln 1.8 + .1 ln .2) = .5 (.52901 - .16094)
    "pass_2": (0.5333, 5e-5),  # 1 - 21/45
    "pass_5": (0.9167, 5e-5),  # 1 - 21/252
    "plug_2": (0.51, 1e-12),  # 1 - .49
    "plug_mean": (0.489, 1e-9),  # .51 - .3 * .7 / 10
    "maj_up": (0.4333, 5e-5),  # of 120: 6*6 + 4 = 40 won, 36 three-way ties of which a third: 52/120
    "maj_down": (0.2833, 5e-5),  # of 120: 3*7 + 1 = 22 won, 36 ties: 34/120
    "best_1": (0.325, 1e-12),  # (.1 + .4 + .6 + .2) / 4
    "best_2": (0.3667, 5e-5),  # (1 * .4 + 2 * .6 + 3 * .2) / 6
    "best_3": (0.3, 1e-12),  # (1 * .6 + 3 * .2) / 4
    "best_4": (0.2, 1e-12),  # the last alone
    "tool_push": (0.35, 1e-9),  # .7 * 1 * (1 - .5) + .3 * 0
    "parameters": (11136, 0),  # 8*32 + 12*32 + 4*32*32 + 2*32*64 + 64*32 + 32*8
    "uniform_loss": (2.0794, 5e-5),  # ln 8 = 3 * .69315
}


@pytest.mark.parametrize("name", HAND)
def test_by_hand(name):
    value, tolerance = HAND[name]
    assert getattr(worked, name)() == pytest.approx(value, abs=tolerance)


def test_every_number_was_worked_by_hand():
    made = {name for name, made in vars(worked).items() if callable(made) and getattr(made, "__module__", "") == worked.__name__}
    assert made == set(HAND)
