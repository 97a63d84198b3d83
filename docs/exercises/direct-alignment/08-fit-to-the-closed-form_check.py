"""Properties of the fit."""

import numpy as np


def loss(theta, counts, beta):
    margin = theta[:, None] - theta[None, :]
    return np.sum(counts * np.logaddexp(0.0, -beta * margin)) / counts.sum()


def check(student):
    rng = np.random.default_rng(0)
    reward, reference = rng.normal(size=4), rng.dirichlet(np.ones(4))
    prefer = 1 / (1 + np.exp(reward[None, :] - reward[:, None]))
    counts = 30 * prefer * (1 - np.eye(4))
    theta = rng.normal(size=4)
    numeric = [(loss(theta + 1e-6 * u, counts, 0.7) - loss(theta - 1e-6 * u, counts, 0.7)) / 2e-6 for u in np.eye(4)]
    found = np.asarray(student.gradient(theta, counts, 0.7))
    yield "the gradient points uphill on the loss", bool(found @ np.array(numeric) > 0)
    yield "the gradient agrees with finite differences", bool(np.allclose(found, numeric, atol=1e-7))
    target = reference * np.exp(reward / 0.5)
    target = target / target.sum()
    yield (
        "the closed form is the reference times exp(reward / beta), normalised",
        bool(np.allclose(student.closed_form(reference, reward, 0.5), target, atol=1e-10)),
    )
    fitted = np.asarray(student.fit(counts, reference, 0.5))
    yield "the fit is a distribution", bool(abs(fitted.sum() - 1) < 1e-9 and fitted.min() > 0)
    yield "the fit on all pairs reaches the closed form", bool(np.abs(fitted - target).max() < 1e-6)
