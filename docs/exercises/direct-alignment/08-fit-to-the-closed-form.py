"""Fit DPO to a table of counts and compare it with the closed-form optimum.

counts[i, j]: how often answer i was preferred to answer j. theta: what the policy adds to the logits of the reference.
"""

import numpy as np  # noqa: F401


def gradient(theta, counts, beta):
    """Gradient by theta of the mean DPO loss over all counted preferences."""
    raise NotImplementedError  # your code


def fit(counts, reference, beta):
    """The policy after training, as probabilities."""
    raise NotImplementedError  # your code


def closed_form(reference, reward, beta):
    """The optimum of expected reward minus beta KL."""
    raise NotImplementedError  # your code
