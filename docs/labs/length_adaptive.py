"""A trace that knows the length of the answer: generalised advantages with lambda = 1 - 1/(alpha length)."""


def trace(length: float, alpha: float) -> float:
    """lambda for an answer of so many tokens (`eq-lag-trace`)."""
    return 1 - 1 / (alpha * length)


def reach(decay: float, tokens: float) -> float:
    """Weight that a reward so many tokens ahead has in an advantage (discount 1)."""
    return decay**tokens
