"""Reward against compute as a curve that saturates."""


def curve(compute: float, start: float, ceiling: float, exponent: float, middle: float) -> float:
    """Expected reward after so much compute (`eq-lag-sigmoid`)."""
    return start + (ceiling - start) / (1 + (middle / compute) ** exponent)
