"""The lab on outcome and process reward models: the claim on five seeds, its controls, exact identities."""

import numpy as np
import process_rewards as lab
import pytest
import sampling
import verifier_noise as noise

SEEDS = range(5)


@pytest.fixture(scope="module")
def results():
    return [lab.run(seed) for seed in SEEDS]


def test_step_labels_lead_on_the_same_solutions(results):
    for r in results:
        assert r["size"]["steps"][2] > r["size"]["outcome"][2] + 0.07


def test_outcome_labels_lead_per_label(results):
    for r in results:
        assert r["labels"] > 1_000
        assert r["equal labels"] > r["size"]["steps"][2]
        assert r["equal labels, minimum"] > r["how"]["minimum"]


def test_against_the_most_frequent_answer(results):
    """A baseline without labels: step labels beat it, rollout labels do not."""
    for r in results:
        assert r["size"]["steps"][2] > r["majority"] + 0.1 > r["size"]["rollouts"][2] + 0.2


def test_few_rollout_labels_beat_few_outcome_labels(results):
    for r in results:
        assert r["size"]["rollouts"][0] > r["size"]["outcome"][0]
        assert r["size"]["rollouts"][1] > r["size"]["outcome"][1] + 0.03


def test_with_enough_data_both_are_good(results):
    for r in results:
        assert r["size"]["outcome"][3] > 0.9 and r["size"]["steps"][3] > 0.98


def test_control_one_step(results):
    """Negative control: where an outcome is a step, all kinds of labels give the same picks."""
    for r in results:
        assert len(set(r["one step"].values())) == 1


def test_rollout_labels_mislead_and_random_errors_less(results):
    for r in results:
        assert max(r["n"]["rollouts"]) > r["n"]["rollouts"][-1] + 0.07
        assert r["size"]["rollouts"][2] < r["control"][0]
        assert r["size"]["rollouts"][3] < r["control"][1]


def test_noise_of_the_verifier(results):
    for r in results:
        noise = r["noise"]
        assert noise["20 % of right rejected"]["outcome"] < noise["20 % of wrong accepted"]["outcome"] - 0.1
        assert noise["20 % of wrong accepted"]["steps"] > 0.99 and noise["20 % of right rejected"]["steps"] > 0.85
        assert all(kind["steps"] > kind["outcome"] for kind in noise.values())
        assert noise["none"]["rates known"] == noise["none"]["outcome"]
        for kind in ("20 % of wrong accepted", "20 % of right rejected", "both"):
            assert noise[kind]["rates known"] > noise[kind]["outcome"]
        assert noise["20 % of right rejected"]["rates known"] < noise["none"]["outcome"] - 0.1


def test_summaries(results):
    for r in results:
        assert r["how"]["minimum"] > r["how"]["product"] > r["how"]["last"] + 0.3
        assert 0.1 < r["lucky"] < 0.35


def test_label_errors():
    for seed in SEEDS:
        wrong, right = lab.label_errors(seed, (1, 8, 64))
        assert np.all(np.diff(wrong) > 0) and np.all(np.diff(right) < 0)
        assert wrong[2] > 0.5 and right[1] < 0.05


def test_rollout_labels_agree_with_exact_values():
    """Shares of many rollouts against the value computed backwards through the writer's table."""
    table, rng = lab.writer(0), np.random.default_rng(1)
    start, ops, operands = lab.problems(rng, 40)
    written = lab.write(rng, table, start, ops, operands)
    share = lab.rollout_labels(rng, table, start, ops, operands, written, 400)
    target, value = lab.solve(start, ops, operands), None
    value = np.eye(10)[target]
    for k in range(lab.STEPS - 1, -1, -1):
        exact = value[np.arange(40), written[:, k]]
        assert np.abs(share[:, k] - exact).max() < 5 * 0.5 / 20
        rows = table[np.arange(10)[None, :], ops[:, k, None], operands[:, k, None]]
        value = np.einsum("nvw,nw->nv", rows, value)


def test_best_of_n_is_the_unbiased_estimator():
    rng = np.random.default_rng(2)
    score, good = rng.random((1, 12)), rng.integers(0, 2, (1, 12)).astype(float)
    for n in (1, 3, 12):
        expected = sampling.best_of_k(score[0], good[0], n)
        assert lab.chosen(score, good, (n,), rng)[0] == pytest.approx(expected, abs=1e-12)


def test_slopes_of_the_two_losses_agree_for_one_step():
    scores, label = np.random.default_rng(3).random((6, 1)), np.array([1, 0, 1, 1, 0, 0], bool)
    assert lab.outcome_slope(scores, label) == pytest.approx(lab.process_slope(scores, label[:, None], np.ones((6, 1))), abs=1e-8)


def test_slope_with_known_rates_against_finite_differences():
    z, f, m, small = np.random.default_rng(4).normal(size=(2, 4)), 0.1, 0.3, 1e-6
    label = np.array([True, False])

    def loss(z):
        accepted = f + (1 - f - m) * np.prod(lab.sigmoid(z), axis=1)
        return -np.sum(np.log(np.where(label, accepted, 1 - accepted)))

    found = lab.aware_slope(lab.sigmoid(z), label, f, m)
    for place in np.ndindex(*z.shape):
        step = np.zeros_like(z)
        step[place] = small
        assert found[place] == pytest.approx((loss(z + step) - loss(z - step)) / (2 * small), abs=1e-7)


# ---- training with a verifier that errs


def test_hack_takes_over_at_the_predicted_time():
    for seed in SEEDS:
        r = noise.training(seed)
        crossing = noise.TIMES[np.argmax(r["hack"]["hack"] > r["hack"]["accuracy"])]
        assert abs(crossing - r["takeover"]) < 1.0
        assert r["hack"]["accuracy"].max() > 0.99 and r["hack"]["accuracy"][-1] < 0.01
        assert np.all(np.diff(r["hack"]["reward"]) > -1e-12)


def test_controls_of_the_hack():
    """Negative control: the same mean error spread over all wrong answers; 20 % everywhere; a hack liked a little less."""
    for seed in SEEDS:
        r = noise.training(seed)
        start, rate_right, lead = noise.bandit(seed)
        hacked, even = (noise.rates(start, rate_right, lead, kind) for kind in ("hack", "even"))
        wrong = np.arange(noise.ANSWERS) != noise.RIGHT
        assert (start * hacked)[wrong].sum() == pytest.approx((start * even)[wrong].sum(), abs=1e-12)
        for kind in ("clean", "even", "even 20 %", "weak hack"):
            assert r[kind]["accuracy"][-1] > 0.99


def test_plain_gradient_starves_the_rare_hack():
    for seed in SEEDS:
        right, hack = noise.plain_training(seed, steps=2_000)
        assert right > 0.99 and hack < 1e-5


def test_small_run():
    assert len(lab.run(0, small=True)["size"]["steps"]) == 3
