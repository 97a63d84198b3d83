"""First-order change of a softmax policy's entropy: minus a covariance."""

import numpy as np


def entropy(p: np.ndarray) -> float:
    """In nats."""
    return float(-(p @ np.log(p)))


def covariance(p: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    """Under p."""
    return float(p @ (x * y) - (p @ x) * (p @ y))


def change(p: np.ndarray, logits_change: np.ndarray) -> float:
    """Change of entropy when the logits change by a little (`eq-lag-entropy`)."""
    return -covariance(p, np.log(p), logits_change)


def gradient_change(p: np.ndarray, advantage: np.ndarray, rate: float) -> float:
    """The same for a step of policy gradient in a table (`eq-lag-entropy-gradient`)."""
    return change(p, rate * p * advantage)


def softmax_step(p: np.ndarray, logits_change: np.ndarray) -> np.ndarray:
    """The policy after the change."""
    q = p * np.exp(logits_change)
    return q / q.sum()
