"""Numbers of the case on the welcome page, which the chapter on policy gradients will explain."""

import numpy as np

REWARDS = np.array([1.0] + [0.0] * 7)  # one right answer of eight


def centred() -> tuple[float, float]:
    """Reward less the group's mean: of the right answer and of each wrong one."""
    weights = REWARDS - REWARDS.mean()
    return float(weights[0]), float(weights[1])


def standardised() -> tuple[float, float]:
    """The same, divided by the group's (population) standard deviation, as in GRPO."""
    weights = (REWARDS - REWARDS.mean()) / REWARDS.std()
    return float(weights[0]), float(weights[1])


def factor() -> float:
    """How much larger the division makes each weight."""
    return standardised()[0] / centred()[0]
