"""A mask for a transcript with tools.

Fill in both functions.
"""

import numpy as np


def join(segments: list[tuple[str, list[int]]]) -> tuple[np.ndarray, np.ndarray]:
    """All tokens in order, and 1 where the model chose the token, else 0. Roles: prompt, model, tool."""
    raise NotImplementedError


def loss(log_probs: np.ndarray, mask: np.ndarray) -> float:
    """Mean negative log-probability of the chosen tokens; log_probs[t] belongs to token t + 1; 0 if no token was chosen."""
    raise NotImplementedError
