"""Which cells stand for all: in a picture, or where a part tells enough."""

from __future__ import annotations

from typing import Any

import numpy as np

from scinno._runtime.validate import check_integer

# Of more cells than these a random sample stands for all in whatever looks at all cells between
# training steps: initial centers, the number of clusters, and how many cells change cluster.
MAX_SAMPLE = 20_000
# Above this many cells a picture shows a sample of them, and says so.
MAX_CELLS = 20_000
# No cluster is drawn with fewer cells than this, unless it has fewer.
MIN_PER_CLUSTER = 100


def check_max_cells(max_cells: Any) -> int:
    """A number of cells from 1 on; TypeError or ValueError if it is none."""
    if isinstance(max_cells, int | float) and max_cells < 1:
        raise ValueError(f"max_cells must be 1 or more, got {max_cells}")
    return check_integer(max_cells, "max_cells", 1, 2**63)


def sample_cells(labels: np.ndarray, seed: int, max_cells: int | None = None) -> np.ndarray:
    """Cells to draw, in their order: all, or a random share of each cluster.

    Rare clusters keep more than their share, or a sample of a million cells would lose them.

    Parameters
    ----------
    labels : ndarray of int, (cells,)
    seed : int
    max_cells : int, optional
        Default `MAX_CELLS`.

    Returns
    -------
    ndarray of int64, (max_cells,), or (cells,) where there are fewer
    """
    max_cells = MAX_CELLS if max_cells is None else max_cells
    n = len(labels)
    if n <= max_cells:
        return np.arange(n)
    groups, sizes = np.unique(labels, return_counts=True)
    least = np.minimum(sizes, min(MIN_PER_CLUSTER, max_cells // len(groups)))
    quota = least + ((sizes - least) * ((max_cells - least.sum()) / (n - least.sum()))).astype(int)
    # What rounding down has left over goes where there is most room.
    quota[np.argsort(quota - sizes, kind="stable")[: max_cells - int(quota.sum())]] += 1
    random = np.random.default_rng(seed)
    order = random.permutation(n)
    shuffled = labels[order]
    chosen = [
        order[np.flatnonzero(shuffled == group)[:count]]
        for group, count in zip(groups, quota, strict=True)
    ]
    return np.sort(np.concatenate(chosen))


def subsample(cells: np.ndarray, max_cells: int) -> np.ndarray:
    """At most ``max_cells`` of the cells, drawn at random, in their order; always the same ones."""
    if len(cells) <= max_cells:
        return cells
    return np.sort(np.random.default_rng(0).choice(cells, max_cells, replace=False))
