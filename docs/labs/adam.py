"""Adam for parameters kept in a dictionary of arrays."""

import numpy as np


def start(params: dict[str, np.ndarray]) -> dict:
    """The optimiser's memory: step count, running mean and running mean square of the gradient, one array a parameter."""
    zeros = {name: np.zeros_like(value) for name, value in params.items()}
    return {"steps": 0, "mean": zeros, "square": {name: value.copy() for name, value in zeros.items()}}


def step(params: dict, gradient: dict, memory: dict, rate: float, b1: float = 0.9, b2: float = 0.99, eps: float = 1e-8) -> dict:
    """Parameters after one step downhill along `gradient`; `memory` is updated in place."""
    memory["steps"] += 1
    mean, square, n = memory["mean"], memory["square"], memory["steps"]
    new = {}
    for name, g in gradient.items():
        mean[name] = b1 * mean[name] + (1 - b1) * g
        square[name] = b2 * square[name] + (1 - b2) * g**2
        unbiased_mean = mean[name] / (1 - b1**n)
        unbiased_square = square[name] / (1 - b2**n)
        new[name] = params[name] - rate * unbiased_mean / (unbiased_square**0.5 + eps)
    return new
