"""Which cells a fit is unsure of, which look like two cells, and which clusters are rare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from scinno._clusters.subsample import subsample
from scinno._runtime.scratch import release
from scinno._runtime.validate import check_numbers

# A cell is doublet-like if the line between two distant clusters explains its code better than
# any one cluster, by this share of the squared distance …
GAIN = 0.4
# … at a place on the line at least so far from both ends; a doublet lies somewhere in the middle.
FROM_ENDS = 0.2
# Clusters under this share of the cells are reported as rare.
RARE = 0.03
NEIGHBORS = 10
# Cells of a cluster whose neighbors are looked up: enough for a share, also among a million.
LOOKED_UP = 100
# Of more cells than these a random part is enough: of each cluster for the median of its code, of
# all to find neighbors among.
FOR_MEDIAN, FOR_NEIGHBORS = 20_000, 100_000
# Cells whose code is widened to float64 at once.
BLOCK = 8192


def check_memberships(memberships: Any) -> np.ndarray:
    """Memberships as an array of floats (cells, k); TypeError or ValueError if they are none."""
    u = check_numbers(memberships, "memberships", 2)
    if u.shape[1] < 2:
        raise ValueError(f"memberships must be (cells, k) with k of 2 or more, got shape {u.shape}")
    if not np.isfinite(u).all():
        raise ValueError("memberships must be finite, but hold NaN or infinite values")
    return u if u.dtype.kind == "f" else u.astype(np.float64)


def check_rows(array: Any, name: str, rows: int) -> np.ndarray:
    """Numbers with so many rows; TypeError or ValueError if they are none."""
    found = check_numbers(array, name, 2)
    if len(found) != rows:
        what = "clusters" if name == "centers" else "cells"
        raise ValueError(
            f"{name} must have one row for each of the {rows} {what} of memberships, got "
            f"{len(found)}"
        )
    return found


def check_labels(labels: Any, n: int, k: int) -> np.ndarray:
    """Clusters of ``n`` cells, from 0 to k − 1; TypeError or ValueError if they are none."""
    own = check_numbers(labels, "labels", 1)
    if own.dtype.kind not in "iu":
        raise TypeError(f"labels must be whole numbers, got dtype {own.dtype}")
    if len(own) != n:
        raise ValueError(
            f"labels must have one row for each of the {n} cells of memberships, got {len(own)}"
        )
    if n and not 0 <= own.min() <= own.max() < k:
        raise ValueError(
            f"labels must be from 0 to {k - 1}, the clusters of memberships, got {own.min()} to "
            f"{own.max()}"
        )
    return own


def uncertain_cells(
    memberships: np.ndarray, latent: np.ndarray | None = None, labels: np.ndarray | None = None
) -> pd.DataFrame:
    """Confidence and second choice of each cell, and which cells look like two.

    Memberships live in the embedding, where attention has drawn every cell to some group, so that
    mixtures of two cells are no less certain than others (on simulated doublets the confidence
    predicts no better than chance). In the latent code, before attention, they lie between their
    parents.
    Doublets of one type, or of near types, cannot be seen this way, and cells on the way from one
    type to a distant one are flagged too: a flag is a reason to look at a cell, not to remove it.

    Parameters
    ----------
    memberships : ndarray of float, (cells, k)
        `Fit.memberships`, or those of new cells.
    latent : ndarray of float, (cells, latent), optional
        `Fit.latent`; without it doublets are not looked for.
    labels : ndarray of int, (cells,), optional
        Cluster of each cell; default the highest membership.

    Returns
    -------
    DataFrame, (cells)
        label and second_label (int32), confidence and second_membership (float32), and with a
        latent code doublet_like (bool) and doublet_of (text such as "0+3", empty for other cells).

    Raises
    ------
    ValueError
        Fewer than two clusters, or lengths that differ.

    See Also
    --------
    scanpy.pp.scrublet : Finds doublets from the counts, by simulating them. Use it to remove
        doublets before clustering; the flags here are a hint only.
    """
    u = check_memberships(memberships)
    n, k = u.shape
    own = u.argmax(axis=1) if labels is None else check_labels(labels, n, k)
    if latent is not None:
        latent = check_rows(latent, "latent", n)
    rows = np.arange(n)
    others = u.copy()
    others[rows, own] = -1
    second = others.argmax(axis=1)
    table = pd.DataFrame({
        "label": own.astype(np.int32),
        "confidence": u[rows, own].astype(np.float32),
        "second_label": second.astype(np.int32),
        "second_membership": u[rows, second].astype(np.float32),
    })  # fmt: skip
    if latent is not None:
        table["doublet_of"] = _between(latent, own)
        table["doublet_like"] = table["doublet_of"] != ""
    return table


def _between(code: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """For each cell the pair of distant clusters on whose line it lies, as text, else ""."""
    found = np.full(len(code), "", dtype=object)
    alive = np.unique(labels)
    centers = np.stack([_median(code, np.flatnonzero(labels == j)) for j in alive])
    gaps = ((centers[:, None] - centers) ** 2).sum(-1)
    pairs = np.argwhere(np.triu(np.ones_like(gaps, dtype=bool), 1))
    if len(pairs) < 2:  # of two clusters none is distant: there is nothing to compare with
        return found
    far = np.median([gaps[i, j] for i, j in pairs])
    distant = [(i, j) for i, j in pairs if gaps[i, j] >= far]
    for start in range(0, len(code), BLOCK):
        part = slice(start, start + BLOCK)
        block = code[part].astype(np.float64)
        # Squared distances to every center are all that is needed of the code from here on.
        squared = np.stack([((block - center) ** 2).sum(1) for center in centers], axis=1)
        nearest = np.maximum(squared.min(axis=1), 1e-12)
        best = np.full(len(block), GAIN)
        for i, j in distant:
            place = (gaps[i, j] + squared[:, i] - squared[:, j]) / (2 * gaps[i, j])
            gain = 1 - (squared[:, i] - place**2 * gaps[i, j]) / nearest
            better = (np.minimum(place, 1 - place) >= FROM_ENDS) & (gain >= best)
            best[better] = gain[better]
            found[part][better] = f"{alive[i]}+{alive[j]}"
        release(code)
    return found


def _median(code: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Median code of some cells, or of `FOR_MEDIAN` of them, float64 (latent,)."""
    return np.median(code[subsample(cells, FOR_MEDIAN)].astype(np.float64), axis=0)


def cluster_report(
    labels: np.ndarray, memberships: np.ndarray, centers: np.ndarray, latent: np.ndarray
) -> pd.DataFrame:
    """One row per cluster: size, mean confidence, neighbor purity.

    Parameters
    ----------
    labels : ndarray of int, (cells,)
    memberships : ndarray of float, (cells, k)
    centers : ndarray of float, (k, latent)
        In the embedding: which cluster is nearest.
    latent : ndarray of float, (cells, latent)
        The latent code, before attention, in which neighbors are found.

    Returns
    -------
    DataFrame, (k)
        cluster, n_cells, fraction (of all cells), mean_confidence (mean membership of its cells in
        it), neighbor_purity (of its cells' ten nearest cells, the fraction that is in it; a small
        cluster can reach at most (n_cells − 1) / 10), nearest_cluster, rare (under 3 % of the
        cells). A cluster without cells has NaN.
    """
    memberships = check_memberships(memberships)
    n, k = memberships.shape
    labels, latent = check_labels(labels, n, k), check_rows(latent, "latent", n)
    centers = check_rows(centers, "centers", k)
    if not n or not latent.shape[1]:
        raise ValueError(f"latent must hold cells and axes, got shape {latent.shape}")
    sizes = np.bincount(labels, minlength=k)
    gaps = ((centers[:, None] - centers) ** 2).sum(-1).astype(np.float64)
    np.fill_diagonal(gaps, np.inf)
    own = memberships[np.arange(len(labels)), labels]
    with np.errstate(invalid="ignore"):
        mean = np.bincount(labels, own, minlength=k) / sizes
    fraction = sizes / len(labels)
    return pd.DataFrame({
        "cluster": np.arange(k),
        "n_cells": sizes,
        "fraction": fraction,
        "mean_confidence": mean,
        "neighbor_purity": _neighbor_purities(labels, k, latent),
        "nearest_cluster": gaps.argmin(axis=1),
        "rare": fraction < RARE,
    })  # fmt: skip


def _neighbor_purities(labels: np.ndarray, k: int, code: np.ndarray) -> np.ndarray:
    """Neighbor purity, float64 (k,), from up to `LOOKED_UP` cells each."""
    among = subsample(np.arange(len(labels)), FOR_NEIGHBORS)
    labels, code = labels[among], code[among]
    if not np.isfinite(code).all():
        raise ValueError("latent must be finite, but holds NaN or infinite values")
    direction = code / np.maximum(np.linalg.norm(code, axis=1, keepdims=True), 1e-12)
    neighbors = min(NEIGHBORS, len(code) - 1)
    search = NearestNeighbors(n_neighbors=neighbors + 1, algorithm="brute").fit(direction)
    shares = np.full(k, np.nan)
    for cluster in np.unique(labels):
        cells = np.flatnonzero(labels == cluster)
        some = cells[np.linspace(0, len(cells) - 1, min(LOOKED_UP, len(cells))).astype(int)]
        near = search.kneighbors(direction[some], return_distance=False)
        # The cell itself is nearly always first; of identical cells another may be.
        other = near != some[:, None]
        hits = ((labels[near] == cluster) & other).sum(axis=1)
        shares[cluster] = (hits / other.sum(axis=1)).mean()
    return shares
