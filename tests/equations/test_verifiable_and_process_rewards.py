"""The equations of the chapter on verifiable and process rewards, against enumeration, finite differences and other formulas."""

from itertools import product

import numpy as np
import process_rewards as lab
import pytest
import step_values as steps
import verifier_noise as noise

STEP = 1e-6


def slope(function, at):
    return (function(at + STEP) - function(at - STEP)) / (2 * STEP)


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def tree(seed, depth=3):
    """A random policy on the binary tree, and a random 0/1 reward of each solution."""
    rng = np.random.default_rng(seed)
    policy = [rng.dirichlet(np.ones(2), size=(2,) * k) if k else rng.dirichlet(np.ones(2)) for k in range(depth)]
    return policy, rng.integers(0, 2, (2,) * depth).astype(float), rng


def probability(policy, solution):
    return float(np.prod([policy[k][solution[:k]][solution[k]] for k in range(len(solution))]))


def solutions(depth, prefix=()):
    return [prefix + rest for rest in product((0, 1), repeat=depth - len(prefix))]


# ---- verifiers


def test_verifier_precision():
    """Counts: 1,000 answers, 100 right; 20 of the right ones rejected, 45 of the wrong ones accepted."""
    assert noise.precision(0.1, 45 / 900, 20 / 100) == pytest.approx(80 / (80 + 45), abs=1e-12)


def test_noisy_reward():
    """The four cells of the table of truth and verdict, added up."""
    for p, f, m in ((0.1, 0.05, 0.2), (0.7, 0.3, 0.1)):
        cells = {(True, True): p * (1 - m), (True, False): p * m, (False, True): (1 - p) * f, (False, False): (1 - p) * (1 - f)}
        assert noise.accepted(p, f, m) == pytest.approx(sum(v for (_, verdict), v in cells.items() if verdict), abs=1e-12)


def test_noisy_gradient():
    """The slope of the mean reward by a logit is that of the accuracy times the factor, for a policy over five answers."""
    rng, f, m = np.random.default_rng(0), 0.15, 0.3
    logits, right = rng.normal(size=5), np.array([1, 0, 1, 0, 0], bool)
    for k, unit in enumerate(np.eye(5)):

        def truth(t, unit=unit):
            return softmax(logits + t * unit)[right].sum()

        def reward(t, unit=unit):
            return softmax(logits + t * unit) @ np.where(right, 1 - m, f)

        assert slope(reward, 0.0) == pytest.approx(noise.signal(f, m) * slope(truth, 0.0), abs=1e-8), k


def test_noisy_samples():
    """Squared ratio of standard error to effect for a small difference of accuracies, noisy against exact."""
    p, gap = 0.3, 1e-5
    for f, m in ((0.05, 0.2), (0.2, 0.0)):

        def needed(accept, p=p):
            one = np.array([accept[1], 1 - accept[1]]) * p + np.array([accept[0], 1 - accept[0]]) * (1 - p)
            two = np.array([accept[1], 1 - accept[1]]) * (p + gap) + np.array([accept[0], 1 - accept[0]]) * (1 - p - gap)
            return one[0] * one[1] / (two[0] - one[0]) ** 2

        assert noise.sample_factor(p, f, m) == pytest.approx(needed((f, 1 - m)) / needed((0.0, 1.0)), rel=1e-6)


def test_noisy_correction():
    f, m = 0.05, 0.2
    right = (1 - m) * noise.corrected(1.0, f, m) + m * noise.corrected(0.0, f, m)
    wrong = f * noise.corrected(1.0, f, m) + (1 - f) * noise.corrected(0.0, f, m)
    assert (right, wrong) == (pytest.approx(1.0, abs=1e-12), pytest.approx(0.0, abs=1e-12))


def test_answer_rates():
    rng = np.random.default_rng(1)
    logits, rate = rng.normal(size=6), rng.random(6)
    for k, unit in enumerate(np.eye(6)):
        numeric = slope(lambda t, unit=unit: softmax(logits + t * unit) @ rate, 0.0)
        assert noise.gradient(softmax(logits), rate)[k] == pytest.approx(numeric, abs=1e-8)


def test_hack_path():
    """Many small steps along the inverse Fisher matrix times the plain gradient of the mean reward."""
    rng = np.random.default_rng(2)
    start, rate = rng.dirichlet(np.ones(5)), rng.random(5)
    logits, small = np.log(start), 1e-3
    for _ in range(2_000):
        p = softmax(logits)
        slopes = p * rate - p * np.sum(p * rate)
        logits = logits + small * np.linalg.pinv(np.diag(p) - np.outer(p, p)) @ slopes
    assert softmax(logits) == pytest.approx(noise.natural_path(start, rate, 2.0), abs=1e-6)


def test_hack_takeover():
    """Bisection on the path, for a start policy of three answers."""
    start, rate = np.array([0.3, 0.6999, 0.0001]), np.array([0.7, 0.1, 0.9])
    low, high = 0.0, 1_000.0
    for _ in range(80):
        middle = (low + high) / 2
        weights = np.log(start) + middle * rate
        low, high = (middle, high) if weights[2] < weights[0] else (low, middle)
    assert noise.takeover(0.3, 1e-4, 0.7, 0.9) == pytest.approx(low, abs=1e-6)


# ---- outcome and process


def test_prm_product():
    """Enumerate all patterns of right and wrong steps of a random tree in which step 0 stands for right."""
    policy, _, _ = tree(3)
    scores = np.array([policy[k][(0,) * k][0] for k in range(3)])
    patterns = {s: probability(policy, s) for s in solutions(3)}
    assert sum(patterns.values()) == pytest.approx(1.0, abs=1e-12)
    assert lab.solution_score(scores) == pytest.approx(patterns[0, 0, 0], abs=1e-12)


def test_blame():
    rng = np.random.default_rng(4)
    z = rng.normal(size=4)
    for label in (True, False):

        def loss(z, label=label):
            p = np.prod(1 / (1 + np.exp(-z)))
            return -np.log(p if label else 1 - p)

        found = lab.outcome_slope((1 / (1 + np.exp(-z)))[None], np.array([label]))[0]
        numeric = [slope(lambda t, unit=unit: loss(z + t * unit), 0.0) for unit in np.eye(4)]
        assert found == pytest.approx(np.array(numeric), abs=1e-7)


# ---- values of steps


def test_step_value():
    """Each prefix: the conditional probabilities of whole solutions, times their rewards."""
    policy, reward, _ = tree(5)
    value = steps.values(policy, reward)
    for depth in range(4):
        for prefix in product((0, 1), repeat=depth):
            reach = probability(policy, prefix)
            direct = sum(probability(policy, s) / reach * reward[s] for s in solutions(3, prefix))
            assert value[depth][prefix] == pytest.approx(direct, abs=1e-12)


def test_rollout_variance():
    """All outcomes of five rollouts, one by one."""
    v, n = 0.3, 5
    outcomes = [(np.mean(o), np.prod([v if x else 1 - v for x in o])) for o in product((0, 1), repeat=n)]
    mean = sum(x * w for x, w in outcomes)
    assert mean == pytest.approx(v, abs=1e-12)
    assert steps.rollout_variance(v, n) == pytest.approx(sum((x - mean) ** 2 * w for x, w in outcomes), abs=1e-12)


def test_hard_label():
    v, n = 0.2, 6
    direct = sum(np.prod([v if x else 1 - v for x in o]) for o in product((0, 1), repeat=n) if any(o))
    assert steps.hard_label(v, n) == pytest.approx(direct, abs=1e-12)


def test_progress():
    policy, reward, _ = tree(6)
    value = steps.values(policy, reward)
    for s in solutions(3):
        passed = steps.along(steps.progress(value), s)
        assert sum(passed) == pytest.approx(reward[s] - float(value[0]), abs=1e-12)
        assert passed[1] == pytest.approx(float(value[2][s[:2]] - value[1][s[:1]]), abs=1e-12)


def test_own_progress():
    """Finite differences of the expected reward by every logit; progress of the policy doubles, that of a prover does not."""
    policy, reward, _ = tree(7)
    logits = [np.log(p) for p in policy]
    own = steps.progress(steps.values(policy, reward))
    doubled = steps.step_gradient(policy, [c + c for c in own])
    prover, _, _ = tree(8)
    other = steps.step_gradient(policy, [a + b for a, b in zip(own, steps.progress(steps.values(prover, reward)), strict=True)])
    exact = [np.zeros_like(p) for p in policy]
    for k in range(3):
        for place in np.ndindex(*logits[k].shape):

            def expected(t, k=k, place=place):
                moved = [z.copy() for z in logits]
                moved[k][place] += t
                return sum(probability([softmax(z) for z in moved], s) * reward[s] for s in solutions(3))

            exact[k][place] = slope(expected, 0.0)
    flat = np.concatenate([g.ravel() for g in exact])
    assert np.concatenate([g.ravel() for g in doubled]) == pytest.approx(2 * flat, abs=1e-7)
    valued = steps.step_gradient(policy, steps.values(policy, reward)[1:])  # the baseline of each prefix changes nothing
    assert np.concatenate([g.ravel() for g in valued]) == pytest.approx(flat, abs=1e-7)
    turned = np.concatenate([g.ravel() for g in other])
    assert turned @ flat < 0.999 * np.linalg.norm(turned) * np.linalg.norm(flat)


def test_shaped_return():
    """The discounted sum written out, and the closed form."""
    rng = np.random.default_rng(9)
    rewards, potentials, discount = rng.normal(size=5), rng.normal(size=6), 0.9
    plain = sum(discount**t * r for t, r in enumerate(rewards))
    closed = plain - potentials[0] + discount**5 * potentials[5]
    assert steps.shaped_return(rewards, potentials, discount) == pytest.approx(closed, abs=1e-12)


# ---- implicit process rewards


def outcome_reward(model, reference, beta):
    return np.array(
        [
            [[beta * np.log(probability(model, (a, b, c)) / probability(reference, (a, b, c))) for c in (0, 1)] for b in (0, 1)]
            for a in (0, 1)
        ]
    )


def test_implicit_prefix():
    """Any model, any reference: the soft mean over continuations is beta times the log-ratio of the prefix."""
    (model, _, _), (reference, _, _), beta = tree(10), tree(11), 0.4
    soft = steps.implicit_values(reference, outcome_reward(model, reference, beta), beta)
    for depth in range(4):
        for prefix in product((0, 1), repeat=depth):
            ratio = beta * np.log(probability(model, prefix) / probability(reference, prefix))
            assert soft[depth][prefix] == pytest.approx(ratio, abs=1e-10)


def test_implicit_step():
    (model, _, _), (reference, _, _), beta = tree(12), tree(13), 0.4
    whole, passed = outcome_reward(model, reference, beta), steps.implicit_step(model, reference, beta)
    for s in solutions(3):
        assert sum(steps.along(passed, s)) == pytest.approx(whole[s], abs=1e-10)


# ---- measures


def test_detection_f1():
    assert steps.detection_f1(0.4, 0.95) == pytest.approx(1 / np.mean([1 / 0.4, 1 / 0.95]), abs=1e-12)


def test_rubric():
    """Criteria of weight 2, 1, 1: repeat each as often as it weighs, and take the mean."""
    assert steps.rubric([2, 1, 1], [1, 0, 1]) == pytest.approx(np.mean([1, 1, 0, 1]), abs=1e-12)
