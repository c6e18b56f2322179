"""Values that JSON can hold."""

from __future__ import annotations

import math
from typing import Any


def json_ready(value: Any) -> Any:
    """``value`` with plain Python types; NaN and infinities, which JSON lacks, become None.

    Parameters
    ----------
    value : any
        Dicts, lists, tuples, NumPy numbers and arrays, nested in any way; other values stay as
        they are.
    """
    if isinstance(value, dict):
        return {str(name): json_ready(part) for name, part in value.items()}
    if hasattr(value, "tolist"):  # NumPy's numbers and arrays
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [json_ready(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
