"""Properties of the linear reward model, the ensemble and the calibration error."""

import numpy as np


def near(found, wanted):
    return bool(np.allclose(found, wanted, atol=1e-8))


def check(student):
    one, none = np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]])
    w = np.array([1.0, 5.0])
    yield (
        "one point ahead without margin costs ln(1 + 1/e)",
        near(student.loss(w, one, none, np.zeros(1)), np.log(1 + np.exp(-1))),
    )
    yield (
        "a margin makes the pair dearer: one point ahead, margin 1, costs ln 2",
        near(student.loss(w, one, none, np.ones(1)), np.log(2)),
    )
    with np.errstate(all="ignore"):
        far = student.loss(np.array([-2000.0, 0.0]), one, none, np.zeros(1))
    yield "a difference of -2000 costs 2000", near(far, 2000.0)
    rng = np.random.default_rng(0)
    chosen, rejected, margin, w = rng.normal(size=(7, 3)), rng.normal(size=(7, 3)), rng.random(7), rng.normal(size=3)
    yield (
        "a constant added to all features of a pair changes nothing",
        near(student.loss(w, chosen + 3, rejected + 3, margin), student.loss(w, chosen, rejected, margin)),
    )
    found = np.asarray(student.gradient(w, chosen, rejected, margin))
    numeric = [
        (
            np.mean(np.logaddexp(0, margin - (chosen - rejected) @ (w + s)))
            - np.mean(np.logaddexp(0, margin - (chosen - rejected) @ (w - s)))
        )
        / 2e-6
        for s in 1e-6 * np.eye(3)
    ]
    yield "the gradient agrees with finite differences", bool(found.shape == (3,) and np.allclose(found, numeric, atol=1e-7))
    scores = np.array([[10.0, 11.0, 15.0], [0.0, 3.0, 0.0]])  # centred: -2 -1 3 and -1 2 -1
    yield "the mean of centred members", near(student.ensemble(scores, "mean"), [-1.5, 0.5, 1.0])
    yield "the least of centred members", near(student.ensemble(scores, "least"), [-2.0, -1.0, -1.0])
    yield "mean less two standard deviations", near(student.ensemble(scores, "cautious", 2.0), [-2.5, -2.5, -3.0])
    predicted, won = np.array([0.6] * 5 + [0.9] * 5), np.array([1, 1, 1, 0, 0] * 2)
    yield "five at 0.6 with three won, five at 0.9 with three won: 0.15", near(student.calibration_error(predicted, won), 0.15)
    yield (
        "naming the other answer first changes nothing",
        near(student.calibration_error(1 - predicted, 1 - won), 0.15),
    )
    predicted, won = np.array([0.55] * 10 + [0.95] * 10), np.array([1] * 7 + [0] * 3 + [1] * 8 + [0] * 2)
    yield "errors of opposite sign do not cancel", near(student.calibration_error(predicted, won), 0.15)
    yield (
        "a certain prediction falls into the last bin",
        near(student.calibration_error(np.array([1.0, 1.0]), np.array([1, 0])), 0.5),
    )
