"""Each equation of the chapter against enumeration, finite differences, dynamic programming or a hand calculation."""

from itertools import product

import attempts
import numpy as np
import pytest
import sampling

RATES, SHARES = np.array([0.0, 0.2, 0.7]), np.array([0.3, 0.5, 0.2])


def world(seed, kinds=4):
    rng = np.random.default_rng(seed)
    rates, shares = rng.random(kinds), rng.random(kinds)
    return rates, shares / shares.sum()


def solved_by_enumeration(rates, shares, k):
    """Probability of at least one success, over all sequences of k results."""
    total = 0.0
    for p, share in zip(rates, shares, strict=True):
        for results in product((0, 1), repeat=k):
            if any(results):
                total += share * np.prod([p if r else 1 - p for r in results])
    return total


# ---- a set of prompts


def test_pass():
    for k in (1, 2, 4, 6):
        assert attempts.pass_at(RATES, SHARES, k) == pytest.approx(solved_by_enumeration(RATES, SHARES, k), abs=1e-12)


def test_spread():
    for seed in range(5):
        rates, shares = world(seed)
        assert attempts.pass_two(rates, shares) == pytest.approx(solved_by_enumeration(rates, shares, 2), abs=1e-12)


def test_bound():
    """Never exceeded; reached where all prompts are alike."""
    for seed in range(20):
        rates, shares = world(seed)
        for k in (2, 3, 7):
            assert solved_by_enumeration(rates, shares, k) <= attempts.pass_bound(rates, shares, k) + 1e-12
    for k in (2, 3, 7):
        alike = attempts.pass_bound([0.3], [1.0], k)
        assert alike == pytest.approx(1 - 0.7**k, abs=1e-12)


def test_hazard():
    """Share of prompts first solved at attempt n + 1 among those not solved before, by enumeration; it falls."""
    for seed in range(3):
        rates, shares = world(seed)
        found = [attempts.hazard(rates, shares, n) for n in range(5)]
        for n in range(5):
            before = solved_by_enumeration(rates, shares, n) if n else 0.0
            step = solved_by_enumeration(rates, shares, n + 1) - before
            assert found[n] == pytest.approx(step / (1 - before), abs=1e-12)
        assert all(np.diff(found) < 0)


# ---- two models


def test_lead():
    for seed in range(10):
        first, second = world(seed), world(seed + 100, 3)
        for k in (1, 2, 5, 8):
            truth = solved_by_enumeration(*second, k) - solved_by_enumeration(*first, k)
            assert attempts.lead(first, second, k) == pytest.approx(truth, abs=1e-12)


def test_once():
    """If the distribution functions cross once, the lead, divided by k (1 - p*)^(k - 1), only falls: one crossing at most."""
    first, second, point = (np.array([0.1, 0.3]), np.array([0.6, 0.4])), (np.array([0.0, 0.9]), np.array([0.4, 0.6])), 0.1
    scaled = [attempts.lead(first, second, k) / (k * (1 - point) ** (k - 1)) for k in range(1, 60)]
    assert all(np.diff(scaled) < 0)
    brute = next(k for k in range(1, 100) if attempts.pass_at(*first, k) > attempts.pass_at(*second, k))
    assert attempts.crossing(first, second) == brute
    assert attempts.crossing(attempts.BASE, attempts.TRAINED) == 7  # .9^6 = .531 > .5 > .9^7 = .478
    better = (first[0] + 0.05, first[1])
    assert attempts.crossing(first, better) is None


def best_by_search(p, beta):
    """Maximise q - beta KL(q, p) over q on a fine grid: reward 1 for success."""
    q = np.linspace(1e-6, 1 - 1e-6, 400_001)
    return q[np.argmax(q - beta * (q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p))))]


def test_tilt():
    for p, beta in [(0.1, 0.5), (0.02, 0.3), (0.6, 2.0)]:
        assert float(attempts.tilt(p, beta)) == pytest.approx(best_by_search(p, beta), abs=1e-5)
    assert all(attempts.tilt(np.array([0.01, 0.5, 0.99]), 1.0) > [0.01, 0.5, 0.99])  # none falls


def test_sharpen():
    """As sampling at temperature 1/power; answers below the leader's weight can lose although they are right."""
    answers = np.array([0.3, 0.4, 0.2, 0.1])
    assert attempts.sharpen(answers, 3.0) == pytest.approx(sampling.tempered(answers, 1 / 3), abs=1e-12)
    assert attempts.sharpen(answers, 200.0)[1] == pytest.approx(1.0, abs=1e-12)


def test_switch():
    """The parts add up to the change of w shown + (1 - w) bare."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        before, after = rng.random(3), rng.random(3)
        total = [w * shown + (1 - w) * bare for w, shown, bare in (before, after)]
        assert sum(attempts.switch_gain(before, after)) == pytest.approx(total[1] - total[0], abs=1e-12)


def kl(p, q):
    keep = p > 0
    return float(np.sum(p[keep] * np.log(p[keep] / q[keep])))


POLICY, REWARD = np.array([0.1, 0.15, 0.4, 0.35]), np.array([1.0, 1.0, 0.0, 0.0])


def test_condition():
    """Bayes' rule, and the divergence by its definition."""
    kept, price = attempts.condition(POLICY, REWARD)
    assert kept == pytest.approx([0.4, 0.6, 0.0, 0.0], abs=1e-12)
    assert price == pytest.approx(kl(np.array([0.4, 0.6]), np.array([0.1, 0.15])), abs=1e-12)


def test_razor():
    """Every policy that always succeeds is further away, by its divergence from the conditioned one."""
    kept, price = attempts.condition(POLICY, REWARD)
    for share in np.linspace(0.01, 0.99, 25):
        other = np.array([share, 1 - share, 0.0, 0.0])
        assert kl(other, POLICY) == pytest.approx(price + kl(other, kept), abs=1e-12)


# ---- votes, checks, revisions


def test_vote():
    """An upper bound on losing the vote, ties counted as lost, and the value of 2 exp(-2) worked by hand."""
    assert attempts.vote_bound(0.5, 0.3, 2, 100) == pytest.approx(0.27067, abs=1e-5)  # 2 exp(-100 * .04 / 2)
    probs = np.array([0.6, 0.25, 0.15])
    for k in (1, 4, 9):
        lost = 0.0
        for votes in product(range(3), repeat=k):
            counts = np.bincount(votes, minlength=3)
            if counts[0] <= counts[1:].max():
                lost += np.prod(probs[list(votes)])
        assert lost <= attempts.vote_bound(0.6, 0.25, 2, k)


def test_check():
    """Summed over the number of rejected attempts."""
    p, hit, slip = 0.3, 0.9, 0.2
    rejected = p * (1 - hit) + (1 - p) * (1 - slip)
    right = sum(rejected**n * p * hit for n in range(2000))
    mean = sum((n + 1) * rejected**n * (1 - rejected) for n in range(2000))
    assert attempts.checked(p, hit, slip) == pytest.approx((right, mean), abs=1e-10)


def test_revise():
    """A chain of two states, multiplied out."""
    mend, spoil = 0.1, 0.3
    chain = np.array([[1 - spoil, spoil], [mend, 1 - mend]])
    for rounds in (0, 1, 2, 7):
        state = np.array([0.9, 0.1]) @ np.linalg.matrix_power(chain, rounds)
        assert attempts.revised(0.9, mend, spoil, rounds) == pytest.approx(state[0], abs=1e-12)


# ---- budgets


def stop_by_dynamic_programming(a, b, value, cost, horizon=400):
    """First number of failures at which stopping is optimal, by backward induction."""
    ahead, stop = 0.0, []
    for n in range(horizon, -1, -1):
        chance = a / (a + b + n)
        go_on = chance * value - cost + (1 - chance) * ahead
        stop.append(go_on <= 1e-12)
        ahead = max(0.0, go_on)
    return stop[::-1].index(True)


def test_stop():
    for a, b, value, cost in [(1, 3, 1, 0.041), (0.25, 0.75, 1, 0.04), (2, 5, 10, 0.7), (1, 1, 1, 0.9), (0.5, 9, 1, 0.2)]:
        assert attempts.stop_after(a, b, value, cost) == stop_by_dynamic_programming(a, b, value, cost)


def test_greedy():
    """No other way to spend the budget solves more."""
    for rates, budget in [((0.5, 0.1, 0.02), 7), ((0.9, 0.3), 6), ((0.2, 0.2, 0.6), 5)]:
        rates = np.array(rates)
        best = max(
            float(np.sum(1 - (1 - rates) ** np.array(split)))
            for split in product(range(budget + 1), repeat=len(rates))
            if sum(split) == budget
        )
        mine = attempts.allocate(rates, budget)
        assert mine.sum() == budget
        assert float(np.sum(1 - (1 - rates) ** mine)) == pytest.approx(best, abs=1e-12)


def test_rate():
    """Cutting a budget into attempts: 1 - (1 - a)^(B / L)."""
    for accuracy, length, budget in [(0.3, 2.0, 6.0), (0.5, 4.0, 16.0)]:
        truth = 1 - (1 - accuracy) ** (budget / length)
        assert float(attempts.repeated(accuracy, length, budget)) == pytest.approx(truth, abs=1e-12)


def test_best_length():
    """Where the rate is highest, its logarithmic derivative vanishes: a' L / (1 - a) = -ln(1 - a)."""
    accuracy = attempts.CURVES[0][1]
    best = attempts.best_length(accuracy, np.linspace(0.6, 16, 200_001))
    slope = (accuracy(best + 1e-5) - accuracy(best - 1e-5)) / 2e-5
    a = accuracy(best)
    assert slope * best / (1 - a) == pytest.approx(-np.log(1 - a), rel=1e-3)


# ---- length


def geometric(stop, most=20_000):
    lengths = np.arange(1, most + 1)
    return lengths, stop * (1 - stop) ** (lengths - 1)


def test_inverse_length():
    for stop in (0.05, 0.3, 0.8):
        lengths, chances = geometric(stop)
        assert attempts.length_pull(stop, 1.0, True) + stop == pytest.approx(float(chances @ (1 / lengths)), abs=1e-9)


def test_pull():
    """Mean of advantage times score over length, the score by finite differences of the log-probability in the logit."""
    for stop in (0.1, 0.4):
        logit, h = np.log(stop / (1 - stop)), 1e-6

        def log_chance(z, lengths):
            s = 1 / (1 + np.exp(-z))
            return np.log(s) + (lengths - 1) * np.log(1 - s)

        lengths, chances = geometric(stop)
        score = (log_chance(logit + h, lengths) - log_chance(logit - h, lengths)) / (2 * h)
        assert attempts.length_pull(stop, -0.7, True) == pytest.approx(-0.7 * float(chances @ (score / lengths)), abs=1e-6)
        assert attempts.length_pull(stop, -0.7, False) == pytest.approx(-0.7 * float(chances @ score), abs=1e-6)


def test_drift():
    """One small step of both stopping logits, then the mean length again."""
    for rate, stop in [(0.2, 0.1), (0.5, 0.1), (0.8, 0.3)]:
        logit, size = np.log(stop / (1 - stop)), 1e-5
        right = logit + size * rate * attempts.length_pull(stop, 1 - rate, True)
        wrong = logit + size * (1 - rate) * attempts.length_pull(stop, -rate, True)
        mean = rate * (1 + np.exp(-right)) + (1 - rate) * (1 + np.exp(-wrong))  # 1 / sigmoid
        assert attempts.length_drift(rate, stop) == pytest.approx((mean - 1 / stop) / size, abs=1e-4)


# ---- measuring


def test_error():
    """Variance of the share right on one problem drawn at random, by enumeration of counts."""
    rates, shares, samples, problems = RATES, SHARES, 4, 30
    mean = square = fixed = 0.0
    for p, share in zip(rates, shares, strict=True):
        first = second = 0.0
        for results in product((0, 1), repeat=samples):
            chance = np.prod([p if r else 1 - p for r in results])
            first, second = first + chance * np.mean(results), second + chance * np.mean(results) ** 2
        mean, square, fixed = mean + share * first, square + share * second, fixed + share * (second - first**2)
    drawn, same = attempts.standard_error(rates, shares, problems, samples)
    assert drawn == pytest.approx(np.sqrt((square - mean**2) / problems), abs=1e-12)
    assert same == pytest.approx(np.sqrt(fixed / problems), abs=1e-12)
