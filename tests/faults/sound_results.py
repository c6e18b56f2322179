"""Whether what a public function gives is sound: numbers that are numbers."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd

import scinno


def unsound(result: Any) -> str:
    """What is wrong with a result: a number that is none; "" if nothing is."""
    if isinstance(result, scinno.Domains):
        arrays = (result.memberships, result.embedding)
        if not all(np.isfinite(a).all() for a in arrays):
            return "domains with numbers that are none"
    elif isinstance(result, scinno.Fit):
        arrays = (result.memberships, result.embedding, result.latent, result.centers)
        if not all(np.isfinite(a).all() for a in arrays):
            return "a fit with numbers that are none"
        if not np.allclose(result.memberships.sum(axis=1), 1, atol=1e-4):
            return "memberships that do not sum to 1"
    elif isinstance(result, scinno.Settings):
        for one in fields(result):
            value = getattr(result, one.name)
            if isinstance(value, float) and not math.isfinite(value):
                return f"{one.name} is {value}"
    elif isinstance(result, np.ndarray) and result.dtype.kind == "f":
        if not np.isfinite(result).all():
            return "an array with numbers that are none"
    elif is_dataclass(result) or isinstance(result, pd.DataFrame):
        return ""
    return ""
