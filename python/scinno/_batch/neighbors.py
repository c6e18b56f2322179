"""Neighbors of cells: of other batches, and within a batch, before and after."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import NearestNeighbors

NEIGHBORS = 15
# Of more cells a sample is looked at.
MAX_CELLS = 10_000
# A batch needs so many cells in the sample for a neighborhood of its own.
MIN_CELLS = 3 * NEIGHBORS


def kept_neighbors(
    before: np.ndarray, after: np.ndarray, codes: np.ndarray, n_batches: int
) -> np.ndarray:
    """Share of a cell's nearest cells of its own batch that stay, float32 (batches,).

    Parameters
    ----------
    before, after : ndarray of float32, (cells, any width)
        Two places of the same cells.
    codes : ndarray of int, (cells,)
    n_batches : int

    Returns
    -------
    ndarray of float32, (batches,)
        Beyond chance, from 0 or a little below to 1; 1 for a batch of too few cells to tell.
    """
    kept = np.ones(n_batches, dtype=np.float32)
    for batch in range(n_batches):
        own = np.flatnonzero(codes == batch)
        if len(own) < MIN_CELLS:
            continue
        first, second = nearest(before[own]), nearest(after[own])
        stay = np.mean([len(np.intersect1d(a, b)) for a, b in zip(first, second, strict=True)])
        share, chance = stay / NEIGHBORS, NEIGHBORS / (len(own) - 1)
        kept[batch] = (share - chance) / (1 - chance)
    return kept


def mixing(places: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Share of each cell's nearest cells that are of other batches, over what chance gives.

    Parameters
    ----------
    places : ndarray of float32, (cells, any width)
    codes : ndarray of int, (cells,)

    Returns
    -------
    ndarray of float32, (cells,)
        From 0 to 1; 1 is also given where it would be more.
    """
    other = (codes[nearest(places)] != codes[:, None]).mean(axis=1)
    chance = 1 - np.bincount(codes)[codes] / len(codes)
    return np.minimum(other / np.maximum(chance, 1e-12), 1).astype(np.float32)


def uncorrected(scores: np.ndarray, codes: np.ndarray, offsets: np.ndarray,
                loadings: np.ndarray) -> np.ndarray:  # fmt: skip
    """Where cells would be with one center for all, float32 (cells, p + batches).

    Parameters
    ----------
    scores : ndarray of float32, (cells, p)
        Principal components of centered cells.
    codes : ndarray of int, (cells,)
    offsets : ndarray of float32, (batches, g)
        Centers of the batches from the common center, scaled.
    loadings : ndarray of float32, (g, p)
        Orthonormal columns.
    """
    along = offsets @ loadings
    # What the components do not see of the distances between centers.
    rest = np.linalg.qr((offsets - along @ loadings.T).T)[1].T
    moved = np.concatenate([scores + along[codes], rest[codes]], axis=1)
    return moved.astype(np.float32)


def nearest(places: np.ndarray) -> np.ndarray:
    """The nearest cells of each cell, without itself, int (cells, ≤ `NEIGHBORS`)."""
    k = min(NEIGHBORS, len(places) - 1)
    search = NearestNeighbors(n_neighbors=k).fit(places)
    found: np.ndarray = search.kneighbors(return_distance=False)  # leaves each cell itself out
    return found
