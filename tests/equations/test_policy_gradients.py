"""Each labelled equation of the chapter against enumeration, finite differences, loops written out, or numbers by hand."""

from itertools import product

import kl_estimators as kl
import length_bias
import numpy as np
import policy_losses as family
import pytest
import sequences
from divergences import kl as divergence

RNG = np.random.default_rng(5)
LOGITS = RNG.standard_normal((3, 2))  # two tokens, two values: states (), (0,), (1,)
YS = sequences.completions(2, 2)
RIGHT = np.array([1.0, 0.0, 0.0, 1.0])


def example(seed=0, prompts=2, size=3, tokens=4):
    """Log-probabilities now, then, and of the reference; rewards; a mask with lengths that differ."""
    rng = np.random.default_rng(seed)
    shape = (prompts, size, tokens)
    old = np.log(rng.uniform(0.1, 0.9, shape))
    logp, ref = old + 0.4 * rng.standard_normal(shape), old + 0.3 * rng.standard_normal(shape)
    rewards = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])[:prompts]
    lengths = rng.integers(1, tokens + 1, shape[:2])
    return logp, old, ref, rewards, (np.arange(tokens) < lengths[..., None]).astype(float)


def loop_advantages(rewards, costs, mask, values, s, given):
    """The advantage of every token, written out with loops; costs are those of the KL in the reward."""
    made = np.zeros(mask.shape)
    prompts, size, tokens = mask.shape
    net = [[rewards[x, i] - costs[x, i][mask[x, i] > 0].sum() for i in range(size)] for x in range(prompts)]
    for x, i, t in np.argwhere(mask > 0):
        to_go = rewards[x, i] - sum(costs[x, i, u] for u in range(t, tokens) if mask[x, i, u])
        made[x, i, t] = {
            "none": lambda x=x, i=i: net[x][i],
            "given": lambda x=x, i=i: net[x][i] - given,
            "group": lambda x=x, i=i: net[x][i] - np.mean(net[x]),
            "leave one out": lambda x=x, i=i: net[x][i] - np.mean([net[x][j] for j in range(size) if j != i]),
            "critic": lambda x=x, i=i, t=t, to_go=to_go: to_go - values[x, i, t],
            "batch": lambda to_go=to_go: to_go,
        }[s["baseline"]]()
        if s["scale"] == "group":
            made[x, i, t] /= np.std(net[x]) + 1e-6
    if s["baseline"] == "batch":
        all_tokens = made[mask > 0]
        made[mask > 0] = (all_tokens - all_tokens.mean()) / (all_tokens.std() + 1e-6)
    return made


def by_loops(logp, old, ref, rewards, mask, s, beta, constant, values, given):
    """The loss of a line of settings, written out with loops."""
    u = logp - ref
    costs = beta * u if s["kl"] == "reward k1" else np.zeros(mask.shape)
    advantage = loop_advantages(rewards, costs, mask, values, s, given)
    groups = []
    for x in range(len(rewards)):
        if s["groups"] == "mixed" and np.ptp(rewards[x]) == 0:
            continue
        total, n, everything = 0.0, len(rewards[x]), mask[x].sum()
        for i in range(n):
            length = int(mask[x, i].sum())
            mean_log_ratio = np.mean(logp[x, i, :length] - old[x, i, :length])
            for t in range(length):
                a = advantage[x, i, t]
                ratio = np.exp(mean_log_ratio if s["ratio"] == "sequence" else logp[x, i, t] - old[x, i, t])
                held = ratio if s["clip"] is None else min(max(ratio, 1 - s["clip"][0]), 1 + s["clip"][1])
                if s["ratio"] == "none":
                    f = a * logp[x, i, t]
                else:
                    f = held * a * logp[x, i, t] if s["ratio"] == "weight" else min(ratio * a, held * a)
                k = np.exp(-u[x, i, t]) - 1 + u[x, i, t] if s["kl"] == "loss k3" else 0.0
                weights = {"sequence": 1 / (n * length), "token": 1 / everything, "constant": 1 / (n * constant), "sum": 1 / n}
                total += weights[s["aggregate"]] * (f - beta * k)
        groups.append(-total)
    return np.mean(groups)


@pytest.mark.parametrize("method", list(family.METHODS))
def test_family(method):
    arrays, s = example(), family.METHODS[method]
    rewards = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]])  # the second group has no contrast: DAPO and CISPO leave it out
    arrays = (*arrays[:3], rewards, arrays[4])
    values = np.random.default_rng(9).uniform(0, 1, arrays[4].shape)
    got = family.policy_loss(*arrays, s, beta=0.1, values=values, given=0.4, constant=7.0)
    assert got == pytest.approx(by_loops(*arrays, s, 0.1, 7.0, values, 0.4), abs=1e-9)


@pytest.mark.parametrize("method", list(family.METHODS))
def test_family_gradient(method):
    logp, old, ref, rewards, mask = example(3)
    s = family.METHODS[method]
    if s["ratio"] == "weight" or s["kl"].startswith(
        "reward"
    ):  # stop-gradients: the loss's value moves where its gradient does not
        s = s | {"kl": "none"} | ({"ratio": "token"} if s["ratio"] == "weight" else {})
    more = {"beta": 0.1, "values": np.full(mask.shape, 0.3), "given": 0.4, "constant": 7.0}
    got = family.score_weights(logp, old, ref, rewards, mask, s, **more)
    for cell in [(0, 0, 0), (0, 1, 0), (1, 2, 0), (1, 0, 0)]:
        nudge = np.zeros_like(logp)
        nudge[cell] = 1e-6
        up, down = (family.policy_loss(logp + d, old, ref, rewards, mask, s, **more) for d in (nudge, -nudge))
        assert got[cell] == pytest.approx(-(up - down) / 2e-6, abs=1e-7)


def test_group_advantage():
    rewards = np.array([[3.0, 1.0, 2.0, 2.0], [10.0, 10.0, 14.0, 14.0]])  # deviations sqrt(1/2) and 2
    assert family.advantages(rewards, "group")[0] == pytest.approx([1, -1, 0, 0])
    got = family.advantages(rewards, "group", "group", least=0.0)
    assert got == pytest.approx(np.array([[2**0.5, -(2**0.5), 0, 0], [-1, -1, 1, 1]]))


def test_rloo_is_scaled_group_centring():
    rewards = np.random.default_rng(1).standard_normal((4, 5))
    assert family.advantages(rewards, "leave one out") == pytest.approx(5 / 4 * (rewards - rewards.mean(-1, keepdims=True)))


def group_gradients(advantage):
    """All groups of 3 completions of one prompt: probability, number right, gradient estimate."""
    probs = sequences.sequence_probs(LOGITS, 2)
    scores = [sequences.score(LOGITS, y, np.ones(2)) for y in YS]
    for group in product(range(4), repeat=3):
        a = advantage(RIGHT[list(group)])
        yield probs[list(group)].prod(), RIGHT[list(group)].sum(), sum(w * scores[i] for w, i in zip(a, group, strict=True)) / 3


def mean_gradient(advantage, keep=lambda right: True):
    kept = [(p, g) for p, right, g in group_gradients(advantage) if keep(right)]
    return sum(p * g for p, g in kept) / sum(p for p, _ in kept)


P = float(sequences.sequence_probs(LOGITS, 2) @ RIGHT)
SLOPE = sequences.sequence_gradient(LOGITS, RIGHT, 2)  # the gradient of P


def test_centred_bias():
    got = mean_gradient(lambda r: family.advantages(r, "group"))
    assert got == pytest.approx(2 / 3 * SLOPE, abs=1e-12)
    assert family.prompt_weight(P, 3, "none") == pytest.approx(2 / 3)
    assert mean_gradient(lambda r: family.advantages(r, "leave one out")) == pytest.approx(SLOPE, abs=1e-12)


def test_prompt_weight():
    got = mean_gradient(lambda r: family.advantages(r, "group", "group", least=1e-300))
    assert got == pytest.approx(family.prompt_weight(P, 3) * SLOPE, abs=1e-12)


def test_arcsine():
    for p in (0.1, 0.5, 0.8):
        slope = (2 * np.arcsin((p + 1e-6) ** 0.5) - 2 * np.arcsin((p - 1e-6) ** 0.5)) / 2e-6
        assert family.limit_weight(p) == pytest.approx(slope, rel=1e-8)
        assert family.prompt_weight(p, 400) == pytest.approx(slope, rel=0.01)


def test_rare_weight():
    for size in (2, 3, 8, 16):
        assert family.prompt_weight(1e-9, size) == pytest.approx(family.rare_weight(size), rel=1e-6)


def test_filter():
    def a(r):
        return family.advantages(r, "group", "group")

    kept = mean_gradient(a, keep=lambda right: 0 < right < 3)
    assert kept == pytest.approx(mean_gradient(a) / family.mixed_share(P, 3), abs=1e-12)


def test_broadcast():
    values, mask = np.array([[0.3, 0.6, 0.1, 9.0]]), np.array([[1.0, 1.0, 1.0, 0.0]])
    got = family.critic_advantages(np.array([2.0]), 0 * mask, values, mask)
    assert got[0] == pytest.approx([1.7, 1.4, 1.9, 0.0])


def test_score_weight():
    ratio = np.array([0.5, 0.79, 0.81, 1.0, 1.19, 1.21, 3.5])
    for kind, clip in (("token", (0.2, 0.2)), ("token", (0.2, 0.28)), ("weight", (1.0, 1.0)), ("none", None)):
        for sign in (1.0, -1.0):
            s = family.PLAIN | {"baseline": "given", "ratio": kind, "clip": clip}
            logp = np.log(ratio)[:, None, None, None]
            zeros, ones = np.zeros_like(logp), np.ones_like(logp)
            got = family.score_weights(logp, zeros, zeros, sign * ones[..., 0], ones, s)[:, 0, 0, 0]
            assert family.score_weight(ratio, sign, kind, clip) == pytest.approx(got)
    assert family.score_weight(ratio, 1.0, "token", (0.2, 0.2)) == pytest.approx([0.5, 0.79, 0.81, 1, 1.19, 0, 0])
    assert family.score_weight(ratio, -1.0, "token", (0.2, 0.2)) == pytest.approx([0, 0, -0.81, -1, -1.19, -1.21, -3.5])


def test_clip_higher():
    ratio = np.array([0.5, 0.9, 1.25, 1.4])
    assert family.clipped(ratio, 1.0, 0.2, 0.28) == pytest.approx([0.5, 0.9, 1.25, 1.28])
    assert family.clipped(ratio, -1.0, 0.2, 0.28) == pytest.approx([-0.8, -0.9, -1.25, -1.4])


def test_dual_clip():
    ratio = np.array([0.5, 1.0, 2.9, 5.0])
    assert family.dual_clipped(ratio, np.array(-2.0), 0.2, 0.2, 3.0) == pytest.approx([-1.6, -2.0, -5.8, -6.0])
    assert family.dual_clipped(ratio, np.array(2.0), 0.2, 0.2, 3.0) == pytest.approx([1.0, 2.0, 2.4, 2.4])


def test_sequence_ratio():
    logp, mask = np.log(np.array([[0.2, 0.8, 0.5]])), np.array([[1.0, 1.0, 0.0]])
    old = np.log(np.array([[0.1, 0.2, 0.1]]))  # token ratios 2, 4 and a padded 5: geometric mean sqrt 8
    assert family.ratios(logp, old, mask, "sequence")[0, :2] == pytest.approx([8**0.5] * 2)


def test_cispo():
    ratio = np.array([0.3, 1.5, 6.0])
    logp = np.log(ratio)[:, None, None, None]
    zeros, ones = np.zeros_like(logp), np.ones_like(logp)
    s = family.METHODS["CISPO"] | {"baseline": "given", "scale": "none", "groups": "all"}
    for sign in (1.0, -1.0):
        got = family.score_weights(logp, zeros, zeros, sign * ones[..., 0], ones, s)[:, 0, 0, 0]
        assert got == pytest.approx(sign * np.array([0.3, 1.5, 2.0]))  # capped at 2, never zero


def test_aggregation():
    mask = np.array([[1.0, 1, 0, 0], [1, 1, 1, 1]])
    wanted = {"sequence": (1 / 4, 1 / 8), "token": (1 / 6, 1 / 6), "constant": (1 / 10, 1 / 10), "sum": (1 / 2, 1 / 2)}
    for kind, (first, second) in wanted.items():
        c = family.token_weights(mask, kind, 5.0)
        assert c == pytest.approx(np.array([[first, first, 0, 0], [second] * 4]))


def test_length_push():
    for c in (0.3, 0.9, 0.97):
        assert length_bias.push(c) == pytest.approx(length_bias.push_by_sum(c), abs=1e-10)
        assert length_bias.push(c) < 0


TWO = np.array([0.6, 0.3, 0.1]), np.array([0.2, 0.3, 0.5])


def test_k123():
    u = np.log(np.array([2.0, 0.5]))
    assert kl.estimate(u, "k1") == pytest.approx([0.693147, -0.693147], abs=1e-6)
    assert kl.estimate(u, "k2") == pytest.approx([0.240227, 0.240227], abs=1e-6)
    assert kl.estimate(u, "k3") == pytest.approx([0.193147, 0.306853], abs=1e-6)  # 1/2 - 1 + ln 2; 2 - 1 - ln 2


def test_k_values():
    policy, reference = TWO
    exact = 0.6 * np.log(3) + 0.1 * np.log(0.2)
    assert kl.moments(policy, reference, "k1")[0] == pytest.approx(exact)
    assert kl.moments(policy, reference, "k3")[0] == pytest.approx(exact)
    assert kl.moments(policy, reference, "k1")[1] == pytest.approx(0, abs=1e-12)
    assert kl.moments(policy, reference, "k3")[1] == pytest.approx(0, abs=1e-12)
    u = np.log(policy / reference)
    for size in (0.1, 0.01):  # the bias of k2 is of third order: minus a sixth of the mean cube
        close = reference * np.exp(size * u)
        close /= close.sum()
        bias, cube = kl.moments(close, reference, "k2")[1], close @ np.log(close / reference) ** 3
        assert bias == pytest.approx(cube / 6, rel=3 * size)


def differences(function, policy, step=1e-6):
    """Gradient by the logits, by central differences."""
    z, made = np.log(policy), []
    for n in range(len(z)):
        nudge = np.zeros_like(z)
        nudge[n] = step
        made.append((function(sequences.softmax(z + nudge)) - function(sequences.softmax(z - nudge))) / (2 * step))
    return np.array(made)


def test_k_loss():
    policy, reference = TWO
    reverse = differences(lambda p: divergence(p, reference), policy)
    forward = differences(lambda p: divergence(reference, p), policy)
    for kind, wanted in (("k1", 0 * policy), ("k2", reverse), ("k3", forward)):
        frozen = differences(lambda p, kind=kind: policy @ kl.estimate(np.log(p / reference), kind), policy)
        assert kl.in_loss(policy, reference, kind) == pytest.approx(wanted, abs=1e-8)
        assert kl.in_loss(policy, reference, kind) == pytest.approx(frozen, abs=1e-8)


def test_k_reward():
    policy, reference = TWO
    reverse = differences(lambda p: divergence(p, reference), policy)
    forward = differences(lambda p: divergence(reference, p), policy)
    for kind in kl.KINDS:  # a number in the reward: the sampling moves, the number does not
        fixed = kl.estimate(np.log(policy / reference), kind)
        assert kl.in_reward(policy, reference, kind) == pytest.approx(differences(lambda p, k=fixed: p @ k, policy), abs=1e-8)
    assert kl.in_reward(policy, reference, "k1") == pytest.approx(reverse, abs=1e-8)
    assert kl.in_reward(policy, reference, "k3") == pytest.approx(reverse - forward, abs=1e-8)


def test_reward_by_loss_of_the_whole_family():
    """k1 in the reward of RLOO's line: the expected gradient is that of J less beta times the reverse KL of the completion."""
    reference = np.zeros((3, 2))
    probs, refs = sequences.sequence_probs(LOGITS, 2), sequences.sequence_probs(reference, 2)
    tokens = sequences.token_log_ratios(LOGITS, reference, 2)
    beta, made = 0.3, 0.0
    for i, j in product(range(4), repeat=2):
        mask = np.ones((1, 2, 2))
        logp = np.log(sequences.softmax(LOGITS))
        number = sequences.prefixes(2, 2)
        q = np.array([[[logp[number[YS[n][:t]], YS[n][t]] for t in range(2)] for n in (i, j)]])
        ref = q - tokens[[i, j]][None]
        w = family.score_weights(q, q, ref, RIGHT[[i, j]][None], mask, family.METHODS["RLOO"], beta=beta)[0]
        made = made + probs[i] * probs[j] * sum(sequences.score(LOGITS, YS[n], w[k]) for k, n in enumerate((i, j)))
    wanted = sequences.sequence_gradient(LOGITS, RIGHT - beta * np.log(probs / refs), 2)
    assert made == pytest.approx(wanted, abs=1e-12)
