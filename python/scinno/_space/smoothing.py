"""How far cells are averaged with their neighbors in space, chosen without labels.

The code of a cell is what its place has in common with the places around it, and what is the cell's
own: its type within the domain, and noise. Averaging over neighbors removes the second and blurs
the first. How much of the variance is the cell's own is read off the correlogram: correlation falls
with distance, and extended to distance 0 it misses 1 by that share, the *nugget* of geostatistics
(Cressie, Statistics for Spatial Data, 1993). With it the expected error of each number of rounds
is known up to a constant (Mallows' C_p, Technometrics 1973; Stein, Annals of Statistics 1981). Of
the numbers of rounds with nearly the smallest error the largest is taken, as a domain has more
places in it than the next few.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.sparse as sp

# Rounds that are compared.
MAX_ROUNDS = 12
# Errors are nearly equal up to this share of the smallest.
SLACK = 0.1
# Cells at which errors are measured.
SAMPLE = 2000
# A correlation counts if none of so many random arrangements of the same cells has one as large.
ARRANGEMENTS = 19


def smoothed(x: np.ndarray, neighbors: sp.csr_matrix, rounds: int) -> np.ndarray:
    """Cells averaged with their neighbors again and again: x ← x / 2 + (mean of neighbors) / 2.

    Parameters
    ----------
    x : ndarray of float32, (cells, any width)
    neighbors : csr_matrix of float32, (cells, cells)
        Rows sum to 1; a cell with an empty row stays as it is.
    rounds : int
        0 gives ``x`` itself.

    Returns
    -------
    ndarray of float32, (cells, any width)
    """
    if rounds == 0:
        return x
    step = _step(neighbors)
    x = np.asarray(x, dtype=np.float32)
    for _ in range(rounds):
        x = step @ x
    return x


def smoothing_table(
    x: np.ndarray, neighbors: sp.csr_matrix, rng: np.random.Generator
) -> pd.DataFrame:
    """The expected error of each number of rounds.

    Parameters
    ----------
    x : ndarray of float32, (cells, latent)
        The embedding.
    neighbors : csr_matrix of float32, (cells, cells)
    rng : Generator

    Returns
    -------
    DataFrame
        One row per number of rounds: rounds, own_weight (of a cell in its own average), error
        (expected squared error of what cells have in common with their neighbors, in shares of the
        total variance), chosen. ``attrs`` hold the correlations of neighbors (``near``) and of
        their neighbors (``far``), and ``own``, the share of a cell's own variance.
    """
    n = len(x)
    x = x - x.mean(axis=0, dtype=np.float64).astype(np.float32)
    total = max(float(np.square(x, dtype=np.float64).sum() / n), 1e-30)
    cells = np.arange(n) if n <= SAMPLE else np.sort(rng.choice(n, SAMPLE, replace=False))
    near, far = _rings(neighbors, cells)
    one, two = _correlation(x, near, cells) / total, _correlation(x, far, cells) / total
    by_chance = []
    for _ in range(ARRANGEMENTS):
        order = rng.permutation(n)
        others = sp.csr_matrix((near.data, order[near.indices], near.indptr), shape=near.shape)
        by_chance.append(_correlation(x, others, order[cells]) / total)
    own = 1.0
    if one > max(by_chance):
        # Exponential decay, extended to distance 0; without any at distance 2 all is in common.
        own = 1 - min(one * one / two, 1.0) if two > 0 else 0.0
    rows = []
    step = _step(neighbors)
    weights = sp.csr_matrix(
        (np.ones(len(cells), np.float32), (np.arange(len(cells)), cells)), shape=(len(cells), n)
    )
    for rounds in range(MAX_ROUNDS + 1):
        left = np.square(x[cells] - weights @ x, dtype=np.float64).sum() / len(cells) / total
        own_weight = float(np.asarray(weights[np.arange(len(cells)), cells]).mean())
        rows.append((rounds, own_weight, left - own + 2 * own * own_weight))
        weights = weights @ step
    table = pd.DataFrame(rows, columns=["rounds", "own_weight", "error"])
    if own == 1.0:  # nothing in common: an average would be of unlike cells
        table["error"] = np.nan
    errors = table["error"].to_numpy()
    near_least = errors <= errors.min() + SLACK * max(errors.min(), 0)
    best = 0 if own == 1.0 else int(np.flatnonzero(near_least)[-1])
    table["chosen"] = table["rounds"] == best
    table.attrs = {"near": one, "far": two, "own": own}
    return table


def _step(neighbors: sp.csr_matrix) -> sp.csr_matrix:
    """One round as a matrix."""
    lonely = np.diff(neighbors.indptr) == 0
    kept = sp.diags(np.where(lonely, 1.0, 0.5).astype(np.float32))
    return sp.csr_matrix(kept + neighbors * np.float32(0.5), dtype=np.float32)


def _rings(neighbors: sp.csr_matrix, cells: np.ndarray) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Neighbors of some cells, and their neighbors beyond these, each (some, cells), of 0 and 1."""
    links = sp.csr_matrix(neighbors + neighbors.T)
    links.data[:] = 1
    near = links[cells]
    itself = sp.csr_matrix(
        (np.ones(len(cells), np.float32), (np.arange(len(cells)), cells)), shape=near.shape
    )
    inside = sp.csr_matrix(near + itself)
    far = sp.csr_matrix(near @ links)
    far.data[:] = 1
    inside.data[:] = 1
    far = sp.csr_matrix(far - far.multiply(inside))
    far.eliminate_zeros()
    return near, far


def _correlation(x: np.ndarray, ring: sp.csr_matrix, cells: np.ndarray) -> float:
    """Mean product of cells and those of their ring."""
    products = float(np.einsum("ij,ij->", (ring @ x).astype(np.float64), x[cells]))
    return products / max(ring.nnz, 1)
