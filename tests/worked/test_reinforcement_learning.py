"""The numbers of the chapter "Reinforcement learning in one sitting", each worked by hand."""

import pytest
import reinforcement_learning as w

E = 1e-9


def close(value, by_hand, tolerance=E):
    assert value == pytest.approx(by_hand, abs=tolerance)


def test_two_actions():
    close(w.two_samples(), (5.5, -5.0))  # 11 (1 - 1/2); 10 (0 - 1/2)
    close(w.two_gradient(), 0.25)  # (5.5 - 5) / 2
    close(w.two_variance(), 27.5625)  # both lie 5.25 from 0.25
    close(w.two_centred(), (0.25, 0.25))  # 0.5 (0.5); -0.5 (-0.5)


def test_chain_values():
    close(w.return_example(), 8.1)  # 0.81 * 10
    # V(2) = (1 + 5)/2 = 3; V(1) = (1 + .9 * 3)/2 = 1.85; V(0) = (2 + .9 * 1.85)/2 = 1.8325
    close(w.coin_values(), (1.8325, 1.85, 3.0))
    close(w.coin_q_go(), (1.665, 2.7, 5.0))
    close(w.coin_advantage_go(), (-0.1675, 0.85, 2.0))


def test_value_iteration():
    close(w.sweep_1(), (2.0, 1.0, 5.0))
    close(w.sweep_2(), (2.0, 4.5, 5.0))  # max(2, .9), max(1, 4.5), 5
    close(w.sweep_3(), (4.05, 4.5, 5.0))  # max(2, .9 * 4.5)
    close(w.sweep_errors(), (5.0, 3.5, 2.05))


def test_learning():
    close(w.td_after_one_pass(), (0.0, 0.0, 5.0))
    close(w.td_after_two_passes(), (0.0, 2.25, 7.5))  # 0.5 * .9 * 5; 5 + 0.5 * 5
    close(w.q_two_updates(), (5.0, 2.25))
    close(w.tiger(), (0.85, 0.7225 / 0.745))  # .85^2 / (.85^2 + .15^2)


def test_gradient_of_the_chain():
    # d(s) * 1/4 * (Q(go) - Q(stop)): 1 * .25 * -.335; .45 * .25 * 1.7; .2025 * .25 * 4
    close(w.chain_gradient(), (-0.08375, 0.19125, 0.2025))
    close(w.chain_gradient_dropped(), (-0.08375, 0.2125, 0.25))
    close(w.short_sighted(), (1.25, 2.0))
    close(w.switch_discount(), 0.632455532)


def test_performance_difference():
    close(w.true_gain(), 2.2175)  # 4.05 - 1.8325
    close(w.lemma_terms(), (-0.1675, 0.765, 1.62))  # 1, .9, .81 times -.1675, .85, 2
    close(w.lemma_sum(), 2.2175)
    close(w.surrogate_gain(), 0.62)  # -.1675 + .45 * .85 + .2025 * 2
    close(w.bound_penalty(), 180.0)  # 4 * 2 * .9 * .25 / .01


def test_advantages():
    close(w.deltas(), (-0.1, 0.8, 8.0))  # .9 - 1; 1.8 - 1; 10 - 2
    close(w.gae_0(), (-0.1, 0.8, 8.0))
    close(w.gae_half(), (1.88, 4.4, 8.0))  # .8 + .45 * 8 = 4.4; -.1 + .45 * 4.4
    close(w.gae_1(), (7.1, 8.0, 8.0))  # .8 + .9 * 8 = 8; -.1 + .9 * 8
    close(w.n_steps(), (-0.1, 0.62, 7.1))  # -.1; -.1 + .72; .81 * 10 - 1
    close(w.gae_outcomes_half(), (-0.1, 0.0575, 1.88, -0.145))
    close(w.gae_biases(), (-0.765, -0.48375, 0.0))  # (1 - lam) * -(.765 + .405 lam)
    close(w.gae_variances(), (0.0, 0.417403125, 5.99805))
    assert w.best_lambda_1() < w.best_lambda_64()


def test_clip():
    close(w.clip_values(), (0.6, 1.0, 1.2, -0.8, -1.0, -1.4))
    close(w.clip_slopes(), (1.0, 1.0, 0.0, 0.0, -1.0, -1.0))
    close(w.leak_20(), 1.8)  # .8 + .2 / .2
    close(w.leak_1(), 20.8)


def test_soft_values():
    # V(2) = log(e + e^5) = 5.01815; V(1) = log(e + e^4.516335); V(0) = log(e^2 + e^4.091050)
    close(w.soft_values(), (4.207549, 4.545611, 5.018150), 1e-5)
    close(w.soft_go()[2], 0.982014, 1e-6)  # 1 / (1 + e^-4)


def test_off_policy():
    close(w.weight_second_moment(), 1.64)  # (.01 + .81) / .5
    close(w.weight_variance_3(), 3.410944)  # 1.64^3 - 1
    close(w.weight_variance_10(), 139.74685, 1e-4)
    close(w.triad_factor(), 1.049)  # 1 + .05 (1.98 - 1)
    close(w.triad_on_policy_factor(), 0.831)  # 1 + .05 (.98 + 20 (1.782 - 2))
    close(w.triad_after_100(), 119.5498, 1e-3)


def test_reward_to_go():
    close(w.plain_variances(), (0.3125, 0.0625))
    close(w.cancelling_variances(), (0.0625, 0.3125))


def test_estimators():
    J, best, none, least, shifted = w.estimator_numbers()
    assert best < J and least < none < shifted
    close(shifted - none, 2.18011379, 1e-6)  # E[((r + 1)^2 - r^2)|g|^2] = E[(2 r + 1)|g|^2]: from the lab, a guard, not by hand
