"""Equations of the chapter on language models as policies, each against something other than its own code."""

from itertools import combinations, product

import autograd.numpy as anp
import divergences
import kl_optimum
import numpy as np
import pytest
import sampling
import sequences
import tinylm
from autograd import grad

LENGTH = 3
YS = sequences.completions(2, LENGTH)


def rng(*seed):
    return np.random.default_rng(list(seed))


def table(seed, vocabulary=2, length=LENGTH):
    return rng(seed).standard_normal((len(sequences.prefixes(vocabulary, length)), vocabulary))


def slope(function, at, h=1e-6):
    """Central differences, entry by entry."""
    result = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[place] += h
        down[place] -= h
        result[place] = (function(up) - function(down)) / (2 * h)
    return result


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


# ---- the model as a policy


def test_factorisation():
    """Against a walk through the tree of prefixes that never forms a product of table entries by itself."""
    logits = table(0)
    walk = {(): 1.0}
    for size in range(LENGTH):
        for number, prefix in enumerate(product(range(2), repeat=size)):
            row = softmax(logits[2**size - 1 + number])
            for token in range(2):
                walk[(*prefix, token)] = walk[prefix] * row[token]
    assert sequences.sequence_probs(logits, LENGTH) == pytest.approx([walk[y] for y in YS], abs=1e-12)
    assert sum(sequences.sequence_probs(logits, LENGTH)) == pytest.approx(1)


def test_masked_log_prob():
    p, r = tinylm.initial(0), rng(1)
    tokens, mask, _ = tinylm.sample(p, tinylm.problems(r, 6), r)
    for row, m, got in zip(tokens, mask, tinylm.masked_log_prob(p, tokens, mask), strict=True):
        total = 0.0
        for t in range(tinylm.PROMPT, len(row)):  # one prefix at a time
            if m[t]:
                z = tinylm.logits(p, row[None, :t])[0, -1]
                total += np.log(softmax(z)[row[t]])
        assert got == pytest.approx(total, abs=1e-9)


# ---- the small transformer


def test_rms_norm():
    x = rng(0).standard_normal((3, 4)) * 7
    for row, out in zip(x, tinylm.unit(x), strict=True):
        assert out == pytest.approx(row / np.sqrt(np.mean(row**2)), rel=1e-5)


def test_attention():
    """Against loops over places."""
    p, h = tinylm.initial(1, width=4, hidden=6), rng(2).standard_normal((2, 5, 4))
    got = tinylm.attention(p, h)
    for b in range(2):
        for t in range(5):
            q = h[b, t] @ p["query"]
            scores = np.array([q @ (h[b, s] @ p["key"]) / 2.0 for s in range(t + 1)])  # sqrt(4) = 2
            mixed = sum(w * (h[b, s] @ p["value"]) for s, w in enumerate(softmax(scores)))
            assert got[b, t] == pytest.approx(mixed @ p["mix"], abs=1e-10)


def test_block():
    """Against the two residual steps written out for one row, entry by entry of the bilinear layer."""
    p, tokens = tinylm.initial(3, width=4, hidden=6), np.array([[0, 1, 2, 5]])
    x = p["token"][tokens[0]] + p["place"][:4]
    x = x + tinylm.attention(p, tinylm.unit(x)[None])[0]
    for t in range(4):
        h = x[t] / np.sqrt(np.mean(x[t] ** 2) + 1e-6)
        gate = [sum(h[i] * p["left"][i, f] for i in range(4)) * sum(h[i] * p["right"][i, f] for i in range(4)) for f in range(6)]
        y = x[t] + np.array(gate) @ p["down"]
        y = y / np.sqrt(np.mean(y**2) + 1e-6)
        assert tinylm.logits(p, tokens)[0, t] == pytest.approx(y @ p["read"], abs=1e-9)


# ---- bandit and token process


def test_sequence_gradient():
    logits, rewards = table(1), rng(2).standard_normal(8)
    numeric = slope(lambda z: sequences.sequence_probs(z, LENGTH) @ rewards, logits)
    assert sequences.sequence_gradient(logits, rewards, LENGTH) == pytest.approx(numeric, abs=1e-8)


def test_token_gradient():
    """Rewards at every step: finite differences of the expected sum of rewards. A step's reward may use its tokens so far."""
    logits, r = table(3), rng(4)
    by_prefix = {y[:t]: r.standard_normal() for y in YS for t in range(1, LENGTH + 1)}
    steps = np.array([[by_prefix[y[: t + 1]] for t in range(LENGTH)] for y in YS])
    numeric = slope(lambda z: sequences.sequence_probs(z, LENGTH) @ steps.sum(axis=1), logits)
    assert sequences.token_gradient(logits, steps, LENGTH) == pytest.approx(numeric, abs=1e-8)


def test_same_gradient():
    for seed in range(5):
        logits, rewards = table(seed), rng(seed, 9).standard_normal(8)
        bandit = sequences.sequence_gradient(logits, rewards, LENGTH)
        tokens = sequences.token_gradient(logits, sequences.terminal(rewards, LENGTH), LENGTH)
        assert tokens == pytest.approx(bandit, abs=1e-12)


def test_discount_weights():
    """With discount g the score of token t (from 0) is weighted by g^(T-1-t): against automatic differentiation."""
    logits, rewards, g = table(5), rng(6).standard_normal(8), 0.7
    number = sequences.prefixes(2, LENGTH)
    probs = sequences.sequence_probs(logits, LENGTH)

    def surrogate(z):
        logs = z - anp.log(anp.sum(anp.exp(z), axis=1, keepdims=True))
        total = 0.0
        for p, r, y in zip(probs, rewards, YS, strict=True):
            total = total + p * r * sum(g ** (2 - t) * logs[number[y[:t]], y[t]] for t in range(3))
        return total

    got = sequences.token_gradient(logits, sequences.terminal(rewards, LENGTH), LENGTH, g)
    assert got == pytest.approx(grad(surrogate)(logits), abs=1e-10)
    assert np.abs(got - sequences.sequence_gradient(logits, rewards, LENGTH)).max() > 1e-3


def test_token_advantage():
    """Advantages add up to reward minus the value of the prompt, and multiply the scores of the same gradient."""
    logits, rewards = table(7), rng(8).standard_normal(8)
    probs, start = sequences.sequence_probs(logits, LENGTH), 0.0
    start = probs @ rewards
    total = np.zeros_like(logits)
    for p, r, y in zip(probs, rewards, YS, strict=True):
        a = sequences.advantages(logits, rewards, y)
        assert a.sum() == pytest.approx(r - start, abs=1e-10)
        after_first = sum(q * s for q, s, z in zip(probs, rewards, YS, strict=True) if z[0] == y[0])
        after_first /= sum(q for q, z in zip(probs, YS, strict=True) if z[0] == y[0])
        assert a[0] == pytest.approx(after_first - start, abs=1e-10)
        total += p * sequences.score(logits, y, a)
    assert total == pytest.approx(slope(lambda z: sequences.sequence_probs(z, LENGTH) @ rewards, logits), abs=1e-8)


# ---- imitation


def test_sft():
    """A model that reads nothing is uniform: ln 8 a token. And against a mean over chosen tokens, one by one."""
    p, r = tinylm.initial(0), rng(3)
    tokens, mask = tinylm.demonstrations(tinylm.problems(r, 8), r, 0.5)
    blind = {**p, "read": 0 * p["read"]}
    assert tinylm.imitation_loss(blind, tokens, mask) == pytest.approx(np.log(8))
    logs = np.asarray(tinylm.token_log_probs(p, tokens))
    chosen = [-logs[i, t - 1] for i in range(8) for t in range(tokens.shape[1]) if mask[i, t]]
    assert tinylm.imitation_loss(p, tokens, mask) == pytest.approx(np.mean(chosen))


def test_sft_kl():
    p, q = softmax(rng(0).standard_normal(5)), softmax(rng(1).standard_normal(5))
    entropy = -sum(v * np.log(v) for v in p)
    kl = sum(v * np.log(v / w) for v, w in zip(p, q, strict=True))
    assert divergences.cross_entropy(p, q) == pytest.approx(entropy + kl)


def test_filtered():
    """Against finite differences of ln J: the gradient of ln J is that of J over J."""
    logits, rewards = table(9), np.array([0, 1, 0, 0, 1, 0, 1, 0.0])
    numeric = slope(lambda z: np.log(sequences.sequence_probs(z, LENGTH) @ rewards), logits)
    assert sequences.filtered_gradient(logits, rewards, LENGTH) == pytest.approx(numeric, abs=1e-8)


# ---- sampling


def test_temperature():
    z = rng(0).standard_normal(6)
    for t in (0.3, 1.0, 2.5):
        assert sampling.tempered(softmax(z), t) == pytest.approx(softmax(z / t), abs=1e-12)


def test_nucleus():
    """Against a search through all sets of tokens for the smallest, then most probable, set that reaches p."""
    for seed in range(20):
        probs = softmax(rng(seed).standard_normal(5))
        for p in (0.1, 0.5, 0.8, 0.95, 1.0):
            sets = [s for n in range(1, 6) for s in combinations(range(5), n) if probs[list(s)].sum() >= p - 1e-12]
            best = min(sets, key=lambda s: (len(s), -probs[list(s)].sum()))
            expected = np.array([probs[i] if i in best else 0 for i in range(5)])
            assert sampling.nucleus(probs, p) == pytest.approx(expected / expected.sum(), abs=1e-12)


def test_mismatch():
    """Against the sum over tokens of sampling probability, reward and score."""
    z, reward = rng(1).standard_normal(4), rng(2).standard_normal(4)
    probs = softmax(z)
    sampled = softmax(z / 0.6)
    direct = sum(sampled[a] * reward[a] * (np.eye(4)[a] - probs) for a in range(4))
    assert sampling.naive_gradient(probs, sampled, reward) == pytest.approx(direct, abs=1e-12)


def test_constant_reward():
    """A reward that prefers nothing pulls by the difference of the two distributions; on policy it pulls nowhere."""
    z = rng(1).standard_normal(4)
    probs, sampled = softmax(z), softmax(z / 0.6)
    pull = sum(sampled[a] * (np.eye(4)[a] - probs) for a in range(4))
    assert pull == pytest.approx(sampled - probs, abs=1e-12)
    assert sampling.naive_gradient(probs, sampled, np.ones(4)) == pytest.approx(pull, abs=1e-12)
    assert np.abs(pull).max() > 0.01
    assert sampling.naive_gradient(probs, probs, np.ones(4)) == pytest.approx(np.zeros(4), abs=1e-12)


def test_tempered_gradient():
    z, reward = rng(3).standard_normal(4), rng(4).standard_normal(4)
    numeric = slope(lambda v: softmax(v / 0.6) @ reward, z)
    assert sampling.tempered_gradient(softmax(z), 0.6, reward) == pytest.approx(numeric, abs=1e-9)


def test_weighted():
    z, reward = rng(5).standard_normal(4), rng(6).standard_normal(4)
    numeric = slope(lambda v: softmax(v) @ reward, z)
    probs = softmax(z)
    assert sampling.weighted_gradient(probs, sampling.tempered(probs, 0.6), reward) == pytest.approx(numeric, abs=1e-9)
    cut = sampling.weighted_gradient(probs, sampling.nucleus(probs, 0.6), reward)
    assert np.abs(cut - numeric).max() > 1e-3  # weights cannot bring back what is never drawn


# ---- the regularised objective


def case(seed, n=6):
    r = rng(seed, 77)
    return softmax(r.standard_normal(n)), r.standard_normal(n)


def test_kl():
    p, q = np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.25, 0.5])
    assert divergences.kl(p, q) == pytest.approx(np.log(2))  # by hand: ln(.5/.25)
    assert divergences.kl(q, p) == float("inf")
    a, b = case(0)[0], case(1)[0]
    assert divergences.kl(a, b) > 0
    assert divergences.kl(a, a) == 0
    assert divergences.kl(a, b) == pytest.approx(sum(x * np.log(x / y) for x, y in zip(a, b, strict=True)))


def test_objective():
    """By hand: policy even, reference (1/4, 3/4), rewards (1, 0), beta 2: 1/2 - 2 (1/2 ln 2 + 1/2 ln 2/3) = 1/2 - ln 4/3."""
    even, reference = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    assert kl_optimum.objective(even, reference, np.array([1.0, 0.0]), 2.0) == pytest.approx(0.5 - np.log(4 / 3), abs=1e-12)


def test_gibbs():
    """No other policy does better: random ones and small moves from the optimum, for several beta."""
    for seed in range(5):
        ref, r = case(seed)
        for beta in (0.2, 1.0, 3.0):
            best = kl_optimum.gibbs(ref, r, beta)
            top = float(best @ r - beta * np.sum(best * np.log(best / ref)))
            for n in range(50):
                near = best * np.exp(rng(seed, n).standard_normal(6) * (0.01 if n % 2 else 1.0))
                near /= near.sum()
                assert near @ r - beta * np.sum(near * np.log(near / ref)) < top + 1e-12


def test_partition():
    ref, r = case(4)
    z = sum(p * np.exp(v / 0.7) for p, v in zip(ref, r, strict=True))
    assert kl_optimum.partition(ref, r, 0.7) == pytest.approx(z)
    assert kl_optimum.gibbs(ref, r, 0.7) == pytest.approx(ref * np.exp(r / 0.7) / z)


def test_gap():
    """J(pi) = beta ln Z - beta KL(pi || optimum), for random policies."""
    ref, r = case(5)
    for beta in (0.3, 1.0, 2.0):
        for n in range(5):
            policy = case(n, 6)[0]
            j = policy @ r - beta * np.sum(policy * np.log(policy / ref))
            best = kl_optimum.gibbs(ref, r, beta)
            lack = beta * np.sum(policy * np.log(policy / best))
            assert kl_optimum.best_value(ref, r, beta) - lack == pytest.approx(j, abs=1e-10)


def moments(ref, r, s):
    p = ref * np.exp(r * s)
    p /= p.sum()
    return p @ r, np.sum(p * np.log(p / ref))


def test_frontier_variance():
    ref, r = case(6)
    s, h = 1 / 0.4, 1e-5
    numeric = (moments(ref, r, s + h)[0] - moments(ref, r, s - h)[0]) / (2 * h)
    assert kl_optimum.reward_by_inverse_beta(ref, r, 0.4) == pytest.approx(numeric, rel=1e-6)


def test_frontier_slope():
    """Along the frontier reward rises by beta for each nat of KL."""
    ref, r = case(7)
    s, h = 1 / 0.4, 1e-5
    up, down = moments(ref, r, s + h), moments(ref, r, s - h)
    assert (up[0] - down[0]) / (up[1] - down[1]) == pytest.approx(0.4, rel=1e-6)
    assert kl_optimum.kl_by_inverse_beta(ref, r, 0.4) == pytest.approx((up[1] - down[1]) / (2 * h), rel=1e-6)


def test_penalised_reward():
    """Its policy mean is the objective."""
    ref, r = case(8)
    policy = case(9)[0]
    j = policy @ r - 0.3 * np.sum(policy * np.log(policy / ref))
    assert policy @ kl_optimum.penalised(policy, ref, r, 0.3) == pytest.approx(j)


def test_plain_gradient():
    ref, r = case(10)
    theta = rng(11).standard_normal(6)

    def j(z):
        p = softmax(z)
        return p @ r - 0.3 * np.sum(p * np.log(p / ref))

    assert kl_optimum.gradient(theta, ref, r, 0.3) == pytest.approx(slope(j, theta), abs=1e-8)


def test_natural_step():
    """The step solves F d = gradient, up to a constant added to all logits, F from scores by enumeration."""
    ref, r = case(12)
    theta = rng(13).standard_normal(6)
    p = softmax(theta)
    fisher = sum(p[a] * np.outer(np.eye(6)[a] - p, np.eye(6)[a] - p) for a in range(6))
    d = (kl_optimum.natural_step(theta, ref, r, 0.3, 0.25) - theta) / 0.25

    def j(z):
        q = softmax(z)
        return q @ r - 0.3 * np.sum(q * np.log(q / ref))

    assert fisher @ d == pytest.approx(slope(j, theta), abs=1e-8)
    e = np.linalg.pinv(fisher) @ slope(j, theta)
    assert d - d.mean() == pytest.approx(e - e.mean(), abs=1e-6)


def test_natural_contraction():
    """Distance to the optimum's logits, constants aside, shrinks by 1 - rate beta at every step; exact at rate 1/beta."""
    ref, r = case(14)
    beta, theta = 0.4, rng(15).standard_normal(6)
    target = np.log(ref) + r / beta

    def distance(z):
        d = z - target
        return d - d.mean()

    for rate in (0.5, 1.0, 2.5, 3.0):
        after = kl_optimum.natural_step(theta, ref, r, beta, rate)
        assert distance(after) == pytest.approx((1 - rate * beta) * distance(theta), abs=1e-10)


def test_plain_contraction():
    """Against a Fisher matrix from scores, by enumeration."""
    ref, r = case(22)
    beta, rate, theta = 0.4, 3.0, rng(23).standard_normal(6)
    p = softmax(theta)
    fisher = sum(p[a] * np.outer(np.eye(6)[a] - p, np.eye(6)[a] - p) for a in range(6))
    assert kl_optimum.fisher(theta) == pytest.approx(fisher, abs=1e-12)
    target = np.log(ref) + r / beta
    before = theta - target
    after = kl_optimum.plain_step(theta, ref, r, beta, rate) - target
    assert after == pytest.approx(before - rate * beta * fisher @ before, abs=1e-10)


def test_mirror_step():
    """The natural step maximises linearised objective minus KL to the present policy over rate."""
    ref, r = case(16)
    beta, rate, theta = 0.4, 0.8, rng(17).standard_normal(6)
    p = softmax(theta)
    derivative = r - beta * (np.log(p / ref) + 1)  # of the objective by each probability
    new = softmax(kl_optimum.natural_step(theta, ref, r, beta, rate))

    def model(q):
        return q @ derivative - np.sum(q * np.log(q / p)) / rate

    for n in range(50):
        other = new * np.exp(rng(18, n).standard_normal(6) * (0.01 if n % 2 else 1.0))
        assert model(other / other.sum()) < model(new) + 1e-12


def test_token_natural():
    """Horizon 3: exact after three steps at rate 1/beta, not after two."""
    ref, rewards, beta = table(20), rng(21).standard_normal(8), 0.5
    base = sequences.sequence_probs(ref, LENGTH)
    target = base * np.exp(rewards / beta)
    target /= target.sum()
    logits, gaps = ref.copy(), []
    for _ in range(3):
        logits = kl_optimum.token_natural_step(logits, ref, rewards, beta, 1 / beta, LENGTH)
        gaps.append(np.abs(sequences.sequence_probs(logits, LENGTH) - target).max())
    assert gaps[1] > 1e-8
    assert gaps[2] < 1e-12


# ---- two directions, tokens and sequences


def test_kl_chain():
    p, q = rng(0).random((3, 4)), rng(1).random((3, 4))
    p, q = p / p.sum(), q / q.sum()
    assert divergences.token_sum(p, q) == pytest.approx(np.sum(p * np.log(p / q)), abs=1e-12)


def test_kl_gradient():
    logits, ref = table(30), table(31)
    q = sequences.sequence_probs(ref, LENGTH)

    def whole(z):
        p = sequences.sequence_probs(z, LENGTH)
        return np.sum(p * np.log(p / q))

    numeric = slope(whole, logits)
    assert sequences.kl_gradient(logits, ref, LENGTH) == pytest.approx(numeric, abs=1e-8)
    assert np.abs(sequences.myopic_kl_gradient(logits, ref, LENGTH) - numeric).max() > 1e-2


# ---- agents


def test_agent_gradient():
    """Finite differences of the expected reward; the environment's answers do not depend on the logits."""
    logits, r = table(40), rng(41)
    answers = np.array([[0.3, 0.7], [0.9, 0.1]])
    rewards = r.standard_normal(8)

    def value(z):
        def row(prefix):
            return softmax(z[{(): 0, (0,): 1, (1,): 2, (0, 0): 3, (0, 1): 4, (1, 0): 5, (1, 1): 6}[prefix]])

        return sum(
            row(())[a] * answers[a, o] * row((a, o))[b] * g
            for (a, o, b), g in zip(product(range(2), repeat=3), rewards, strict=True)
        )

    numeric = slope(value, logits)
    assert sequences.agent_gradient(logits, answers, rewards) == pytest.approx(numeric, abs=1e-8)
    assert np.abs(sequences.agent_gradient(logits, answers, rewards, (1, 1, 1))[1:3]).max() > 1e-2


# ---- many samples


def subsets_mean(results, k, statistic):
    chosen = [statistic([results[i] for i in subset]) for subset in combinations(range(len(results)), k)]
    return np.mean(chosen)


def test_pass_at_k():
    """Against the mean over all subsets, and unbiased: its binomial mean is 1 - (1 - p)^k."""
    for n, c, k in [(6, 2, 3), (7, 0, 2), (7, 7, 2), (5, 4, 3), (8, 3, 1)]:
        results = [1] * c + [0] * (n - c)
        assert sampling.pass_at_k(n, c, k) == pytest.approx(subsets_mean(results, k, max))
    n, p, k = 9, 0.23, 4
    mean = sum(sampling.comb(n, c) * p**c * (1 - p) ** (n - c) * sampling.pass_at_k(n, c, k) for c in range(n + 1))
    assert mean == pytest.approx(1 - (1 - p) ** k, abs=1e-12)


def test_plug_in():
    """Biased downwards for k > 1; for k = 2 by exactly p (1 - p) / n."""
    n, p = 9, 0.23
    mean = sum(sampling.comb(n, c) * p**c * (1 - p) ** (n - c) * sampling.plug_in(n, c, 2) for c in range(n + 1))
    assert 1 - (1 - p) ** 2 - mean == pytest.approx(p * (1 - p) / n, abs=1e-12)


def test_best_of_n():
    r = rng(50)
    scores, rewards = r.permutation(7).astype(float), r.standard_normal(7)
    pairs = list(zip(scores, rewards, strict=True))
    for k in (1, 2, 5, 7):
        assert sampling.best_of_k(scores, rewards, k) == pytest.approx(subsets_mean(pairs, k, lambda s: max(s)[1]))


def majority(answers):
    top = max(answers.count(a) for a in answers)
    tied = [a for a in set(answers) if answers.count(a) == top]
    return (0 in tied) / len(tied)


def test_maj_at_k():
    """Against all subsets; and its multinomial mean is maj@k itself, by enumeration of ordered votes."""
    for counts in ([3, 2, 2], [1, 4, 2], [0, 3, 2]):
        votes = [j for j, count in enumerate(counts) for _ in range(count)]
        for k in (1, 2, 3, 5):
            assert sampling.maj_at_k(counts, 0, k) == pytest.approx(subsets_mean(votes, k, lambda s: majority(list(s))))
    probs, n, k = np.array([0.4, 0.35, 0.25]), 5, 3
    truth = sum(np.prod(probs[list(v)]) * majority(list(v)) for v in product(range(3), repeat=k))
    mean = sum(
        np.prod(probs[list(v)]) * sampling.maj_at_k([v.count(j) for j in range(3)], 0, k) for v in product(range(3), repeat=n)
    )
    assert mean == pytest.approx(truth, abs=1e-12)
    assert sampling.maj_limit(probs, 0, k) == pytest.approx(truth, abs=1e-12)
