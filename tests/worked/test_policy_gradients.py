"""By hand: mean 1/8; variance 1/8 - 1/64 = 7/64, so deviation sqrt(7)/8 = 0.33072."""

import policy_gradients as numbers
import pytest


def test_centred():
    assert numbers.centred() == (0.875, -0.125)


def test_standardised():
    # 0.875 / 0.33072 = 7 / sqrt(7) = sqrt(7) = 2.6458; -0.125 / 0.33072 = -1 / sqrt(7) = -0.37796
    assert numbers.standardised() == pytest.approx((2.6458, -0.37796), abs=5e-5)


def test_factor():
    assert numbers.factor() == pytest.approx(3.0237, abs=5e-5)  # 8 / sqrt(7)
