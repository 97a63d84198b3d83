"""By hand. The case: mean 1/8; variance 1/8 - 1/64 = 7/64, so deviation sqrt(7)/8 = 0.33072."""

import policy_gradients as numbers
import pytest


def test_centred():
    assert numbers.centred() == (0.875, -0.125)


def test_standardised():
    # 0.875 / 0.33072 = 7 / sqrt(7) = sqrt(7) = 2.6458; -0.125 / 0.33072 = -1 / sqrt(7) = -0.37796
    assert numbers.standardised() == pytest.approx((2.6458, -0.37796), abs=5e-5)


def test_factor():
    assert numbers.factor() == pytest.approx(3.0237, abs=5e-5)  # 8 / sqrt(7)


def test_left_out():
    assert numbers.left_out() == pytest.approx((1.0, -1 / 7))  # right: 1 - 0; wrong: 0 - 1/7


def test_half():
    assert (numbers.half_centred(), numbers.half_standardised()) == pytest.approx((0.5, 1.0))  # deviation 1/2


def test_weights_of_prompts():
    # G = 8, p = 1/2: sum over k of C(8,k) sqrt(k(8-k))/8 / 256, divided by 1/4:
    # 2*(8*2.6458 + 28*3.4641 + 56*3.8730) + 70*4 = 2*(21.166+96.995+216.887)+280 = 950.096; /8/256/0.25 = 1.85566
    assert numbers.weight_half() == pytest.approx(1.85566, abs=2e-5)
    assert numbers.weight_three() == pytest.approx(2**0.5)
    assert (numbers.limit_half(), numbers.limit_eighth()) == pytest.approx((2.0, 8 / 7**0.5))
    assert numbers.limit_hundredth() == pytest.approx(10.0504, abs=1e-4)  # 1 / sqrt(0.0099)
    assert numbers.rare() == pytest.approx(7**0.5)
    assert numbers.span() == pytest.approx(1.4258, abs=1e-4)  # 2.64575 / 1.85566
    assert numbers.limit_hundredth() > numbers.rare() > numbers.weight_hundredth() > numbers.weight_eighth() > 2.2


def test_mixed_groups():
    assert numbers.mixed_easy() == pytest.approx(1 - 0.66342, abs=1e-5)  # 0.95^8 = 0.66342, 0.05^8 negligible
    assert numbers.mixed_half() == pytest.approx(1 - 2 / 256)


def test_times():
    # z = -ln 99 = -4.59512: 2 * 4.59512 + 99 - 1/99 = 108.180; 4 (sqrt 99 - 1/sqrt 99) = 4 (9.94987 - 0.10050) = 39.3975
    assert (numbers.time_plain(), numbers.time_divided()) == pytest.approx((108.180, 39.3975), abs=1e-3)
    # between the two: the weight lies between 1 and sqrt 7 / 1.8557 = 1.4258 times that at 1/2
    assert 108.180 / 1.4258 < numbers.time_eight() < 108.180


def test_credit():
    assert numbers.credit_broadcast() == pytest.approx((0.5, 0.2))  # 1 - 0.5, 1 - 0.8
    assert numbers.credit_one_step() == pytest.approx((0.3, 0.2))  # 0.8 - 0.5, 1 - 0.8


def test_variances_of_two_credits():
    assert numbers.variance_exact()[1] < numbers.variance_broadcast()[0]


def test_clips():
    assert (numbers.room_symmetric(), numbers.room_higher()) == pytest.approx((0.024, 0.0256))
    assert numbers.sequence_ratio() == pytest.approx(1.006956, abs=1e-6)  # 2^0.01 = exp(0.00693147)
    assert numbers.one_percent_product() == pytest.approx(2.7048, abs=1e-4)  # exp(100 * 0.00995033)
    assert numbers.clipped_after() == pytest.approx(0.00039992, abs=1e-8)
    assert numbers.clip_weights() == (-4.0, 0.0, -2.0)


def test_aggregation():
    assert numbers.share_sequence() == pytest.approx((0.25, 0.0625))  # 1 / (2*2), 1 / (2*8)
    assert numbers.share_token() == pytest.approx((0.1, 0.1))  # 1 / 10
    assert numbers.share_constant() == pytest.approx((0.05, 0.05))  # 1 / (2*10)
    # minus (2*c1*1 - 8*c2*1): 0, 0.6, 0.3; the guard 1e-6 below the deviation costs a few millionths
    assert (numbers.loss_sequence(), numbers.loss_token(), numbers.loss_constant()) == pytest.approx((0, 0.6, 0.3), abs=1e-5)


def test_length_push():
    # 0.1 (1 + ln 0.1 / 0.9) = 0.1 (1 - 2.302585 / 0.9) = -0.1558428
    assert numbers.push() == pytest.approx(-0.1558428, abs=1e-7)
    assert numbers.inverse_length() == pytest.approx(0.2558428, abs=1e-7)
    assert numbers.push_wrong() == pytest.approx(0.0779214, abs=1e-7)


def test_lengths_after_training():
    assert numbers.wrong_sequence()[0] > 50 > 40 > numbers.wrong_token()[1] > numbers.wrong_token()[0] > 25
    assert max(numbers.wrong_batch()[1], numbers.wrong_constant()[1]) < 15
    assert numbers.right_sequence()[1] < 1.1


def test_k_by_hand():
    # u = ln(0.5/0.9) = -0.587787, ln(0.5/0.1) = 1.609438
    assert numbers.k1_values() == pytest.approx((-0.587787, 1.609438), abs=1e-6)
    assert numbers.k2_values() == pytest.approx((0.172747, 1.295145), abs=1e-6)
    assert numbers.k3_values() == pytest.approx((0.212213, 0.809438), abs=1e-6)  # 1.8 - 1 - 0.587787; 0.2 - 1 + 1.609438
    assert numbers.reverse() == pytest.approx(0.510826, abs=1e-6)
    assert numbers.forward() == pytest.approx(0.368064, abs=1e-6)  # 0.9 ln 1.8 + 0.1 ln 0.2
    assert numbers.k2_mean() == pytest.approx(0.733946, abs=1e-6)
    # of two equally likely values the variance is the squared half distance: 1.098612^2, 0.561199^2, 0.298612^2
    assert numbers.k_variances() == pytest.approx((1.206949, 0.314944, 0.089169), abs=1e-5)


def test_rare_variances():
    # p(1-p) = 0.000999; distances 0.104360 + 4.605170 = 4.709530 and 94.394830 - 0.005260 = 94.389570
    assert numbers.rare_variances() == pytest.approx((0.000999 * 4.70953**2, 0.000999 * 94.38957**2), rel=1e-5)
    assert numbers.rare_value() == pytest.approx(94.39483, abs=1e-5)  # 100 - 1 - 4.60517


def test_gradients_of_k():
    # score of the first logit: 0.5, -0.5. k2: 0.5*(-0.587787*0.5) + 0.5*(1.609438*(-0.5)) = -0.549306; k3: 0.5 - 0.9
    assert numbers.loss_gradients() == pytest.approx((0.0, -0.549306, -0.4), abs=1e-6)
    # in the reward: k1 as k2 in the loss; k2: 0.25*(0.172747-1.295145); k3: 0.25*(0.212213-0.809438) = -0.549306 + 0.4
    assert numbers.reward_gradients() == pytest.approx((-0.549306, -0.280600, -0.149306), abs=1e-6)


def test_scales_of_the_lab():
    assert abs(numbers.scale_rloo()[0] - 1) < 0.02 and abs(numbers.scale_rloo()[1] - 1) < 0.02
    assert abs(numbers.scale_dr()[0] - 7 / 8) < 0.02 and abs(numbers.scale_dr()[1] - 7 / 8) < 0.02
    assert 1.85 < numbers.scale_grpo()[0] < numbers.scale_grpo()[1] < 1.95
    assert numbers.scale_dapo()[0] > numbers.scale_grpo()[0]


def test_cosines():
    assert numbers.cosine_near()[0] > 0.999 > numbers.cosine_far()[1] > numbers.cosine_far()[0] > 0.98
