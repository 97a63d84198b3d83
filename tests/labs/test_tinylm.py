"""The small transformer: gradients, causality, sampler, verifier, training."""

import adam
import numpy as np
import pytest
import sampling
import tinylm
from autograd import grad


def rng(*seed):
    return np.random.default_rng(list(seed))


@pytest.fixture(scope="module")
def trained():
    """120 steps of imitation: enough to be far from uniform."""
    p, r = tinylm.initial(0), rng(0)
    memory, slope = adam.start(p), grad(tinylm.imitation_loss)
    for _ in range(120):
        tokens, mask = tinylm.demonstrations(tinylm.problems(r, 64), r, 0.5)
        p = adam.step(p, slope(p, tokens, mask), memory, 5e-3)
    return p


def test_gradient_against_finite_differences():
    p, r = tinylm.initial(1), rng(1)
    tokens, mask = tinylm.demonstrations(tinylm.problems(r, 4), r, 0.5)
    slope = grad(tinylm.imitation_loss)(p, tokens, mask)
    for name in p:
        direction = r.standard_normal(p[name].shape)
        up, down = ({**p, name: p[name] + h * direction} for h in (1e-5, -1e-5))
        numeric = (tinylm.imitation_loss(up, tokens, mask) - tinylm.imitation_loss(down, tokens, mask)) / 2e-5
        assert np.sum(slope[name] * direction) == pytest.approx(numeric, rel=1e-5, abs=1e-8), name


def test_nothing_flows_back_from_later_tokens():
    p, r = tinylm.initial(2), rng(2)
    tokens = r.integers(0, tinylm.VOCABULARY, (3, 9))
    before = tinylm.logits(p, tokens)
    for t in range(1, 9):
        changed = tokens.copy()
        changed[:, t:] = r.integers(0, tinylm.VOCABULARY, (3, 9 - t))
        assert tinylm.logits(p, changed)[:, :t] == pytest.approx(before[:, :t], abs=1e-12)
    changed = tokens.copy()
    changed[:, 0] = (changed[:, 0] + 1) % tinylm.VOCABULARY
    assert np.abs(tinylm.logits(p, changed)[:, -1] - before[:, -1]).max() > 1e-3  # control: the past does count


def test_masked_tokens_carry_no_gradient():
    """A token masked out is context at most: as the last token of the text it may be any token, the gradient stays."""
    p, r = tinylm.initial(3), rng(3)
    size = tinylm.PROMPT + 2
    tokens, mask = (part[:, :size] for part in tinylm.demonstrations(tinylm.problems(r, 4), r, 1.0))
    other = tokens.copy()
    other[:, -1] = (other[:, -1] + 1) % tinylm.MODULUS
    tool = mask.copy()
    tool[:, -1] = 0  # as if a tool had written the last token
    slope = grad(tinylm.imitation_loss)
    for name in p:
        assert slope(p, other, tool)[name] == pytest.approx(slope(p, tokens, tool)[name], abs=1e-12), name
    assert np.abs(slope(p, other, mask)["read"] - slope(p, tokens, mask)["read"]).max() > 1e-4  # control: unmasked it counts


def chi_squared(drawn, probs):
    expected = probs * len(drawn)
    many = expected >= 5
    counts = np.bincount(drawn, minlength=len(probs))
    observed = np.append(counts[many], counts[~many].sum())
    wanted = np.append(expected[many], expected[~many].sum())
    keep = wanted > 0
    return float(np.sum((observed[keep] - wanted[keep]) ** 2 / wanted[keep])), int(keep.sum()) - 1


@pytest.mark.parametrize("rule", ["plain", "warm", "nucleus"])
def test_sampler_follows_the_rule(trained, rule):
    """Chi-squared of 20,000 first tokens against the rule's distribution: below its mean plus 5 standard deviations."""
    rules = {"plain": lambda q: q, "warm": lambda q: sampling.tempered(q, 2.0), "nucleus": lambda q: sampling.nucleus(q, 0.8)}
    prompt = np.array([[1, 2, 3, 4, tinylm.EQUALS]])
    probs = rules[rule](np.exp(tinylm.log_softmax(tinylm.logits(trained, prompt)[:, -1])))[0]
    tokens, _, log_probs = tinylm.sample(trained, np.repeat(prompt, 20_000, 0), rng(5), rules[rule], length=1)
    statistic, freedom = chi_squared(tokens[:, -1], probs)
    assert statistic < freedom + 5 * (2 * freedom) ** 0.5
    assert log_probs[:, -1] == pytest.approx(np.log(probs[tokens[:, -1]]), abs=1e-9)
    assert not np.any(probs[tokens[:, -1]] == 0)
    if rule != "plain":  # control: the test can tell the rule from plain sampling
        plain = np.exp(tinylm.log_softmax(tinylm.logits(trained, prompt)[:, -1]))[0]
        statistic, freedom = chi_squared(tokens[:, -1], plain)
        assert statistic > freedom + 5 * (2 * freedom) ** 0.5


def test_sampled_log_probs_are_those_of_the_model(trained):
    r = rng(6)
    tokens, mask, drawn = tinylm.sample(trained, tinylm.problems(r, 50), r)
    assert drawn.sum(axis=1) == pytest.approx(tinylm.masked_log_prob(trained, tokens, mask), abs=1e-8)


def test_mask_covers_the_end_and_nothing_after(trained):
    r = rng(7)
    tokens, mask, _ = tinylm.sample(trained, tinylm.problems(r, 200), r)
    for row, m in zip(tokens[:, tinylm.PROMPT :], mask[:, tinylm.PROMPT :], strict=True):
        ends = np.flatnonzero(row == tinylm.END)
        size = ends[0] + 1 if len(ends) else len(row)
        assert m.sum() == size
        assert m[:size].all()
    assert not mask[:, : tinylm.PROMPT].any()


def test_verifier():
    e, h, z = tinylm.EQUALS, tinylm.HASH, tinylm.END
    prompt = [1, 2, 3, 4, e]  # sum 10, modulo 5 is 0
    cases = [
        ([h, 0, z, z, z, z, z], 1),
        ([h, 1, z, z, z, z, z], 0),
        ([1, 3, 1, 0, h, 0, z], 1),
        ([1, 3, 1, 1, h, 0, z], 1),  # outcome only: the slip in the work is not seen
        ([h, 0, h, 0, z, z, z], 0),
        ([z, h, 0, z, z, z, z], 0),
        ([0, 0, 0, 0, 0, h, 0], 0),
    ]
    for completion, reward in cases:
        assert tinylm.verify(np.array([prompt + completion]))[0] == reward, completion


def test_demonstrations():
    r = rng(8)
    prompts = tinylm.problems(r, 400)
    tokens, mask = tinylm.demonstrations(prompts, r, 1.0, slip=0.0)
    assert tinylm.verify(tokens).all()
    assert tinylm.shows_work(tokens).all()
    assert (mask.sum(axis=1) == 7).all()
    direct, mask = tinylm.demonstrations(prompts, r, 0.0)
    assert tinylm.verify(direct).all()
    assert not tinylm.shows_work(direct).any()
    assert (mask.sum(axis=1) == 3).all()
    slipped, _ = tinylm.demonstrations(prompts, r, 1.0, slip=0.05)
    assert 0.72 < tinylm.verify(slipped).mean() < 0.91  # .95^4 = .815 and a little more by double slips


def test_imitation_learns(trained):
    r = rng(9)
    tokens, mask = tinylm.demonstrations(tinylm.problems(r, 200), r, 0.5)
    assert tinylm.imitation_loss(trained, tokens, mask) < 0.6 * tinylm.imitation_loss(tinylm.initial(0), tokens, mask)


def test_adam_against_hand():
    """First step: mean and square are unbiased to g and g^2, so each entry moves by the rate against its sign."""
    p, g = {"w": np.array([1.0, -2.0])}, {"w": np.array([0.3, -4.0])}
    memory = adam.start(p)
    first = adam.step(p, g, memory, 0.1)
    assert first["w"] == pytest.approx([0.9, -1.9], abs=1e-6)
    # second step, gradient 0: mean .9*.1*.3 = .027, /(1 - .81) = .142105; square .99*.01*.09 = .000891, /(1 - .9801) = .0447739
    second = adam.step(first, {"w": np.array([0.0, 0.0])}, memory, 0.1)
    assert second["w"][0] == pytest.approx(0.9 - 0.1 * 0.142105 / 0.0447739**0.5, abs=1e-5)
