"""Properties of the two losses."""

import numpy as np


def near(a, b):
    return bool(np.all(np.isfinite(a)) and np.allclose(a, b, atol=1e-9))


def check(student):
    tokens = np.array([[-9.0, -1.0, -2.0, -7.0], [-9.0, -3.0, -0.5, -0.5]])
    mask = np.array([[0, 1, 1, 0], [0, 1, 1, 1]])
    yield "the log-probability is the sum over tokens with mask 1", near(student.completion_log_prob(tokens, mask), [-3.0, -4.0])
    a, b, c, d = np.array([-12.0]), np.array([-14.0]), np.array([-13.0]), np.array([-13.5])
    yield "a policy equal to the reference costs ln 2", near(student.dpo_loss(a, b, a, b, 0.3), np.log(2))
    expected = np.log(1 + np.exp(-0.1 * 1.5))
    yield "the margin is measured against the reference of the same completion", near(student.dpo_loss(a, b, c, d, 0.1), expected)
    before, after = student.dpo_loss(a, b, c, d, 0.1), student.dpo_loss(a + 1, b, c, d, 0.1)
    yield "raising the chosen completion lowers the loss", bool(after < before)
    two = student.dpo_loss(np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.zeros(2), np.zeros(2), 1.0)
    yield "the loss is the mean over pairs", near(two, (np.log1p(np.exp(-1)) + np.log1p(np.exp(1))) / 2)
    with np.errstate(all="ignore"):
        far = student.dpo_loss(np.array([-1000.0]), np.array([0.0]), np.zeros(1), np.zeros(1), 1.0)
        right = student.dpo_loss(np.array([1000.0]), np.array([0.0]), np.zeros(1), np.zeros(1), 1.0)
    yield "a margin of -1000 costs 1000", near(far, 1000.0)
    yield "a margin of 1000 costs nothing", near(right, 0.0)
    found = student.simpo_loss(np.array([-12.0]), np.array([-14.0]), np.array([20]), np.array([10]), 2.0, 1.0)
    yield "SimPO compares averages over tokens, less the target margin", near(found, np.log(1 + np.exp(-0.6)))
    both, equal = (np.array([-4.0, -2.0]), np.array([-2.0, -4.0])), np.array([2, 2])
    found = student.simpo_loss(*both, equal, equal, 1.0, 0.0)
    yield "SimPO is the mean over pairs", near(found, (np.log1p(np.exp(1)) + np.log1p(np.exp(-1))) / 2)
    with np.errstate(all="ignore"):
        far = student.simpo_loss(np.array([-1000.0]), np.array([0.0]), np.array([1]), np.array([1]), 1.0, 0.0)
    yield "SimPO stays finite: a difference of averages of -1000 costs 1000", near(far, 1000.0)
