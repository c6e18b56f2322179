"""What a user may say of the number of clusters: one, a range, or nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from scinno._clusters.stability import GROUPS

# K, the ends of a range, or None for a free estimate.
Asked = int | tuple[int, int] | None


def check_n_clusters(n_clusters: Any, n_cells: int) -> Asked:
    """What was asked for, as plain numbers.

    Raises
    ------
    TypeError
        Neither a whole number nor two of them.
    ValueError
        Fewer than 4 cells; more clusters than these cells allow; a range that ends before it
        begins.
    """
    if n_cells < 4:
        raise ValueError(f"x must hold at least 4 cells to be clustered, got {n_cells}")
    if n_clusters is None:
        return None
    if isinstance(n_clusters, tuple | list | np.ndarray):
        return _range(list(n_clusters), n_cells)
    if isinstance(n_clusters, int | float) and n_cells < n_clusters:
        raise ValueError(f"n_clusters={n_clusters} asks for more clusters than the {n_cells} cells")
    return whole(n_clusters, f"n_clusters (with {n_cells} cells)", 2, n_cells // 2)


def _range(ends: list[Any], n_cells: int) -> tuple[int, int]:
    if len(ends) != 2:
        raise ValueError(
            f"n_clusters as a range must have two ends, as in (5, 12), got {len(ends)} number(s)"
        )
    # Candidates are merged from this many small groups, each of four cells or more on average.
    most = max(2, min(GROUPS, n_cells // 4))
    names = [f"the {end} end of the range n_clusters (with {n_cells} cells)"
             for end in ("lower", "upper")]  # fmt: skip
    low, high = (whole(end, name, 2, most) for end, name in zip(ends, names, strict=True))
    if low > high:
        raise ValueError(
            f"n_clusters as a range must go up, as in ({high}, {low}), got ({low}, {high})"
        )
    return low, high


def whole(value: Any, name: str, low: int, high: int) -> int:
    """``value`` as int; whole floats pass because R's 10 is one."""
    good = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not good or float(value) != int(value):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low} to {high}, got {int(value)}")
    return int(value)
