"""The belief of an agent that cannot see the state."""

import numpy as np


def update(belief: np.ndarray, P: np.ndarray, O: np.ndarray, observation: int) -> np.ndarray:  # noqa: E741
    """Belief (S,) after an action with transitions P (S, S) and an observation; O (S, observations) (`eq-belief`)."""
    moved = belief @ P
    seen = moved * O[:, observation]
    return seen / seen.sum()
