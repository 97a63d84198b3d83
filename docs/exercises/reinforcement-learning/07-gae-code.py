"""Generalised advantage estimation on a stream of steps that may contain the ends of episodes.

Complete `gae`. All arrays have shape (T,). `ended[t]` is 1.0 if the episode ended with step t, else 0.0. `last_value` is the
critic's value of the state after the last step; it counts only if the last step did not end an episode.
"""

import numpy as np


def gae(rewards: np.ndarray, values: np.ndarray, ended: np.ndarray, last_value: float, gamma: float, lam: float) -> np.ndarray:
    """Advantages (T,)."""
    raise NotImplementedError
