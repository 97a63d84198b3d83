"""The lab: DPO reaches the closed-form optimum where the data determine the margins, and not elsewhere; five seeds."""

import dpo
import numpy as np
import preference_losses as losses
import pytest

SEEDS = range(5)


@pytest.fixture(scope="module")
def results():
    return [dpo.run(seed) for seed in SEEDS]


def test_full_coverage_is_exact(results):
    for r in results:
        assert max(r["exact"].values()) < 1e-8
        assert r["coverage"]["table, all pairs"]["distance"] < 1e-8
        assert r["coverage"]["features, all pairs"]["distance"] < 1e-8


def test_dpo_is_rlhf_on_the_same_data(results):
    """On sampled pairs and off coverage too: what fails is the data, not the step from reward to policy."""
    for r in results:
        assert r["sampled rlhf"] < 1e-8 < 0.01 < r["sampled"]
        assert all(arm["rlhf"] < 1e-8 for arm in r["coverage"].values() if "rlhf" in arm)


def test_off_coverage_misses(results):
    for r in results:
        arm = r["coverage"]["features, six shown"]
        assert arm["distance"] > 0.2
        assert arm["gradient"] < 1e-10 and abs(arm["excess"]) < 1e-10  # the loss sees nothing
        assert r["coverage"]["table, six shown"]["distance"] > 0.02


def test_control_same_six_responses_untied(results):
    """Negative control: as few responses, but their features span what matters."""
    for r in results:
        assert r["coverage"]["control"]["distance"] < 1e-8


def test_table_leaves_hidden_ratios(results):
    """In a table the hidden responses keep the ratios of the reference."""
    for seed in SEEDS:
        _, reference, reward, shown = dpo.world(seed)
        w = dpo.pairs(dpo.bradley_terry(reward), reference * shown)
        p = dpo.policy(dpo.fit(np.eye(12), w, 0.5), np.eye(12), reference)
        assert np.ptp(np.log(p[~shown] / reference[~shown])) < 1e-9


def test_labels(results):
    for r in results:
        assert r["labels"]["online"][-1] < 0.06
        assert r["labels"]["offline"][-1] > 0.3
        assert r["labels"]["spread"][-1] < 0.1  # not the policy's samples, but they span the missing directions
    nearer = [r["labels"]["spread"][-1] < r["labels"]["online"][-1] for r in results]
    assert any(nearer) and not all(nearer)


def test_beta(results):
    """The optimum's reward rises as beta falls; off coverage it is lower at every beta, and below the reference for some seed."""
    below = 0
    for r in results:
        assert np.all(np.diff(r["beta"]["optimum"][:, 1]) > 0)
        assert np.all(r["beta"]["off coverage"][:, 1] < r["beta"]["optimum"][:, 1])
        below += r["beta"]["off coverage"][3, 1] < r["beta"]["start"]
    assert below == 2


def test_certain_labels(results):
    """At matched weights DPO is still rising at the end; IPO has stopped at its target."""
    for r in results:
        sure = r["certain"]
        assert np.all(np.diff(sure["dpo"]) > 0.03) and 4 * sure["ipo"][-1] < sure["dpo"][-1] < sure["ceiling"]
        assert np.ptp(sure["ipo"]) < 1e-6
        assert dpo.distance(sure["ipo policy"], sure["ipo target"]) < 1e-8


def test_misfit(results):
    """With a reward outside the features the answer depends on how pairs were drawn, and falls short of the best in class."""
    for r in results:
        assert r["misfit"]["apart"] > 0.01
        assert np.all(r["misfit"]["short"] > 0.01)


def test_displacement(results):
    for r in results:
        assert r["displaced"]["agreed"] == 1.0
        assert r["displaced"]["table"] == 0.0
        assert 0.04 < r["displaced"]["fell"] < 0.08


def test_displacement_path():
    path, values = dpo.displacement()
    assert np.all(np.diff(values) < 0) and np.all(np.diff(path[:, 0]) < 0) and path[-1, 2] > 0.99


def test_figures_draw():
    for figure in (dpo.displacement_figure(), losses.loss_figure()):
        assert figure.data_table
