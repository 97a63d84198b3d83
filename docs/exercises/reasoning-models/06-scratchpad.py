"""Reinforcement learning of a scratchpad in tables, and a test that it is used.

Fill in the three functions that raise NotImplementedError. `theta` is a dictionary of arrays of logits:
mode (2,), direct (M,), scratch (M, M), read (M, M). A path is (mode, z, answer); z is None in mode 0.
"""

import numpy as np


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def sample(theta: dict, x: int, rng: np.random.Generator) -> tuple:
    """A path for prompt x."""
    mode = int(rng.random() < softmax(theta["mode"])[1])
    size = len(theta["read"])
    if mode == 0:
        return 0, None, int(rng.choice(size, p=softmax(theta["direct"])))
    z = int(rng.choice(size, p=softmax(theta["scratch"][x])))
    return 1, z, int(rng.choice(size, p=softmax(theta["read"][z])))


def gradient(theta: dict, x: int, path: tuple) -> dict:
    """Gradient of ln pi(path | x) by every logit: a dictionary of arrays shaped like theta."""
    raise NotImplementedError


def rloo_step(theta: dict, x: int, paths: list, rewards: np.ndarray, rate: float) -> dict:
    """New theta (do not change the old one): theta + rate * mean over paths of advantage * gradient; leave-one-out advantage."""
    raise NotImplementedError


def reliance(theta: dict, target: np.ndarray) -> float:
    """Mean over prompts: mode-1 accuracy less mode-1 accuracy after the scratch token was replaced by another, uniformly."""
    raise NotImplementedError
