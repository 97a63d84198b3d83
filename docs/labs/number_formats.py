"""Rounding to a number format that keeps so many significant bits: BF16 keeps 8, FP16 11, FP32 24."""

import numpy as np

BITS = {"BF16": 8, "FP16": 11, "FP32": 24}


def rounded(x: np.ndarray | float, bits: int) -> np.ndarray:
    """The nearest number with `bits` significant bits (range of exponents not limited)."""
    x = np.asarray(x, float)
    unit = 2.0 ** (np.floor(np.log2(np.where(x == 0, 1.0, np.abs(x)))) - bits + 1)
    return np.round(x / unit) * unit


def largest_error(x: float, bits: int) -> float:
    """Half the distance between neighbours around x."""
    return float(2.0 ** (np.floor(np.log2(abs(x))) - bits))
