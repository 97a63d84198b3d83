"""What the lab on policy losses claims, on five seeds."""

import gradient_estimators as task
import length_bias
import numpy as np
import policy_losses as lab
import pytest


@pytest.fixture(scope="module")
def results():
    return [lab.run(seed) for seed in range(5)]


def test_every_mean_is_what_the_equations_predict(results):
    for result in results:
        for method in lab.METHODS:
            got = result[method]["theory"]
            if got is None:
                assert method == "REINFORCE++"
                continue
            assert abs(got["scale"] - 1) < 4 * got["standard error"], (result["seed"], method)


def test_negative_control_the_same_test_fails_against_the_policy_gradient(results):
    for result in results:
        for method in ("GRPO", "Dr. GRPO", "DAPO", "GSPO", "CISPO", "REINFORCE++"):
            assert abs(result[method]["scale"] - 1) > 10 * result[method]["standard error"]
        for method in ("REINFORCE", "baseline", "RLOO", "PPO"):
            assert abs(result[method]["scale"] - 1) < 4 * result[method]["standard error"]


def test_step_zero_makes_clips_and_ratios_equal(results):
    for result in results:
        for one, other in (("GRPO", "GSPO"), ("DAPO", "CISPO")):
            assert result[one]["scale"] == pytest.approx(result[other]["scale"], rel=1e-9)
        assert result["RLOO"]["scale"] == pytest.approx(8 / 7 * result["Dr. GRPO"]["scale"], rel=1e-9)


def test_relative_variance_does_not_tell_the_methods_apart(results):
    for result in results:
        got = [result[method]["relative variance"] for method in lab.METHODS]
        assert max(got) < 1.25 * min(got)


def test_weights_of_prompts_are_measured(results):
    for result in results:
        for scale in ("none", "group"):
            for p, (mean, error) in zip(lab.POINTS, result["weights"][scale], strict=True):
                assert abs(mean - lab.prompt_weight(p, lab.GROUP, scale)) < 4 * error + 1e-4


def test_division_turns_the_direction_only_where_prompts_differ(results):
    assert min(result["cosine"][0.5][0] for result in results) > 0.999
    assert max(result["cosine"][3.0][0] for result in results) < 0.999


def test_success_rates_have_the_right_gradient():
    theta = task.start(1)
    p, slopes = lab.success(theta)
    assert p.mean() == pytest.approx(task.objective(theta))
    assert slopes.mean(0) == pytest.approx(task.policy_gradient(theta))


def test_adam_erases_a_constant_factor_and_the_order_is_not_settled():
    ends = {method: [lab.train(method, seed, steps=25)[-1] for seed in range(3)] for method in ("RLOO", "Dr. GRPO", "GRPO")}
    assert np.abs(np.subtract(ends["RLOO"], ends["Dr. GRPO"])).max() < 1e-4
    assert np.abs(np.subtract(ends["RLOO"], ends["GRPO"])).max() < max(ends["RLOO"]) - min(ends["RLOO"])


def test_flow_of_one_prompt_takes_the_time_that_the_text_says():
    for scale, wanted in (("none", lab.time_to_half(0.01)), ("group", lab.time_to_half(0.01, "group"))):
        z, steps, time = np.log(0.01 / 0.99), 200_000, 0.0
        h = -z / steps
        for zz in np.linspace(z, 0, steps, endpoint=False) + h / 2:
            p = 1 / (1 + np.exp(-zz))
            weight = 1.0 if scale == "none" else lab.limit_weight(p) / 2
            time += h / (weight * p * (1 - p))
        assert time == pytest.approx(wanted, rel=1e-6)


# ---- length bias


def test_length_drifts_under_the_mean_of_a_completion_and_not_under_a_constant():
    for seed in range(5):
        got = length_bias.run(seed)
        assert got["sequence"][-1, 1] > 40 and got["sequence"][-1, 0] < 2  # wrong answers long, right ones short
        assert got["token"][-1, 1] > 1.5 * max(got["constant"][-1, 1], 10)
        assert 7 < got["constant"][-1].min() <= got["constant"][-1].max() < 15  # negative control
        assert 7 < got["batch"][-1].min() <= got["batch"][-1].max() < 15


def test_length_gradient_of_a_completion_mean_is_the_push():
    z = np.full(2, np.log(9.0))
    got = length_bias.step_gradient(z, "sequence", 40_000, np.random.default_rng(0))
    # a group of 8: 4 wrong answers in the mean, each with mean centred advantage -(1/2)(7/8), weight 1/8
    wanted = 0.5 * 0.5 * 7 / 8 * np.array([1, -1]) * length_bias.push(0.9)
    error = got.std(0, ddof=1) / 200
    assert np.abs(got.mean(0) - wanted).max() < 4 * error.max() + 2e-3  # the limit of 60 tokens moves it a little
