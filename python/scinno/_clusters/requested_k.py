"""The number of clusters that a caller requests: one, a range, or none."""

from __future__ import annotations

from typing import Any

import numpy as np

from scinno._clusters.stability import MICROCLUSTERS
from scinno._runtime.validate import check_integer

# K, the ends of a range, or None for a free estimate.
RequestedK = int | tuple[int, int] | None


def check_n_clusters(n_clusters: Any, n_cells: int, called: str = "n_clusters") -> RequestedK:
    """What was requested, as plain numbers; errors call it ``called``.

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
        return _check_range(list(n_clusters), n_cells, called)
    if isinstance(n_clusters, int | float) and n_cells < n_clusters:
        raise ValueError(f"{called}={n_clusters} is more than the {n_cells} cells")
    return check_integer(n_clusters, f"{called} (with {n_cells} cells)", 2, n_cells // 2)


def check_within(within: Any, n_cells: int) -> tuple[int, int] | None:
    """A range or None; errors as `check_n_clusters`, and TypeError for a single number."""
    if isinstance(within, int | float):
        raise TypeError(f"within must be a range, as in (5, 12), got {within!r}")
    requested = check_n_clusters(within, n_cells)
    assert not isinstance(requested, int)
    return requested


def _check_range(ends: list[Any], n_cells: int, called: str) -> tuple[int, int]:
    if len(ends) != 2:
        raise ValueError(
            f"{called} as a range must have two ends, as in (5, 12), got {len(ends)} number(s)"
        )
    # Candidates are merged from this many microclusters, each of four cells or more on average.
    most = max(2, min(MICROCLUSTERS, n_cells // 4))
    names = [f"the {end} end of the range {called} (with {n_cells} cells)"
             for end in ("lower", "upper")]  # fmt: skip
    low, high = (check_integer(end, name, 2, most) for end, name in zip(ends, names, strict=True))
    if low > high:
        raise ValueError(
            f"{called} as a range must go up, as in ({high}, {low}), got ({low}, {high})"
        )
    return low, high
