"""The lab: what each weight does to bias, variance and training, on five seeds; control without mismatch; identities."""

import numpy as np
import pytest
import rollout_mismatch as lab

SEEDS = range(5)
AT = lab.NOISES.index(lab.SHOWN)


@pytest.fixture(scope="module")
def results():
    return [lab.run(seed) for seed in SEEDS]


def test_bias(results):
    for r in results:
        biased = {rule: r["found"][rule][AT, 0] for rule in lab.RULES}
        assert biased["sequence"] < 1e-10
        assert biased["sequence truncated"] < 0.5 < 0.57 < min(biased["token"], biased["none"])
        assert 0.6 * biased["none"] < biased["token"] < 1.3 * biased["none"]  # token ratios repair little
    assert sum(r["found"]["token"][AT, 0] > r["found"]["none"][AT, 0] for r in results) == 2


def test_best_rule_depends_on_the_batch(results):
    for r in results:
        best = [min(lab.RULES, key=lambda rule: r["error"][rule][n]) for n in (8, 10, 12, 14)]
        assert best == ["sequence truncated", "sequence truncated", "sequence", "sequence"]
        assert all(r["error"][rule][5] > 0.8 for rule in lab.RULES)  # 32 completions


def test_training_under_mismatch(results):
    for r in results:
        share = r["trained"]["mismatch"]
        assert share["sequence masked"] < share["none"] < share["sequence"]
        assert min(r["free"].values()) > 0.95  # without the KL term it hardly matters


def test_lag_does_no_harm_here(results):
    """The finding against the expectation."""
    for r in results:
        assert r["trained"]["stale"]["none"] > r["control"][256]
        assert r["trained"]["stale, small batch"]["none"] > r["control"][32]


def test_variance_does(results):
    for r in results:
        share = r["trained"]["stale, small batch"]
        assert share["sequence"] < r["control"][32] < share["sequence truncated"]
    assert sum(r["trained"]["stale, small batch"]["sequence"] < 0 for r in results) == 2


def test_control(results):
    """Trainer and sampler agree: all rules are one, and training is the same run."""
    for r in results:
        assert all(r["found"][rule][0, 0] < 1e-10 for rule in lab.RULES)
        assert np.ptp([r["found"][rule][0, 1] for rule in lab.RULES]) < 1e-8
        assert r["control truncated"] == pytest.approx(r["control"][256], abs=1e-9)


def test_one_token_leaves_no_bias():
    """With a single token, token ratios are sequence weights."""
    w = lab.world(0, 1)
    pi, mu = lab.log_table(w["logits"]), lab.log_table(w["logits"] + w["noise"])
    assert np.abs(lab.token_gradient(pi, mu, w["reward"]) - lab.true_gradient(pi, w)).max() < 1e-12


def test_walk_of_the_trainer_gives_the_true_gradient():
    w = lab.world(3)
    pi = lab.log_table(w["logits"])
    assert np.abs(lab.token_gradient(pi, pi, w["reward"]) - lab.true_gradient(pi, w)).max() < 1e-10


def test_moments_against_samples():
    """Mean and variance of ten thousand drawn estimates of one logit lie near the exact ones."""
    w = lab.world(1, 3)
    P, K = w["prefixes"], w["tokens"]
    pi, mu = lab.log_table(w["logits"]), lab.log_table(w["logits"] + 0.5 * w["noise"])
    p = lab.probability(mu, P, K)
    drawn = np.random.default_rng(0).choice(len(P), 10_000, p=p / p.sum())
    advantage = w["reward"] - p @ w["reward"]
    one = np.ones(1)
    every = [
        lab.estimate(pi, P[[n]], K[[n]], advantage[[n]], lab.weights(lab.ratios(pi, mu, P[[n]], K[[n]]), "sequence"), one)
        for n in range(len(P))
    ]
    samples = np.array(every)[drawn]
    mean, variance = lab.moments(pi, mu, w, "sequence")
    assert np.abs(samples.mean(axis=0) - mean).max() < 4 * samples.std() / 100
    assert samples.var(axis=0).sum() == pytest.approx(variance, rel=0.1)


def test_small_runs():
    assert set(lab.run(0, small=True)) >= {"found", "error", "control", "trained"}
