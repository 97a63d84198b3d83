"""Write DPO and SimPO from token log-probabilities.

Shapes: token_log_probs and mask (pairs, tokens); all others (pairs,). Losses are means over pairs, and finite for any margin.
"""

import numpy as np  # noqa: F401


def completion_log_prob(token_log_probs, mask):
    """Log-probability of each completion; mask is 1 on its tokens and 0 on prompt and padding."""
    raise NotImplementedError  # your code


def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    """DPO from the log-probabilities of whole completions."""
    raise NotImplementedError  # your code


def simpo_loss(chosen, rejected, chosen_length, rejected_length, beta, gamma):
    """SimPO from log-probabilities of whole completions and their numbers of tokens."""
    raise NotImplementedError  # your code
