"""A linear reward model with margins, an ensemble of reward models, and the calibration of one.

chosen, rejected: features (pairs, features); margin: (pairs,); scores: (members, answers) of one prompt.
"""

import numpy as np  # noqa: F401


def loss(w, chosen, rejected, margin):
    """Mean over pairs of minus ln sigmoid(difference of rewards less margin)."""
    raise NotImplementedError  # your code


def gradient(w, chosen, rejected, margin):
    """Its gradient by w: (features,)."""
    raise NotImplementedError  # your code


def ensemble(scores, rule, factor=1.0):
    """One score an answer: (answers,). Centre each member over the answers first (its zero is arbitrary).

    rule: "mean"; "least"; "cautious" (mean less `factor` times the standard deviation over members, dividing by their number).
    """
    raise NotImplementedError  # your code


def calibration_error(predicted, won, bins=5):
    """Expected calibration error; predicted: probability of the first answer, won: 1 if it was chosen, else 0.

    Fold predictions below 0.5; equal bins between 0.5 and 1, the last one closed on the right.
    """
    raise NotImplementedError  # your code
