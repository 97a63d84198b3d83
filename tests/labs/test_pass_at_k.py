"""pass@k before and after: exact identities, gradients, and the claim with its control on five seeds."""

from math import comb

import numpy as np
import pass_at_k as lab
import pytest
import rlvr
import sampling
import tinylm

FAR = lab.FAR.bit_length() - 1


@pytest.fixture(scope="module")
def results():
    return [lab.run(seed, small=True) for seed in range(5)]


# ---- identities


def test_coverage_is_what_the_unbiased_estimator_estimates():
    """The mean of 1 - C(n-c, k)/C(n, k) over c ~ Binomial(n, p) is 1 - (1 - p)^k."""
    n = 12
    for p in (0.05, 0.3, 0.9):
        for k in (1, 2, 8):
            mean = sum(comb(n, c) * p**c * (1 - p) ** (n - c) * sampling.pass_at_k(n, c, k) for c in range(n + 1))
            assert lab.coverage(np.array([p]), [k])[0] == pytest.approx(mean, abs=1e-12)


def objective(weights, seen, skill, beta, k):
    policy = lab.choice(weights, seen)
    kl = np.sum(policy * np.log(policy / lab.base_policy()), axis=1).mean()
    return lab.coverage(lab.success(policy, skill), [k])[0] - beta * kl


@pytest.mark.parametrize(("shared", "own", "beta", "k"), [(1, 0, 0, 1), (1, 0.1, 0.1, 1), (0, 1, 0, 16), (1, 0, 0.03, 64)])
def test_gradient_against_finite_differences(shared, own, beta, k):
    skill, seen, rng = lab.prompts(0), lab.features(shared, own), np.random.default_rng(1)
    weights = 0.02 * rng.standard_normal((seen.shape[1], lab.METHODS))
    slope = lab.gradient(weights, seen, skill, beta, k)
    for _ in range(3):
        direction = rng.standard_normal(weights.shape)
        ends = [objective(weights + h * direction, seen, skill, beta, k) for h in (1e-6, -1e-6)]
        assert np.sum(slope * direction) == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-7)


def test_shared_optimum_under_a_kl_is_the_closed_form():
    """One choice for all prompts: the base reweighted by exp(mean skill / beta)."""
    skill, seen = lab.prompts(0), lab.features(1.0, 0.0)
    reached = lab.choice(lab.ascend(seen, skill, 0.1, steps=8_000), seen)[0]
    wanted = lab.base_policy() * np.exp(skill.mean(axis=0) / 0.1)
    assert reached == pytest.approx(wanted / wanted.sum(), abs=1e-8)


def test_features_set_how_a_step_is_shared():
    """Logits of a prompt move by shared * mean of all gradients + own * its own."""
    skill, seen = lab.prompts(0), lab.features(1.0, 0.1)
    policy = np.tile(lab.base_policy(), (lab.N, 1))
    each = policy * (skill - lab.success(policy, skill)[:, None])
    moved = seen @ lab.gradient(np.zeros((seen.shape[1], lab.METHODS)), seen, skill)
    assert moved == pytest.approx(each.mean(axis=0) + 0.1 * each, abs=1e-12)


@pytest.mark.parametrize("group", lab.GROUPS)
def test_sampled_gradient_is_unbiased_for_every_group_size(group):
    skill, seen, rng = lab.prompts(0), lab.features(1.0, 0.0), np.random.default_rng([group])
    weights = np.zeros((1 + lab.N, lab.METHODS))
    exact = lab.gradient(weights, seen, skill)[0]
    drawn = np.array([lab.sampled_gradient(weights, seen, skill, group, rng)[0] for _ in range(1_000)])
    error = drawn.std(axis=0, ddof=1) / len(drawn) ** 0.5
    assert np.all(np.abs(drawn.mean(axis=0) - exact) < 4.5 * error)


def test_crossing():
    low, high = np.linspace(0.1, 0.9, 11), np.linspace(0.3, 0.7, 11)
    assert lab.crossing(low, high) == 2**6
    assert lab.crossing(high, low) == 0  # ahead from the start is no crossing
    assert lab.crossing(low, low) == 0


# ---- the claim


def test_shared_choices_cross(results):
    for r in results:
        for arm in lab.CROSSING:
            assert r["arms"][arm][0] > r["base"][0] + 0.1
            assert r["arms"][arm][FAR] < r["base"][FAR] - 0.1
            assert 2 <= lab.crossing(r["base"], r["arms"][arm]) <= 32


def test_the_loss_is_on_prompts_that_need_a_rare_method(results):
    for r in results:
        for arm in lab.CROSSING:
            assert r["prompts"]["base"][1] - r["prompts"][arm][1] > 0.5
        assert all(r["prompts"][arm][0] > 0.99 for arm in lab.ARMS)


def test_own_choices_and_a_little_kl_do_not_cross(results):
    for r in results:
        for arm in ("own", "mostly shared, KL 0.03"):
            assert r["arms"][arm][0] > r["base"][0] + 0.1
            assert lab.crossing(r["base"], r["arms"][arm]) == 0
        assert r["arms"]["mostly shared, KL 0.03"][0] > r["arms"]["mostly shared"][0] + 0.03


def test_kl_and_pass_at_64_trade(results):
    for r in results:
        arms = r["arms"]
        assert arms["shared"][FAR] + 0.1 < arms["shared, KL 0.1"][FAR] < r["base"][FAR]
        assert arms["shared, KL 0.1"][0] < arms["shared"][0]
        assert arms["shared, pass@64 trained"][FAR] > r["base"][FAR] - 0.005
        assert arms["shared, pass@64 trained"][0] < r["base"][0]


def test_group_size_changes_little(results):
    """Coverage at 256 after training: groups of 4, 16 and 64 all lose, and none is best on every seed."""
    best = set()
    for r in results:
        far = {group: curve[FAR] for group, curve in r["groups"].items()}
        assert all(value < r["base"][FAR] - 0.1 for value in far.values())
        best.add(max(far, key=far.get))
    assert len(best) > 1


def test_control_guesses_cross_too(results):
    for r in results:
        for answers in (4, 1_000):
            pair = r["guesses"][answers]
            assert pair["after"][0] > pair["before"][0]
            assert lab.crossing(pair["before"], pair["after"]) > 0
        assert r["guesses"][4]["before"][6] > 0.999
        assert r["guesses"][4]["after"][6] < 0.7


# ---- the transformer


def test_steps_right():
    h, z, e = tinylm.HASH, tinylm.END, tinylm.EQUALS
    prompt = [1, 2, 3, 4, e]  # running sums 1, 3, 1, 0
    cases = [([1, 3, 1, 0, h, 0, z], 1), ([1, 3, 2, 0, h, 0, z], 0), ([h, 0, z, z, z, z, z], 0), ([1, 3, 1, 0, h, 1, z], 0)]
    for completion, right in cases:
        assert lab.steps_right(np.array([prompt + completion]))[0] == right, completion


def test_the_transformer_does_not_cross():
    for seed in range(5):
        t = lab.transformer(seed)
        assert t["before, answer"][-1] > 0.99
        for score in ("answer", "steps"):
            assert np.all(t[f"after, {score}"] > t[f"before, {score}"] - 0.005)
            assert t[f"after, {score}"][0] > t[f"before, {score}"][0] + 0.5


def test_figures(results):
    filled = [
        {
            **r,
            "transformer": {
                key: np.linspace(0, 1, 6) for key in ("before, answer", "after, answer", "before, steps", "after, steps")
            },
        }
        for r in results
    ]
    for figure in (lab.plot(filled), lab.transformer_figure(filled)):
        assert all(axes.get_xlabel() and axes.get_ylabel() for axes in figure.axes)
        header, rows = figure.data_table
        assert all(len(row) == len(header) for row in rows)
    header, rows = lab.prompts_table(results)
    assert len(rows) == 1 + len(lab.ARMS)
    assert rlvr.ALL.shape == (625, 5)
