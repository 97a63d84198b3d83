"""Write the pieces of the comparison of outcome and process reward models.

scores: (solutions, steps), probabilities that the steps are right. Labels are boolean: (solutions,) or (solutions, steps).
"""

import numpy as np  # noqa: F401


def solution_score(scores):
    """Probability that all steps are right: (solutions,)."""
    raise NotImplementedError  # your code


def outcome_slope(scores, label):
    """Derivative, by the logit of each step, of minus the log-likelihood of the outcome labels: shape of scores."""
    raise NotImplementedError  # your code


def process_slope(scores, label):
    """The same for step labels, which count up to and including the first step labelled wrong."""
    raise NotImplementedError  # your code


def noisy(label, false_positive, false_negative, rng):
    """What a verifier with these error rates says: boolean, shape of label."""
    raise NotImplementedError  # your code


def best_of_n(score, good, n):
    """Expected goodness of the best-scored of n drawn without replacement from the pool; score and good: (pool,)."""
    raise NotImplementedError  # your code
