"""The lab: which reward models over-optimise, on five seeds, and its exact identities."""

import numpy as np
import pytest
import reward_model as lab

SEEDS = range(5)
COUNT = {int(n): k for k, n in enumerate(lab.COUNTS)}


@pytest.fixture(scope="module")
def results():
    return [lab.run(seed) for seed in SEEDS]


def gold_at_n(result, arm, n):
    return result[arm]["best-of-n"][COUNT[n], 2]


def test_misspecified_model_over_optimises(results):
    """Linear reward model: gold peaks early and ends below the reference, while the proxy always rises."""
    for r in results:
        curve = r["linear"]["best-of-n"]
        assert 2 <= lab.COUNTS[np.argmax(curve[:, 2])] <= 16
        assert lab.drop(curve) > 2.5 and curve[-1, 2] < -1
        assert np.all(np.diff(curve[:, 1]) > 0)
        tilted = r["linear"]["tilting"]
        assert lab.drop(tilted) > 2.5 and np.all(np.diff(tilted[:, 1]) > 0)


def test_enough_data_does_not(results):
    """A flexible model on 10,000 pairs comes near to the gold reward itself."""
    for r in results:
        for name in ("best-of-n", "tilting"):
            assert lab.drop(r["mlp 10000"][name]) < 0.1
        assert gold_at_n(r, "mlp 10000", 1024) > 0.95 * gold_at_n(r, "gold itself", 1024)


def test_limited_data_promises_too_much(results):
    """On 100 pairs the proxy promises about twice the gold or more; under best-of-n gold does not turn (the finding)."""
    for r in results:
        curve = r["mlp 100"]["best-of-n"]
        assert curve[-1, 1] > 1.8 * curve[-1, 2]
        assert curve[-1, 2] < 0.9 * gold_at_n(r, "gold itself", 1024)
        assert lab.drop(curve) < 0.1
    overfitted = [lab.drop(r["mlp 100, overfitted"]["best-of-n"]) > 1 for r in results]
    assert 0 < sum(overfitted) < 5  # without weight decay and trained longer: in some seeds


def test_accuracy_ranks_two_models_wrongly(results):
    """The linear model ranks more pairs rightly than the one on 100 pairs, and ends far below it."""
    for r in results:
        assert r["linear"]["accuracy"] > r["mlp 100"]["accuracy"] + 0.01
        assert gold_at_n(r, "linear", 1024) < gold_at_n(r, "mlp 100", 1024) - 3


def test_negative_control(results):
    """The same linear model on as many pairs, with a gold reward that it can express: no fall."""
    for r in results:
        assert lab.drop(r["control"]["best-of-n"]) == 0
        assert r["control"]["accuracy"] > 0.95
        assert lab.drop(r["gold itself"]["tilting"]) == 0


def test_ensembles(results):
    """Five linear models share the mistake; five of 100 pairs differ, and their mean gains in every seed."""
    for r in results:
        for kind in ("mean", "least"):  # five linear models, each on pairs of its own
            assert lab.drop(r[f"linear, {kind} of 5"]["best-of-n"]) > 2.5
        assert gold_at_n(r, "mlp 100, mean of 5", 1024) > gold_at_n(r, "mlp 100", 1024)


def test_calibration_is_lost_by_selection(results):
    for r in results:
        error = {key: lab.calibration_error(rows) for key, rows in r["calibration"].items()}
        assert error["linear", 64] > 2.5 * error["linear", 1]
        assert error["mlp 10000", 1] < 0.025 and error["mlp 10000", 64] < 0.06
        confident = r["calibration"]["linear", 64]
        confident = confident[(confident[:, 0] > 0.8) & (confident[:, 2] >= 50)]
        assert np.all(confident[:, 1] < 0.5)  # said to win with 80 % and more: loses


def test_penalty(results):
    """At equal KL, a penalty changes gold by noise for the linear model; for the others it may raise it a little."""
    for r in results:
        runs = r["learning"]
        for kl in (0.5, 1.0, 2.0):
            without, with_penalty = (lab.gold_at(runs["linear", beta], kl) for beta in lab.PENALTIES)
            assert abs(without - with_penalty) < 0.15
        for arm in ("mlp 100", "mlp 10000"):
            for kl in (1.0, 2.0):
                assert 0 < lab.gold_at(runs[arm, 0.5], kl) - lab.gold_at(runs[arm, 0.0], kl) < 0.5


def test_penalty_gain_is_no_noise():
    """With batches of 6,000 the penalty's gain at KL 1 vanishes for the linear model and stays for 10,000 pairs."""
    for seed in (0, 1):
        models, fresh = lab.reward_models(seed), np.random.default_rng([seed, 7]).standard_normal((20_000, lab.FEATURES))
        for arm, rate, steps, low, high in (("linear", 0.02, 120, -0.03, 0.03), ("mlp 10000", 0.01, 220, 0.03, 0.15)):
            gold = {}
            for beta in lab.PENALTIES:
                climbed = np.random.default_rng([seed, 8])
                means = lab.policy_gradient(climbed, lambda x: lab.score(models[arm], x), beta, steps, 6_000, rate)[::5]  # noqa: B023
                rows = np.array([(0.5 * m @ m, lab.gold(fresh + m).mean() - lab.gold(fresh).mean()) for m in means])
                gold[beta] = lab.gold_at(rows, 1.0)
            assert low < gold[0.5] - gold[0.0] < high


def test_gradient_against_finite_differences():
    rng = np.random.default_rng(0)
    winners, losers = lab.compare(rng, 30)
    params = {name: value + 0.3 * rng.standard_normal(value.shape) for name, value in lab.initial(rng, 4).items()}

    def total(p):
        return lab.loss(lab.score(p, winners) - lab.score(p, losers)) + 0.5e-3 * sum(np.sum(v**2) for v in p.values())

    found = lab.gradient(params, winners, losers)
    for name, value in params.items():
        for index in np.ndindex(value.shape):
            moved = []
            for step in (1e-6, -1e-6):
                shifted = {k: v.copy() for k, v in params.items()}
                shifted[name][index] += step
                moved.append(total(shifted))
            assert found[name][index] == pytest.approx((moved[0] - moved[1]) / 2e-6, abs=1e-7)


def test_best_of_n_against_draws():
    """The exact distribution against 40,000 simulated best-of-4 draws: chi-squared."""
    rng = np.random.default_rng(1)
    scores = rng.standard_normal(8)
    drawn = rng.integers(8, size=(40_000, 4))
    picked = drawn[np.arange(len(drawn)), np.argmax(scores[drawn], axis=1)]
    expected = 40_000 * lab.best_of_n(scores, 4)
    common = expected > 5
    assert np.sum((np.bincount(picked, minlength=8) - expected)[common] ** 2 / expected[common]) < 35  # far tail at 7 degrees


def test_small_run_has_the_same_parts():
    small = lab.run(0, small=True)
    assert set(small) == set(lab.run(0))
