"""Values of the steps of a solution on a binary tree that can be enumerated: rollout labels, progress, implicit process rewards.

A tree of depth T: `policy[k]` has shape (2,) * (k + 1), the probability of each step after each prefix of k steps; `reward` has
shape (2,) * T, one number a solution. Step 0 is good, step 1 is bad.
"""

from itertools import pairwise
from math import comb

import numpy as np

# The tree of the text: a good first step comes half of the time; after it a good second step in 60 %, after a bad one in 20 %.
# A solution is accepted if its second step is good: bad then good is a wrong solution with the right answer.
POLICY = [np.array([0.5, 0.5]), np.array([[0.6, 0.4], [0.2, 0.8]])]
REWARD = np.array([[1.0, 0.0], [1.0, 0.0]])


# ---- values by enumeration


def values(policy, reward):
    """V of every prefix, from the empty one to whole solutions: the probability of reward from there (`eq-step-value`)."""
    found = [np.asarray(reward, dtype=float)]
    for probabilities in reversed(policy):
        found.append(np.sum(probabilities * found[-1], axis=-1))
    return found[::-1]


def progress(value):
    """What each step adds: V after it less V before it (`eq-progress`); one array a step, as the values of that depth."""
    return [after - before[..., None] for before, after in pairwise(value)]


def along(steps, solution):
    """The entries of a list of arrays, one a depth, that a solution passes: `steps[k]` at the prefix of k + 1 steps."""
    return [float(array[tuple(solution[: k + 1])]) for k, array in enumerate(steps)]


# ---- labels from rollouts


def rollout_variance(value, rollouts):
    """Variance of the share of accepted rollouts (`eq-rollout-variance`)."""
    return value * (1 - value) / rollouts


def progress_variance(before, after, rollouts):
    """Variance of the estimated progress when both values come from rollouts of their own."""
    return rollout_variance(before, rollouts) + rollout_variance(after, rollouts)


def hard_label(value, rollouts):
    """Probability that at least one rollout is accepted, so that the step is labelled right (`eq-hard-label`)."""
    return 1 - (1 - value) ** rollouts


def sign_error(before, after, rollouts):
    """Probability that the estimated progress is not positive although after > before: both binomials enumerated."""

    def binomial(v):
        return np.array([comb(rollouts, k) * v**k * (1 - v) ** (rollouts - k) for k in range(rollouts + 1)])

    return float(np.sum(np.triu(np.outer(binomial(after), binomial(before)))))


# ---- one model, read step by step


def tilt(reference, reward, beta):
    """The model that an outcome reward of beta times log-ratio fits: step probabilities, and values of the soft kind."""
    soft = implicit_values(reference, reward, beta)
    return [
        ref * np.exp((after - before[..., None]) / beta)
        for ref, before, after in zip(reference, soft[:-1], soft[1:], strict=True)
    ]


def implicit_values(reference, reward, beta):
    """beta ln of the mean over the reference's continuations of exp(r / beta), for every prefix (`eq-implicit-prefix`)."""
    found = [np.asarray(reward, dtype=float)]
    for probabilities in reversed(reference):
        found.append(beta * np.log(np.sum(probabilities * np.exp(found[-1] / beta), axis=-1)))
    return found[::-1]


def implicit_step(model, reference, beta):
    """Process reward of each step (`eq-implicit-step`): beta times its log-ratio."""
    return [beta * np.log(m / r) for m, r in zip(model, reference, strict=True)]


# ---- credit and shaping


def step_gradient(policy, credit):
    """Policy gradient by the logits of each prefix when a step is credited with `credit` alone (`eq-own-progress`)."""
    reach, found = np.array(1.0), []
    for probabilities, c in zip(policy, credit, strict=True):
        mean = np.sum(probabilities * c, axis=-1, keepdims=True)
        found.append(reach[..., None] * probabilities * (c - mean))
        reach = reach[..., None] * probabilities
    return found


def shaped_return(rewards, potentials, discount):
    """Return with discount * Phi(next) - Phi(now) added to each reward (`eq-shaped-return`); one more potential than rewards."""
    extra = [discount * after - before for before, after in pairwise(potentials)]
    return float(sum(discount**t * (r + f) for t, (r, f) in enumerate(zip(rewards, extra, strict=True))))


# ---- measures


def detection_f1(on_wrong, on_right):
    """ProcessBench's score (`eq-detection-f1`): harmonic mean of the accuracies on wrong and on right solutions."""
    return 2 * on_wrong * on_right / (on_wrong + on_right)


def rubric(weights, met):
    """Weighted share of the criteria that are met (`eq-rubric`)."""
    return float(np.dot(weights, met) / np.sum(weights))
