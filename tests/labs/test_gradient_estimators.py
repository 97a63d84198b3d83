"""What the lab on gradient estimators claims, on five seeds."""

import gradient_estimators as lab
import numpy as np
import pytest

UNBIASED = lab.ARMS


@pytest.fixture(scope="module")
def results():
    return [lab.run(seed) for seed in range(5)]


def test_enumeration_and_finite_differences_agree(results):
    assert max(result["difference"] for result in results) < 1e-9


def test_unbiased_arms_have_scale_one(results):
    for result in results:
        for shift in (0.0, 1.0):
            for arm in UNBIASED:
                got = result[shift][arm]
                assert abs(got["scale"] - 1) < 4 * got["standard error"], (result["seed"], shift, arm)


def test_negative_control_the_whole_group_mean_is_biased(results):
    for result in results:
        got = result["control"]
        assert abs(got["scale"] - 7 / 8) < 4 * got["standard error"]
        assert 1 - got["scale"] > 8 * got["standard error"]


def test_without_baseline_a_constant_in_the_reward_costs_variance(results):
    for result in results:
        assert result[1.0]["none"]["variance"] > 3.5 * result[0.0]["none"]["variance"]
        assert result[1.0]["none"]["variance"] > 3.5 * result[1.0]["leave one out"]["variance"]
        assert result[1.0]["leave one out"]["variance"] == pytest.approx(result[0.0]["leave one out"]["variance"], rel=1e-9)


def test_best_constant_beats_none_and_leave_one_out(results):
    for result in results:
        for shift in (0.0, 1.0):
            least = result[shift]["best constant"]["variance"]
            assert least < result[shift]["none"]["variance"]
            assert least < result[shift]["leave one out"]["variance"]
        assert result["best constant"][1] - result["best constant"][0] == pytest.approx(1.0, abs=1e-10)


def test_with_rewards_0_and_1_leave_one_out_and_true_values_gain_nothing(results):
    for result in results:
        got = {arm: result[0.0][arm]["variance"] for arm in lab.ARMS}
        assert got["leave one out"] > got["none"]
        assert min(got["prompt mean"], got["value each step"]) > got["best constant"]


def test_best_constant_is_not_the_mean_reward(results):
    assert all(result["objective"] - result["best constant"][0] > 0.08 for result in results)


def test_sampled_variance_agrees_with_the_exact_one():
    theta = lab.start(0)
    exact = lab.one_sample_variance(theta, 0.0)
    e, rng = lab.enumerate_all(theta), np.random.default_rng(7)
    x = rng.integers(64, size=40_000)
    y = (rng.random((len(x), 1)) > e["probability"].cumsum(1)[x]).sum(-1).clip(max=63)
    one = e["reward"][x, y][:, None] * e["score"][x, y].sum(1)
    assert one.var(axis=0, ddof=1).sum() == pytest.approx(exact, rel=0.03)


def test_values_are_means_over_what_follows():
    e = lab.enumerate_all(lab.start(3))
    V, Q = lab.values(e)
    assert V[5, 0, 0] == pytest.approx((e["probability"][5] * e["reward"][5]).sum())
    assert pytest.approx(e["reward"].astype(float)) == Q[:, :, 2]
    assert V[:, :, 1:] == pytest.approx(Q[:, :, :-1])


def test_leave_one_out_by_hand():
    assert lab.leave_one_out(np.array([1.0, 0.0, 0.0])) == pytest.approx([1.0, -0.5, -0.5])
