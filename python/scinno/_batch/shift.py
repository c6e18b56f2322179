"""Centers of batches from the clusters that they share.

A batch's mean is not a good center where its types have other proportions than elsewhere. In the
additive model value = profile of the cluster + center of the batch, the batches are compared within
clusters only, and proportions do not count.
"""

from __future__ import annotations

import numpy as np

# Rounds of the alternating least squares; centers change by less than 1e-3 after ten.
ROUNDS = 20


def additive_centers(
    sums: np.ndarray, counts: np.ndarray, centers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Centers of batches and profiles of clusters, by least squares over all cells.

    Parameters
    ----------
    sums : ndarray of float64, (k, batches, g)
        Of values, of the cells of a cluster and a batch.
    counts : ndarray of int64, (k, batches)
        Cells of a cluster and a batch.
    centers : ndarray of float, (batches, g)
        To start from. Batches that share no cluster with others keep what this says of their
        distance from these.

    Returns
    -------
    centers : ndarray of float64, (batches, g)
        With the mean over all cells that they started with.
    profiles : ndarray of float64, (k, g)
        Mean of the centered values of each cluster; 0 for one without cells.
    """
    weights = counts / np.maximum(counts.sum(axis=0), 1)
    started = np.average(centers, axis=0, weights=counts.sum(axis=0))
    means = sums.sum(axis=0) / np.maximum(counts.sum(axis=0), 1)[:, None]
    for _ in range(ROUNDS):
        centers = means - weights.T @ cluster_profiles(sums, counts, centers)
    centers = centers - np.average(centers, axis=0, weights=counts.sum(axis=0)) + started
    return centers, cluster_profiles(sums, counts, centers)


def cluster_profiles(sums: np.ndarray, counts: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Mean of the centered values of each cluster, float64 (k, g); as in `additive_centers`."""
    apart = sums.sum(axis=1) - counts @ centers
    return apart / np.maximum(counts.sum(axis=1), 1)[:, None]


def nearest_profile(scores: np.ndarray, profiles: np.ndarray, min_norm: float) -> np.ndarray:
    """Which profile each cell is nearest to, int (cells,).

    Parameters
    ----------
    scores, profiles : ndarray of float32, (any, p)
        Principal components.
    min_norm : float
        From here on only the direction counts, as in `Network.scaled_views`.
    """
    cells, known = by_direction(scores, min_norm), by_direction(profiles, min_norm)
    distances = (known**2).sum(axis=1) - 2 * cells @ known.T
    nearest: np.ndarray = distances.argmin(axis=1)
    return nearest


def by_direction(scores: np.ndarray, min_norm: float) -> np.ndarray:
    """Principal components (cells, p) of norm 1, or less where theirs is below ``min_norm``."""
    norm = np.maximum(np.linalg.norm(scores, axis=1, keepdims=True), max(min_norm, 1e-12))
    divided: np.ndarray = scores / norm
    return divided
