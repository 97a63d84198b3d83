"""Numbers of the chapter worked by hand (pocket calculator, four digits); tolerance half a unit of the last digit typed."""

import pytest
import verifiable_and_process_rewards as w

BY_HAND = {
    # 0.1 / (0.1 + 0.9 * 0.05) = 0.1 / 0.145; 0.01 / (0.01 + 0.99 * 0.05) = 0.01 / 0.0595
    "case_tenth": (68.97, 5e-3),
    "case_hundredth": (16.81, 5e-3),
    # 0.05 + 0.75 * 0.1; 0.05 + 0.75 * 0.5; 0.08 / 0.125; 1 - 0.05 - 0.2
    "accepted_tenth": (0.125, 1e-9),
    "accepted_half": (0.425, 1e-9),
    "precision_strict": (64.0, 1e-9),
    "signal": (0.75, 1e-9),
    # 0.125 * 0.875 / (0.09 * 0.5625) = 0.109375 / 0.050625; 0.425 * 0.575 / (0.25 * 0.5625) = 0.244375 / 0.140625
    "samples_tenth": (2.160, 5e-4),
    "samples_half": (1.738, 5e-4),
    # 1 / sqrt 2.1605 = 1 / 1.4699
    "normalised_tenth": (0.6803, 5e-5),
    # 0.95 / 0.75; -0.05 / 0.75
    "corrected_accept": (1.2667, 5e-5),
    "corrected_reject": (-0.0667, 5e-5),
    # ln 2000 / 0.15 = 7.6009 / 0.15; 0.000095 / 0.8 in percent; e^-0.100005
    "hack_takeover": (50.67, 5e-3),
    "hack_mean_rate": (0.011875, 1e-9),
    "hack_unseen": (90.48, 5e-3),
    # 0.5 * 0.6 + 0.5 * 0.2
    "tree_start": (0.4, 1e-12),
    "tree_good": (0.6, 1e-12),
    "tree_bad": (0.2, 1e-12),
    # 0.6 - 0.4, 1 - 0.6; 0.2 - 0.4, 1 - 0.2
    "progress_good": ((0.2, 0.4), 1e-12),
    "progress_lucky": ((-0.2, 0.8), 1e-12),
    # sqrt(0.24 / 8) = sqrt 0.03; sqrt(0.03 + 0.03)
    "rollout_deviation": (0.1732, 5e-5),
    "progress_deviation": (0.2449, 5e-5),
    # 0.8^8 = 0.1678; 0.9^8 = 0.4305
    "hard_bad": (83.22, 5e-3),
    "hard_unlikely": (43.05, 5e-3),
    # 0.95^2 = 0.9025, ^4 = 0.8145, * 0.95; 0.99^4 = 0.9606, * 0.6; 0.95^12 = 0.8145 * 0.6634
    "even_product": (0.7738, 5e-5),
    "uneven_product": (0.5764, 5e-5),
    "long_product": (0.5404, 5e-5),
    "sum_five": (4.5, 1e-12),
    "sum_ten": (9.0, 1e-12),
    # ln(0.6 * 2.71828 + 0.4) = ln 2.03097; ln(0.54366 + 0.8) = ln 1.34366; ln((2.03097 + 1.34366) / 2) = ln 1.68731
    "implicit_good": (0.7085, 5e-5),
    "implicit_bad": (0.2954, 5e-5),
    "implicit_start": (0.5231, 5e-5),
    # 0.5 * 2.03097 / 1.68731; 0.7085 - 0.5231, 1 - 0.7085
    "model_good": (0.6018, 5e-5),
    "implicit_steps_good": ((0.1854, 0.2915), 5e-5),
    # 100 ln(1 + 0.6 * 0.0100502) = 100 ln 1.00603010; 1 + 0.05 ln 0.6 = 1 - 0.05 * 0.51083
    "implicit_hot": (0.6012, 5e-5),
    "implicit_cold": (0.97446, 5e-6),
    # 0.76 / 1.35; 1.3 / 2
    "f1_example": (0.5630, 5e-5),
    "f1_never": (0.0, 1e-9),
    "rubric_example": (0.65, 1e-12),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name):
    value, tolerance = BY_HAND[name]
    assert getattr(w, name)() == pytest.approx(value, abs=tolerance)


def test_sign_of_progress():
    """P(share at 0.6 not above share at 0.4) with eight rollouts each, added up cell by cell."""
    from math import comb

    before = [comb(8, k) * 0.4**k * 0.6 ** (8 - k) for k in range(9)]
    after = [comb(8, k) * 0.6**k * 0.4 ** (8 - k) for k in range(9)]
    wrong = sum(a * b for j, a in enumerate(after) for k, b in enumerate(before) if j <= k)
    assert w.sign_wrong() == pytest.approx(100 * wrong, abs=1e-9)


def test_measured_numbers_are_in_order():
    """Spreads that the text states: least below most, and the claims between them."""
    for name in ("single", "lucky", "steps", "outcome", "lead", "equal", "rollout", "rollout_peak", "control", "minimum"):
        assert getattr(w, f"{name}_least")() <= getattr(w, f"{name}_most")()
    assert w.labels_least() > 1_000 and w.labels_most() < 1_200
    assert w.lead_least() > 7
    assert w.equal_least() >= w.steps_least()
    assert w.outcome_many_least() > 90
    assert w.rejected_outcome_most() < w.accepted_outcome_least() <= w.accepted_outcome_most()
    assert w.rejected_outcome_least() > 50
    assert w.called_right_eight_least() < w.called_right_eight_most() < w.called_right_many_least() < w.called_right_many_most()
    assert w.last_most() < 50
    for name in ("majority", "early_rollout_lead", "control_many", "rollout_many", "rejected_steps", "both_steps", "aware_gain"):
        assert 0 < getattr(w, f"{name}_least")() <= getattr(w, f"{name}_most")()
    assert w.majority_most() < w.steps_least() and w.rollout_most() < w.majority_least() and w.outcome_clears() == 3
    assert w.rollout_many_most() < w.control_many_least()
    assert 0 < w.equal_minimum_lead_least() < w.equal_minimum_lead_most() < 6
    assert w.both_outcome_most() < w.rejected_outcome_most() and w.accepted_steps_least() > 99
    assert 80 < w.takeover_least() < w.takeover_most() < 210
    assert w.before_hack_least() > 99 and w.after_hack_most() < 1 and w.plain_least() > 99
