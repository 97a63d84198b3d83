"""Write the pieces of a policy loss: advantages, weights of tokens, weights of scores.

Shapes: rewards and advantage (group,); logp, old and mask (group, tokens), mask 1 on a completion's tokens and 0 on padding.
"""

import numpy as np  # noqa: F401


def advantages(rewards, baseline, divide):
    """baseline: "none", "group" or "leave one out"; divide: by the group's (population) standard deviation plus 1e-6."""
    raise NotImplementedError  # your code


def token_weights(mask, kind, constant=1.0):
    """kind: "completion", "token" or "constant". Zero on padding."""
    raise NotImplementedError  # your code


def score_weights(logp, old, advantage, mask, kind, low, high):
    """What is left to each token's score before aggregation; kind: "token", "sequence" or "cispo".

    "token" and "sequence": PPO's minimum with bounds 1 - low and 1 + high on the ratio of that kind.
    "cispo": the ratio of the token, clipped to the bounds, times the advantage. Zero on padding.
    """
    raise NotImplementedError  # your code
