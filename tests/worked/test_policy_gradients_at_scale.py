"""Numbers of the chapter worked by hand (pocket calculator); tolerance half a unit of the last digit typed."""

import math
import random

import policy_gradients_at_scale as w
import pytest

BY_HAND = {
    # 512 e^-0.4 = 512 * 0.67032; 512 e^-4 = 512 * 0.0183156
    "case_short": (343.2, 0.05),
    "case_long": (9.378, 5e-4),
    # 0.6/0.5, 0.4/0.5; (0.36 + 0.16)/0.5; 1/1.04; 1.04^-100 = e^(-100 * 0.0392207) = e^-3.92207
    "coin_ratios": ((1.2, 0.8), 1e-12),
    "coin_second": (1.04, 1e-12),
    "coin_share": (0.9615, 5e-5),
    "coin_share_100": (0.0198, 5e-5),
    # first logit at the root, logits of a softmax: p (1 - p) times the difference of values of token 0 and token 1
    # true: 0.5 * 0.5 * (0.5 - 0); token: 0.5 * 0.5 * (0.8 - 0)
    "pair_true": (0.125, 1e-12),
    "pair_token": (0.2, 1e-12),
    # none: mean over mu of reward times (1 - 0.5) for the answer 00: 0.64 * 0.5
    "pair_none": (0.32, 1e-12),
    "pair_sequence": (0.125, 1e-12),
    # 1.5 * 0.3 * 0.70711 * 2
    "pair_bound": (0.6364, 5e-5),
    # e^0.4 - 1; e^4 - 1; ln 2 / 0.0004
    "variance_1000": (0.4918, 5e-5),
    "variance_10000": (53.60, 5e-3),
    "half_length": (1732.9, 0.05),
    # log-weight normal, mean -0.2, deviation 0.6325: F((0.6931+0.2)/0.6325) - F((-0.6931+0.2)/0.6325) = F(1.412) - F(-0.780)
    # = 0.9210 - 0.2178; mean -2, deviation 2: F(1.3466) - F(0.6534) = 0.9109 - 0.7433
    "kept_1000": (0.703, 5e-4),
    "kept_10000": (0.1677, 5e-4),
    # sqrt(0.00128), sqrt(0.00307)
    "spread_dense": (0.03578, 5e-6),
    "spread_mixture": (0.05541, 5e-6),
    "share_bound_1": (0.3679, 5e-5),
    "geometric_spread": (0.0002, 1e-12),
    # min(0.9, 2 * 0.3); 0.81/0.3; 0.3 * 4; 2 * 0.9; ratio 3 is masked
    "truncated_mean": (0.6, 1e-12),
    "plain_second": (2.7, 1e-12),
    "truncated_second": (1.2, 1e-12),
    "truncated_bound": (1.8, 1e-12),
    "masked_mean": (0.0, 1e-12),
    # 20 lies between 16 and 32: neighbours 16/128 = 0.125 and 16/1024 = 0.015625 apart
    "logit_error_bf16": (0.0625, 1e-12),
    "logit_error_fp16": (0.0078125, 1e-12),
    # 1 - 80/640; 760/200; 80/200; 640/200
    "generation_idle": (0.875, 1e-12),
    "step_in_turns": (760.0, 1e-9),
    "step_side_by_side": (200.0, 1e-9),
    "speed_up": (3.8, 1e-12),
    "generators": (0.4, 1e-12),
    "versions_in_longest": (3.2, 1e-12),
    # 0.7 * 0.35667 + 0.2 * 1.60944 + 0.1 * 2.30259
    "entropy_start": (0.8018, 5e-5),
    # changes of the logits 0.7 * 0.3 = 0.21, 0.2 * -0.7 = -0.14, 0.1 * -0.7 = -0.07; mean 0.147 - 0.028 - 0.007 = 0.112
    # E[ln p dz] = 0.7*(-0.35667)(0.21) + 0.2*(-1.60944)(-0.14) + 0.1*(-2.30259)(-0.07)
    #            = -0.05243 + 0.04506 + 0.01612 = 0.00875; less (-0.8018)(0.112) = -0.08980; minus the sum = -0.0986
    "entropy_likely": (-0.0986, 5e-5),
    # 0.7 * -0.1 = -0.07, 0.2 * -0.1 = -0.02, 0.1 * 0.9 = 0.09; mean -0.049 - 0.004 + 0.009 = -0.044
    # E = 0.7*(-0.35667)(-0.07) + 0.2*(-1.60944)(-0.02) + 0.1*(-2.30259)(0.09) = 0.01748 + 0.00644 - 0.02072 = 0.00319
    # less (-0.8018)(-0.044) = 0.03528 gives -0.03209; minus it
    "entropy_rare": (0.0321, 5e-5),
    "rare_room": (0.012, 1e-12),
    "rare_room_higher": (0.0128, 1e-12),
    "likely_room": (1.08, 1e-12),
    # 100 ln 0.95 = -5.1293; 1 - 1/5; 1 - 1/20; 1 - 1/500; 10000 ln 0.998 = -20.020
    "fixed_reach": (0.00592, 5e-6),
    "adaptive_trace_100": (0.8, 1e-12),
    "adaptive_trace_400": (0.95, 1e-12),
    "adaptive_trace_10000": (0.998, 1e-12),
    "adaptive_reach_10000": (2.02e-9, 5e-12),
    # 0.2 + 0.4/2; 0.2 + 0.5/5; 0.2 + 0.4/(1 + 1/4096); 0.2 + 0.5/(1 + 1/16)
    "fast_1": (0.4, 1e-12),
    "high_1": (0.3, 1e-12),
    "fast_64": (0.5999, 5e-5),
    "high_64": (0.6706, 5e-5),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name):
    value, tolerance = BY_HAND[name]
    assert getattr(w, name)() == pytest.approx(value, abs=tolerance, rel=0)


def test_the_effective_size_that_a_batch_shows():
    """Drawn here with another generator, batch by batch, and through the largest weight."""
    random.seed(1)
    sizes = []
    for _ in range(300):
        weights = [math.exp(random.gauss(-2.0, 2.0)) for _ in range(512)]
        sizes.append(sum(weights) ** 2 / sum(v * v for v in weights))
    mean = sum(sizes) / len(sizes)
    error = (sum((v - mean) ** 2 for v in sizes) / len(sizes)) ** 0.5 / len(sizes) ** 0.5
    assert abs(w.logged_long() - mean) < 4 * error
    assert w.logged_long() > 3 * w.case_long()  # as the chapter says


def test_the_numbers_of_the_lab():
    """Not by hand: the bounds that the sentences of the chapter need."""
    assert w.none_bias_least() > 0.6 and w.token_bias_least() > 0.5
    assert w.truncated_bias_most() < 0.5
    assert w.sequence_variance_least() > 2
    assert w.truncated_variance_most() < 1.2
    assert 0.2 < w.lab_share_least() < w.lab_share_most() < 0.5
    assert w.step_0() > 1.9 * w.step_1() > 2.5 * w.step_2() > w.step_4() > w.step_8()
    assert w.step_4() / w.step_8() < 1.15  # little to gain beyond
    assert 3 < w.lag_4() <= 4 and 4 < w.lag_8() < 6
