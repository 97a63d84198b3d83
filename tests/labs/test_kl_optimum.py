"""The lab's claim on five seeds, its control, and the shape of its figures."""

import divergences
import kl_optimum
import numpy as np
import pytest


@pytest.fixture(scope="module")
def results():
    return [kl_optimum.run(seed) for seed in range(5)]


def test_one_natural_step_reaches_the_optimum(results):
    for result in results:
        assert np.all(np.abs(result["one_step"]) < 1e-12)


def test_half_the_rate_needs_few_steps_at_every_beta(results):
    for result in results:
        assert result["half"].max() <= 10


def test_plain_gradient_is_slow_at_small_beta(results):
    """The best of eight rates for each beta: at beta 0.1 at least 30 steps, and at least 3 times those at beta 2."""
    for result in results:
        assert result["plain"][-1] >= 30
        assert result["plain"][-1] >= 3 * result["plain"][0]


def test_tokens_need_as_many_steps_as_the_horizon(results):
    for result in results:
        assert result["token"][2] > 1e-8
        assert result["token"][3] < 1e-12


def test_control(results):
    """Shared features: one step misses the best of their class, and that the optimum. What the reference lacks stays at zero."""
    for result in results:
        start, once, best = (result["control"][key] for key in ("start", "features", "best"))
        assert start > once
        assert once - best > 1e-4
        assert best > 1e-3
        assert best > once - best  # most of what is missing is out of reach
        assert result["control"]["lacking"] == 0


def test_best_of_the_class_is_stationary():
    """At the best policy the gradient by the three weights, by finite differences, is zero, and random weights are no better."""
    rng = np.random.default_rng(3)
    reference, reward = kl_optimum.softmax(rng.standard_normal(8)), rng.standard_normal(8)
    features = rng.standard_normal((8, 3))
    best = kl_optimum.best_shared(features, reference, reward, 0.5)

    def value(weights):
        return kl_optimum.objective(kl_optimum.softmax(best + features @ weights), reference, reward, 0.5)

    for direction in np.eye(3) * 1e-4:
        assert abs(value(direction) - value(-direction)) / 2e-4 < 1e-6
    assert all(value(rng.standard_normal(3)) < value(np.zeros(3)) for _ in range(200))


def test_small_run():
    result = kl_optimum.run(0, small=True)
    assert len(result["betas"]) == 3
    assert len(result["curve"]["plain, η = 1"]) == 21


def test_frontier_bends():
    """Reward rises with KL, ever less."""
    points = kl_optimum.frontier(np.array([0.9, 0.1]), np.array([0.0, 1.0]), np.geomspace(20, 0.05, 50))
    slopes = np.diff(points[:, 1]) / np.diff(points[:, 0])
    assert np.all(np.diff(points[:, 0]) > 0)
    assert np.all(np.diff(slopes) < 0)


def test_directions():
    """Forward KL covers both modes with one wide bell; reverse KL takes the larger mode."""
    places = np.linspace(-6, 6, 61)
    best = divergences.best_bells(places, divergences.two_modes(places))
    assert abs(best["reverse"][0] + 3) < 0.2
    assert best["reverse"][1] < 1
    assert best["forward"][1] > 2
    assert -2 < best["forward"][0] < 0


def test_figures(results):
    for figure in (kl_optimum.plot(results), kl_optimum.frontier_figure(), divergences.directions_figure()):
        assert all(axes.get_xlabel() and axes.get_ylabel() for axes in figure.axes)
        assert figure.data_table
