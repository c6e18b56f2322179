"""Which cells of a tissue are neighbors: on a grid of spots, among single cells, or as given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.spatial import KDTree

from scinno._data._sparse.compressed import check_sparse
from scinno._runtime.validate import check_numbers

# Neighbors of a cell whose place is not on a grid.
NEIGHBORS = 15
# Spots lie on a grid if the distance to the nearest one is the same everywhere, up to this share.
GRID_TOLERANCE = 0.1
# On a grid all spots are neighbors up to this many times that distance: six of a hexagonal grid,
# eight of a square one.
GRID_REACH = 1.5


def check_coordinates(coordinates: Any, n_cells: int) -> np.ndarray:
    """Places of the cells, float64 (cells, 2 or 3).

    Raises
    ------
    TypeError
        No table of numbers.
    ValueError
        Another number of cells or of dimensions, NaN or infinity, all cells at one place.
    """
    try:
        places = np.asarray(coordinates, dtype=np.float64)
    except Exception as error:  # tensors and tables raise errors of many kinds
        raise TypeError(
            f"coordinates must be numbers, (cells, 2 or 3), got {type(coordinates).__name__}: "
            f"{error}"
        ) from error
    if places.ndim != 2 or places.shape[1] not in (2, 3):
        raise ValueError(f"coordinates must be (cells, 2 or 3), got shape {places.shape}")
    if len(places) != n_cells:
        raise ValueError(f"coordinates are of {len(places)} cells, and there are {n_cells}")
    if not np.isfinite(places).all():
        cell = int(np.flatnonzero(~np.isfinite(places).all(axis=1))[0])
        raise ValueError(f"coordinates must be finite, got {places[cell].tolist()} at cell {cell}")
    if not np.ptp(places, axis=0).any():
        raise ValueError("coordinates are the same for all cells: they have no neighbors in space")
    return places


def check_slices(slices: Any, n_cells: int) -> np.ndarray:
    """The slice of each cell as a number, int (cells,); all 0 where ``slices`` is None.

    Raises
    ------
    TypeError, ValueError
        No list, another number of cells, or a cell without a slice.
    """
    if slices is None:
        return np.zeros(n_cells, dtype=np.int64)
    try:
        names = np.asarray(slices, dtype=object)
    except Exception as error:  # tensors and tables raise errors of many kinds
        raise TypeError(f"slices must be one name per cell, got {type(slices).__name__}") from error
    if names.ndim != 1:
        raise ValueError(f"slices must be one name per cell, (cells,), got shape {names.shape}")
    column = pd.Series(names, dtype=object)
    if len(column) != n_cells:
        raise ValueError(f"slices are of {len(column)} cells, and there are {n_cells}")
    if column.isna().any():
        cell = int(np.flatnonzero(column.isna())[0])
        raise ValueError(f"slices must name the slice of each cell, cell {cell} has none")
    return np.asarray(pd.factorize(column.astype(str))[0], dtype=np.int64)


def spatial_neighbors(places: np.ndarray, slices: np.ndarray) -> sp.csr_matrix:
    """Weights of the neighbors of each cell in space, never of another slice.

    Parameters
    ----------
    places : ndarray of float64, (cells, 2 or 3)
    slices : ndarray of int, (cells,)

    Returns
    -------
    csr_matrix of float32, (cells, cells)
        Rows sum to 1; a row without neighbors is empty.
    """
    rows, columns = [], []
    for number in np.unique(slices):
        cells = np.flatnonzero(slices == number)
        if len(cells) > 1:
            one, other = _pairs(places[cells])
            rows.append(cells[one])
            columns.append(cells[other])
    n = len(places)
    if not rows:
        return sp.csr_matrix((n, n), dtype=np.float32)
    ends = np.concatenate(rows), np.concatenate(columns)
    ones = np.ones(len(ends[0]), dtype=np.float32)
    return _normalized(sp.csr_matrix((ones, ends), shape=(n, n)))


def given_neighbors(connectivities: Any, slices: np.ndarray) -> sp.csr_matrix:
    """Weights from a graph of cells, as squidpy makes it; links between slices are left out.

    Parameters
    ----------
    connectivities : sparse matrix or array, (cells, cells)
        Not negative.
    slices : ndarray of int, (cells,)

    Raises
    ------
    TypeError
        No matrix of numbers.
    ValueError
        Another shape, negative or infinite weights, or no link at all.
    """
    n = len(slices)
    if not sp.issparse(connectivities):
        connectivities = check_numbers(connectivities, "neighbors", 2)
    elif connectivities.dtype.kind not in "iufb":
        raise TypeError(f"neighbors must hold numbers, got dtype {connectivities.dtype}")
    else:
        check_sparse(connectivities, "neighbors")
    if connectivities.shape != (n, n):
        raise ValueError(
            f"neighbors must be ({n}, {n}), one row per cell, got shape {connectivities.shape}"
        )
    graph = sp.coo_matrix(connectivities, dtype=np.float32)
    if not np.isfinite(graph.data).all() or (graph.data < 0).any():
        raise ValueError(
            "neighbors must have weights of 0 or more, got negative ones, NaN or infinity"
        )
    kept = (graph.row != graph.col) & (slices[graph.row] == slices[graph.col]) & (graph.data > 0)
    if not kept.any():
        raise ValueError("neighbors link no cells of the same slice")
    ends = graph.row[kept], graph.col[kept]
    return _normalized(sp.csr_matrix((graph.data[kept], ends), shape=(n, n)))


def _pairs(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cells and their neighbors, both as places in one slice of two cells or more."""
    tree = KDTree(places)
    wanted = min(NEIGHBORS, len(places) - 1)
    distance, near = tree.query(places, wanted + 1)
    nearest = distance[:, 1]
    spacing = float(np.median(nearest))
    if spacing > 0 and np.median(np.abs(nearest - spacing)) < GRID_TOLERANCE * spacing:
        both = tree.query_pairs(GRID_REACH * spacing, output_type="ndarray")
        return np.concatenate([both[:, 0], both[:, 1]]), np.concatenate([both[:, 1], both[:, 0]])
    cells = np.repeat(np.arange(len(places)), wanted + 1)
    others = near.ravel()
    apart = cells != others  # of cells at one place, each may come first
    return cells[apart], others[apart]


def _normalized(graph: sp.csr_matrix) -> sp.csr_matrix:
    graph.sort_indices()
    sums = np.asarray(graph.sum(axis=1)).ravel()
    scale = np.divide(1, sums, out=np.zeros_like(sums), where=sums > 0)
    return sp.csr_matrix(sp.diags(scale) @ graph, dtype=np.float32)
