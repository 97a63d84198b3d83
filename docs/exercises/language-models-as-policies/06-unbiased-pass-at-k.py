"""pass@k and best-of-k without bias.

Fill in both functions. NumPy and the standard library are enough.
"""

import numpy as np


def pass_at_k(n: np.ndarray, c: np.ndarray, k: int) -> float:
    """Mean over prompts of the unbiased estimate; n[i] samples of prompt i, c[i] of them right, n[i] >= k."""
    raise NotImplementedError


def best_of_k(scores: np.ndarray, rewards: np.ndarray, k: int) -> float:
    """Unbiased estimate of the expected reward of the best-scored of k samples. Scores are all different."""
    raise NotImplementedError
