"""A test of policy-gradient estimators by exact enumeration and finite differences.

An episode is a pair of actions (a, b) out of K. `theta` (1 + K, K): row 0 holds the logits of the first action, row 1 + a
those of the second action after a. `first` (K,) is the pay of the first action, `second` (K, K) that of b after a. The return
is first[a] + gamma * second[a, b].
"""

from collections.abc import Callable

import numpy as np


def objective(theta: np.ndarray, first: np.ndarray, second: np.ndarray, gamma: float) -> float:
    """Expected return, summed over all episodes."""
    raise NotImplementedError


def exact_gradient(theta: np.ndarray, first: np.ndarray, second: np.ndarray, gamma: float) -> np.ndarray:
    """Its gradient (1 + K, K): the sum over all episodes of probability times score times return."""
    raise NotImplementedError


def passes(estimator: Callable[..., np.ndarray], theta: np.ndarray, first: np.ndarray, second: np.ndarray, gamma: float) -> bool:
    """Is the mean of `estimator(theta, (a, b), first, second, gamma)` over all episodes the gradient by finite differences?"""
    raise NotImplementedError
