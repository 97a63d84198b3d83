"""How to spend attempts and tokens.

Fill in both functions. NumPy is enough.
"""

import numpy as np


def allocate(rates: np.ndarray, budget: int) -> np.ndarray:
    """Attempts for each prompt (integers that add up to `budget`) with the greatest expected number of solved prompts."""
    raise NotImplementedError


def best_length(accuracy: np.ndarray, lengths: np.ndarray, overhead: float) -> float:
    """The entry of `lengths` at which a token buys most; accuracy[i] is of lengths[i], an attempt costs length + overhead."""
    raise NotImplementedError
