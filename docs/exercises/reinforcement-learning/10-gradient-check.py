"""A policy-gradient estimator, and the test that it needs.

Complete the three functions. `theta` (K,) are logits of a softmax policy; `rewards` (K,) is the pay of each action.
"""

from collections.abc import Callable

import numpy as np


def score(theta: np.ndarray, action: int) -> np.ndarray:
    """Gradient (K,) of the log-probability of `action` by the logits."""
    raise NotImplementedError


def estimate(theta: np.ndarray, actions: np.ndarray, rewards: np.ndarray) -> np.ndarray:
    """Gradient estimate (K,) from sampled actions (n,), n >= 2, each with the mean reward of the others as its baseline."""
    raise NotImplementedError


def finite_differences(function: Callable[[np.ndarray], float], theta: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Gradient (K,) of `function` at `theta` by central differences."""
    raise NotImplementedError
