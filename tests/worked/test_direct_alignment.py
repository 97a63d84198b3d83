"""Numbers of the chapter worked by hand (pocket calculator, four digits); tolerance half a unit of the last digit typed."""

import direct_alignment as w
import pytest

BY_HAND = {
    # 0.1 * (-2 + 10); ln 2; ln(1 + e^-0.8) = ln 1.4493; e^2
    "case_margin": (0.8, 5e-4),
    "case_before": (0.6931, 5e-5),
    "case_after": (0.3711, 5e-5),
    "case_factor": (7.389, 5e-4),
    # 0.5 * 2.71828 + 0.3 + 0.2 * 0.36788
    "three_partition": (1.7327, 5e-5),
    # 1.35914/1.73272 = 0.78440, 0.3/1.73272 = 0.17314, 0.07358/1.73272 = 0.04246
    "three_optimum": ((0.7844, 0.1731, 0.0425), 1e-4),
    # ln 1.5688 - ln 0.57713 = 0.4503 + 0.5497 = (1 - 0) / 1
    "three_implicit_gap": (1.0, 1e-8),
    "three_prefer": (0.7311, 5e-5),
    # (-12 + 13) - (-14 + 13)
    "pair_margin": (2.0, 1e-12),
    "pair_reward_chosen": (0.1, 1e-9),
    "pair_reward_rejected": (-0.1, 1e-9),
    # ln(1 + e^-0.2) = ln 1.81873; ln(1 + e^0.2) = ln 2.22140; 1/(1 + e^0.2) = 1/2.2214; times -0.1; 1/(1 + e^-4)
    "pair_loss": (0.5981, 5e-5),
    "pair_swapped_loss": (0.7981, 5e-5),
    "pair_weight": (0.4502, 5e-5),
    "pair_slope": (-0.04502, 5e-6),
    "pair_wrong_weight": (0.9820, 5e-5),
    # 1/0.2 = 5; (2 - 5)^2
    "ipo_target": (5.0, 1e-12),
    "ipo_loss": (9.0, 1e-9),
    "ipo_win_rates": ((0.8333, 0.5, 0.1667), 5e-5),
    # 0.5 e^1.6667 = 2.6472, 0.3 e = 0.8155, 0.2 e^0.3333 = 0.2791, sum 3.7418
    "ipo_policy": ((0.7075, 0.2179, 0.0746), 1e-4),
    # 0.9 * 0.5981 + 0.1 * 0.7981; ln 9 / 0.1; (0.9 * 0.5981 - 0.1 * 0.7981) / 0.8
    "cdpo_loss": (0.6181, 5e-5),
    "cdpo_margin": (21.97, 5e-3),
    "rdpo_loss": (0.5731, 5e-5),
    # (1 + 0.6 * 1) * 0.1
    "beta_dpo": (0.16, 1e-12),
    # 1 - 1/(1 + e^-0.05) = 1 - 0.51250; 1 - 1/(1 + e^-0.15) = 1 - 0.53743
    "kto_chosen": (0.4875, 5e-5),
    "kto_rejected": (0.4626, 5e-5),
    # -12/20, -14/10; ln(1 + e^-(2 * 0.8 - 1)) = ln 1.54881
    "simpo_chosen_average": (-0.6, 1e-12),
    "simpo_rejected_average": (-1.4, 1e-12),
    "simpo_loss": (0.4375, 5e-5),
    # e^-0.6 = 0.54881, / 0.45119; e^-1.4 = 0.24660, / 0.75340; ratio 3.716; 0.6 + 0.1 ln(1 + 1/3.716) = 0.6 + 0.02382
    "orpo_chosen_odds": (1.2164, 5e-5),
    "orpo_rejected_odds": (0.3273, 5e-5),
    "orpo_loss": (0.6238, 5e-5),
    # ln(1 + e^-(0.2 + 0.01 * 10)) = ln 1.74082
    "length_loss": (0.5544, 5e-5),
    # 0.1 * ((2.71828 + 1) - (0.36788 - 1)) = 0.1 * 4.3504; ln(1 + e^-0.43504) = ln 1.64724; 20 + 2.9957
    "chipo_gap": (0.4350, 5e-5),
    "chipo_loss": (0.4991, 5e-5),
    "chi_link_rare": (22.996, 5e-4),
    "log_rare": (2.9957, 5e-5),
    # (2/2 - 1.5)^2
    "rebel_loss": (0.25, 1e-12),
    # 0.4 + 0.6 - 0.3; (1 - 0.7)(1 - 2); (2 - 0.7)(-1); (-1 - 0.7)(-1)
    "mean_feature": (0.7, 1e-9),
    "change_no": (-0.3, 1e-9),
    "change_never": (-1.3, 1e-9),
    "change_yes": (1.7, 1e-9),
    # ln((1.35914 + 0.5) / 2 ...): V(0) = ln 1.85914 = 0.62012; V = ln(0.5 * 1.85914 + 0.5) = ln 1.42957; differences
    "token_value_first": (0.6201, 5e-5),
    "token_value_start": (0.3574, 5e-5),
    "token_reward_first": (0.2627, 1e-4),
    "token_reward_second": (0.3799, 5e-5),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name):
    value, tolerance = BY_HAND[name]
    assert getattr(w, name)() == pytest.approx(value, abs=tolerance)


def test_displacement_path():
    """Five steps: the loss falls below half of ln 2, No falls below a half of its start, Yes rises above 0.75."""
    assert w.loss_after() < 0.3466 and w.no_after() < 0.2 and w.yes_after() > 0.75


def test_ranges():
    """What the text says about the lab on five seeds."""
    assert w.off_least() > 0.3 and w.off_most() < 0.9
    assert 0.03 < w.table_least() < 0.06 and 0.9 < w.table_most() < 0.95
    assert w.bad_gain_seeds() == 3
    assert w.off_offline() > 0.4 and w.off_online() < 0.05 and w.off_spread() < 0.1
    assert 0.01 < w.misfit_least() < w.misfit_most() < 0.15
    assert 0.04 < w.fell_least() <= w.fell_most() < 0.08
