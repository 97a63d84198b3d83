"""The flagship lab: gradients and sampler against `tinylm`, advantages by hand, and the claim with its controls on five seeds."""

import adam
import numpy as np
import pytest
import rlvr
import tinylm
import tinylm_by_hand
from autograd import grad


@pytest.fixture(scope="module")
def results():
    return rlvr.five()


@pytest.fixture(scope="module")
def trained():
    """60 steps of imitation in 64 bits: far from uniform."""
    p, rng = tinylm.initial(0), np.random.default_rng(0)
    return rlvr.supervised(p, adam.start(p), rng, 0.5, [5e-3] * 60)


# ---- the transformer by hand


def test_gradient_by_hand_against_automatic_differentiation(trained):
    rng = np.random.default_rng(1)
    tokens, mask = tinylm.demonstrations(tinylm.problems(rng, 20), rng, 0.5)
    weights = mask * rng.standard_normal(mask.shape)
    slope = grad(lambda p: rlvr.anp.sum(tinylm.token_log_probs(p, tokens) * weights[:, 1:]))(trained)
    by_hand = tinylm_by_hand.weighted_gradient(trained, tokens, weights)
    assert set(by_hand) == set(trained)
    for name in trained:
        assert by_hand[name] == pytest.approx(slope[name], abs=1e-10), name


def test_sampler_draws_what_the_plain_one_draws(trained):
    prompts = tinylm.problems(np.random.default_rng(2), 300)
    for rule in (lambda probs: probs, rlvr.warm(0.5), rlvr.warm(0)):
        plain = tinylm.sample(trained, prompts, np.random.default_rng(3), rule)
        fast = tinylm_by_hand.sample(trained, prompts, np.random.default_rng(3), rule)
        assert np.array_equal(plain[0], fast[0])
        assert np.array_equal(plain[1], fast[1])
        assert fast[2] == pytest.approx(plain[2], abs=1e-8)


def test_32_bits_give_the_same_gradient(trained):
    rng = np.random.default_rng(4)
    tokens, mask = tinylm.demonstrations(tinylm.problems(rng, 20), rng, 0.5)
    single = {name: value.astype(np.float32) for name, value in trained.items()}
    short = tinylm_by_hand.weighted_gradient(single, tokens, mask.astype(np.float32))
    long = tinylm_by_hand.weighted_gradient(trained, tokens, mask)
    for name in trained:
        assert short[name].dtype == np.float32
        assert np.abs(short[name] - long[name]).max() < 1e-4 * np.abs(long[name]).max(), name


def test_forced_opening_is_a_digit_and_follows_the_policy(trained):
    prompt = np.repeat([[1, 2, 3, 4, tinylm.EQUALS]], 20_000, axis=0)
    rule = rlvr.warm(1.0)
    tokens, _, _ = tinylm_by_hand.sample(trained, prompt, np.random.default_rng(5), rule, rlvr.forced(rule), length=1)
    probs = np.exp(tinylm.log_softmax(tinylm.logits(trained, prompt[:1])[0, -1]))[: tinylm.MODULUS]
    counts = np.bincount(tokens[:, -1], minlength=tinylm.VOCABULARY)
    expected = 20_000 * probs / probs.sum()
    assert counts[tinylm.MODULUS :].sum() == 0
    assert np.sum((counts[: tinylm.MODULUS] - expected) ** 2 / expected) < 4 + 5 * 8**0.5


# ---- the estimator


def test_advantages_by_hand():
    """Group 1, 0, 0: the others' means are 0, 1/2, 1/2. A group that agrees gives nothing."""
    assert rlvr.rloo_advantages(np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]])) == pytest.approx(
        np.array([[1, -0.5, -0.5], [0, 0, 0]])
    )


def test_advantage_is_the_centred_reward_times_g_over_g_minus_1():
    rewards = np.random.default_rng(6).random((5, 8))
    centred = rewards - rewards.mean(axis=1, keepdims=True)
    assert rlvr.rloo_advantages(rewards) == pytest.approx(centred * 8 / 7, abs=1e-12)


def test_the_step_follows_the_gradient_of_the_loss(trained):
    """Adam's first step moves every parameter by the rate against the sign of the gradient of `policy_gradient_loss`."""
    prompts = tinylm.problems(np.random.default_rng(7), 4)
    after, (tokens, mask, rewards) = rlvr.policy_gradient_step(
        trained, adam.start(trained), prompts, np.random.default_rng(8), 1e-3
    )
    advantages = rlvr.rloo_advantages(rewards.reshape(-1, rlvr.GROUP)).ravel()
    assert np.abs(advantages).max() > 0
    slope = grad(rlvr.policy_gradient_loss)(trained, tokens, mask, advantages)
    for name in trained:
        large = np.abs(slope[name]) > 1e-4
        assert large.any()
        assert (after[name] - trained[name])[large] == pytest.approx(-1e-3 * np.sign(slope[name][large]), rel=1e-2), name


def test_step_sizes():
    assert rlvr.rates(4, 1.0) == pytest.approx([1, 1, 1, 0.5])


# ---- the claim


def test_imitation_has_taught_the_skill_and_not_the_habit(results):
    for r in results:
        assert r["parts"]["base, work forced"] > 0.5
        assert r["base"]["worked"] < 0.2
        assert r["base"]["accuracy"] < 0.35


def test_reinforcement_turns_the_habit(results):
    for r in results:
        assert r["trained"]["worked"] > 0.9
        assert r["trained"]["accuracy"] > 0.85


def test_the_parts_add_up(results):
    for r in results:
        for parts in (r["parts"], r["rough"]):
            gain = parts["mode"] + parts["sharpening"] + parts["remainder"]
            assert gain == pytest.approx(parts["trained"] - parts["base"], abs=1e-12)


def test_on_the_first_base_mode_and_sharpening_are_the_whole_gain(results):
    for r in results:
        parts = r["parts"]
        assert min(parts["mode"], parts["sharpening"]) > 0.15
        assert parts["remainder"] < 0.02
        assert parts["sharpening alone"] < 0.05
        assert r["temperatures"][0.35] > r["trained"]["accuracy"] - 0.02


def test_on_the_rough_base_something_is_left_over(results):
    for r in results:
        assert r["rough"]["remainder"] > 0.08
        assert r["rough"]["trained"] > 0.85


def test_length_is_the_switch(results):
    for r in results:
        _, worked, length = r["curve"].T
        assert np.abs(length - (3 + 4 * worked)).max() < 0.5
        assert length[-5:].mean() > length[:2].mean() + 2
        assert abs(r["trained"]["length worked"] - r["base"]["length worked"]) < 0.3


def test_the_rarer_the_habit_the_later_the_switch(results):
    for r in results:
        sweep = r["sweep"]
        assert sweep[0.1]["arrival"] < sweep[0.03]["arrival"] < rlvr.LONG
        assert sweep[0.01]["arrival"] > sweep[0.03]["arrival"]


def test_control_without_worked_answers_nothing_is_learned(results):
    for r in results:
        for arm in (0.0, rlvr.NEVER):
            assert r["sweep"][arm]["trained"] < 0.3
            assert r["sweep"][arm]["arrival"] == rlvr.LONG
        assert r["sweep"][rlvr.NEVER]["able"] < 0.1


def test_control_a_coin_teaches_nothing(results):
    for r in results:
        assert r["coin"]["worked"] < 0.6
        assert r["coin"]["accuracy"] < 0.45


def test_figures_and_tables(results):
    for figure in (rlvr.plot(results), rlvr.length_figure(results)):
        assert all(axes.get_xlabel() for axes in figure.axes)
        header, rows = figure.data_table
        assert all(len(row) == len(header) for row in rows)
    header, rows = rlvr.parts_table(results)
    assert len(rows) == 2 * len(results)
