"""How good clusters are without labels: what they tell of molecules that were held out."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import adjusted_rand_score


def explained_share(values: np.ndarray, labels: np.ndarray) -> float:
    """Share of the variance of held-out values that is between clusters.

    The values of a cell are predicted by the mean of the *other* cells of its cluster and one
    average cell of all, so that a cluster of one cell explains nothing.

    Parameters
    ----------
    values : ndarray of float32, (cells, genes)
        Log values of the held-out half, each gene with a mean of 0.
    labels : ndarray of int, (cells,)
        Clusters of the other half.

    Returns
    -------
    float
        1 where the clusters predict all, 0 where they predict as well as the mean of all cells;
        negative where worse.
    """
    own = np.eye(labels.max() + 1, dtype=np.float32)[labels]
    sums, sizes = own.T @ values, own.sum(axis=0)
    rest = values - (sums[labels] - values) / sizes[labels][:, None]
    left, all_of_it = (np.square(part, dtype=np.float64).sum() for part in (rest, values))
    return float(1 - left / all_of_it)


def stability(one: np.ndarray, other: np.ndarray) -> float:
    """Adjusted Rand index of the clusters of two halves of the same cells."""
    return float(adjusted_rand_score(one, other))


def score_of(share: float, agreement: float) -> float:
    """What is maximized: what clusters explain, as far as they are found again in the other half.

    Parameters
    ----------
    share : float
        `explained_share`.
    agreement : float
        `stability` of the two halves.
    """
    return share * max(agreement, 0.0)
