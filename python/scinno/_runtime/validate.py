"""Checks of plain arguments."""

from __future__ import annotations

from numbers import Real
from typing import Any

MAX_SEED = 2**63 - 1


def check_integer(value: Any, name: str, low: int, high: int) -> int:
    """``value`` as int; whole floats pass because R's 10 is one.

    Raises
    ------
    TypeError
        ``value`` is not a whole number.
    ValueError
        It is below ``low`` or above ``high``.
    """
    good = isinstance(value, Real) and not isinstance(value, bool)
    if not good or value % 1 != 0:  # also of infinity and NaN
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low} to {high}, got {int(value)}")
    return int(value)


def check_seed(seed: Any) -> int:
    """A seed from 0 to 2**63 − 1; errors as `check_integer`."""
    return check_integer(seed, "seed", 0, MAX_SEED)
