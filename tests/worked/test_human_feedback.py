"""Values worked by hand, typed from the calculation in each comment."""

import human_feedback as worked
import pytest


def test_one_comparison():
    # 1 / (1 + e^-1) = 1 / 1.36788
    assert worked.one_apart() == pytest.approx(0.73106, abs=1e-4)
    assert worked.one_apart_shifted() == pytest.approx(0.73106, abs=1e-4)


def test_three_comparisons():
    # ln(1 + e^-1) = 0.31326; ln 2 = 0.69315; mean (0.31326 + 0.69315 + 0.31326) / 3 = 0.43989
    assert worked.three_losses() == pytest.approx((0.31326, 0.69315, 0.31326), abs=1e-4)
    assert worked.three_loss() == pytest.approx(0.43989, abs=1e-4)
    # sigma(-1) = 0.26894; A: -2 * 0.26894 / 3; B: (0.26894 - 0.5) / 3; C: (0.5 + 0.26894) / 3
    assert worked.three_gradient() == pytest.approx((-0.17929, -0.07702, 0.25631), abs=1e-4)
    # odds 3 to 1: ln 3
    assert worked.three_of_four() == pytest.approx(1.09861, abs=1e-4)
    assert worked.pairs_of_nine() == 36


def test_clips():
    # sums 1.5 and 0.7; sigma(0.8) = 1 / (1 + 0.44933) = 0.68997; 0.9 * 0.68997 + 0.05 = 0.67098
    assert worked.clip_sigmoid() == pytest.approx(0.68997, abs=1e-4)
    assert worked.clip_preference() == pytest.approx(0.67098, abs=1e-4)


def test_margin_and_calibration():
    # gap 1, margin 1: ln 2
    assert worked.margin_loss() == pytest.approx(0.69315, abs=1e-4)
    # a^2 - 2 e a - 3 = 0: a = e + sqrt(e^2 + 3) = 2.71828 + 3.22323 = 5.94151; ln a = 1.78196; a / (1 + a) = 0.85594
    assert worked.margin_gap() == pytest.approx(1.78196, abs=1e-4)
    assert worked.margin_prediction() == pytest.approx(0.85594, abs=1e-4)
    # (5 * 0 + 5 * 0.3) / 10
    assert worked.ece_example() == pytest.approx(0.15)
    # (1 + sqrt(0.452)) / 2 = (1 + 0.67231) / 2; (1 + sqrt(0.26)) / 2 = (1 + 0.50990) / 2
    assert worked.ceiling_726() == pytest.approx(0.83615, abs=1e-4)
    assert worked.ceiling_63() == pytest.approx(0.75495, abs=1e-4)


def test_best_of_n():
    # ln 2 - 1/2; ln 4 - 3/4; ln 16 - 15/16; ln 128 - 127/128; 10 ln 2 - 1023/1024; ln 60000 - 1
    assert worked.kl_2() == pytest.approx(0.19315, abs=1e-4)
    assert worked.kl_4() == pytest.approx(0.63629, abs=1e-4)
    assert worked.kl_16() == pytest.approx(1.83509, abs=1e-4)
    assert worked.kl_128() == pytest.approx(3.85984, abs=1e-4)
    assert worked.kl_1024() == pytest.approx(5.93245, abs=1e-4)
    assert worked.kl_60000() == pytest.approx(10.00212, abs=1e-3)
    # 15/16 ln(15/8) + 1/16 ln(1/8) = 0.9375 * 0.62861 - 0.0625 * 2.07944
    assert worked.two_answers_kl() == pytest.approx(0.45936, abs=1e-4)


def test_law():
    # 1.41421 * 1.4; 2 * 0.5 * 0.64; 1.97990 / 1.28; its square; 1.9799^2 / (4 * 0.64); zero at twice the peak
    assert worked.law_gain() == pytest.approx(1.97990, abs=1e-4)
    assert worked.law_cost() == pytest.approx(0.64)
    assert worked.law_peak_d() == pytest.approx(1.54680, abs=1e-4)
    assert worked.law_peak_kl() == pytest.approx(2.39258, abs=1e-4)
    assert worked.law_peak_gold() == pytest.approx(1.53125, abs=1e-4)
    assert worked.law_twice() == pytest.approx(0.0, abs=1e-9)


def test_annotators():
    # rows of wins with the tie against itself: (0.5+0.6+0.6)/3, (0.4+0.5+1)/3, (0.4+0+0.5)/3
    assert worked.borda_shares() == pytest.approx((0.56667, 0.63333, 0.3), abs=1e-4)
    a, b, c = worked.borda_rewards()
    assert a == 0 and b > 0 > c
    # ln(0.55/0.45) = 0.20067; (0.55/0.45)^5 = 1.22222^5 = 2.7274; ^20 = e^4.01341 = 55.33
    assert worked.slight_gap() == pytest.approx(0.20067, abs=1e-4)
    assert worked.slight_odds_1() == pytest.approx(1.22222, abs=1e-4)
    assert worked.slight_odds_02() == pytest.approx(2.7274, abs=1e-3)
    assert worked.slight_odds_005() == pytest.approx(55.33, abs=0.05)
    assert worked.slight_share_005() == pytest.approx(55.33 / 56.33, abs=1e-4)


def test_lab_numbers_keep_their_order():
    """What the text says in words about the five seeds."""
    assert set(worked.linear_peaks()) == {8} and worked.linear_peak() == 8
    assert worked.linear_1024_best() < -1 < 1 < worked.linear_8_least()
    assert worked.few_accuracy_most() < worked.linear_accuracy_least() < worked.linear_accuracy_most() < 0.85
    assert worked.few_1024_least() > 2 and worked.few_proxy_least() > 9 and worked.linear_proxy_least() > 3
    assert worked.few_proxy_most() < 15 and worked.linear_proxy_most() < 4.1 and worked.linear_8_most() < 2.1
    assert worked.many_1024_least() > 0.95 * worked.oracle_1024_least()
    assert worked.many_1024_most() <= worked.oracle_1024_most()
    assert worked.overfitted_turned() == 2 and worked.few_learning_turned() == 3
    assert worked.ensemble_linear_drop_least() > 4 and worked.single_linear_drop_least() > 4
    assert worked.ensemble_linear_drop_most() > worked.single_linear_drop_most()  # the least of five is no cure
    assert 0.2 < worked.few_sag_most() < 0.3  # one seed sags and recovers
    assert 0 < worked.ensemble_gain_least() < worked.ensemble_gain_most() < 1
    assert worked.linear_error_most() < 0.07 < 0.18 < worked.linear_error_64_least() < worked.linear_error_64_most() < 0.21
    assert worked.linear_error_least() > 0.04 and worked.many_error_most() < 0.02 < worked.many_error_64_most() < 0.05
    assert worked.penalty_linear_most() < 0.15
    assert 0 < worked.penalty_many_least() < worked.penalty_many_most() < 0.2
    assert 0 < worked.penalty_few_least() < worked.penalty_few_most() < 0.6
    assert worked.form_quadratic_most() < 0.12 < worked.form_logarithm_least()
    assert worked.linear_1024_worst() < worked.linear_1024_best() and worked.few_1024_most() < worked.oracle_1024_least()
    assert worked.few_accuracy_least() > 0.75
