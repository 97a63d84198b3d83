"""Importance weights and the effective share of a batch, from log-probabilities of trainer (pi) and sampler (mu).

All arrays have shape (answers, tokens); mask is 1 on the tokens of an answer and 0 on padding.
"""

import numpy as np  # noqa: F401


def importance_weights(log_pi, log_mu, mask, level, cut, cap):
    """Weight of each token, 0 on padding.

    level: "token" or "sequence" (all tokens of an answer share the product of its ratios).
    cut: "none"; "truncate" (weights above cap become cap); "mask" (weights outside [1 / cap, cap] become 0).
    """
    raise NotImplementedError  # your code


def effective_share(log_pi, log_mu, mask):
    """Effective sample size of the sequence weights over the number of answers."""
    raise NotImplementedError  # your code
