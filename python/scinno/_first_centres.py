"""Where the clusters start: many small groups, merged until K are left.

Plain k-means splits large cell types and merges rare ones, because it likes clusters of equal
size. Merging small groups by a cost that depends less on their sizes than Ward's does not; over
sixteen data sets it is worth 0.04 ARI (docs/decisions/first-centres.md).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

# Small groups per cluster before merging.
GROUPS_PER_CLUSTER = 8
# Exponent of the sizes in the merge cost: 1 is Ward's linkage, 0 centroid linkage.
SIZE_EXPONENT = 0.35


def first_centres(embedding: np.ndarray, k: int, seeds: np.random.Generator) -> np.ndarray:
    """Centres for the joint phase to start from.

    Parameters
    ----------
    embedding : ndarray of float32, (cells, latent)
    k : int
    seeds : Generator

    Returns
    -------
    ndarray of float32, (k, latent)
    """
    centres, sizes, groups = small_groups(embedding, GROUPS_PER_CLUSTER * k, k, seeds)
    if len(centres) >= k:
        merged = merge_groups(centres, sizes, [k])[k]
        centres = cluster_means(embedding, settle(embedding, merged[groups]))
    else:  # fewer distinct cells than clusters
        spare = embedding[seeds.choice(len(embedding), k - len(centres), replace=False)]
        centres = np.concatenate([centres, spare])
    return centres.astype(np.float32)


def small_groups(
    embedding: np.ndarray, wanted: int, least: int, seeds: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """K-means into many groups: centres (groups, latent), sizes (groups,), group of each cell."""
    n = max(least, min(wanted, len(embedding) // 4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct cells than groups
        model = KMeans(n, n_init=1, random_state=int(seeds.integers(2**31))).fit(embedding)
    used, groups = np.unique(model.labels_, return_inverse=True)
    return model.cluster_centers_[used].astype(np.float64), np.bincount(groups) * 1.0, groups


def merge_groups(
    centres: np.ndarray, sizes: np.ndarray, wanted: Iterable[int]
) -> dict[int, np.ndarray]:
    """Merge the cheapest pair again and again; the clusters at each wanted number.

    The cost of a pair is (w_i w_j / (w_i + w_j))^p ‖c_i − c_j‖² with p = `SIZE_EXPONENT`.

    Returns
    -------
    dict of int to ndarray of int, (groups,)
        For each wanted number, the cluster of each group.
    """
    centres, sizes = centres.copy(), sizes.copy()
    n = len(centres)
    cluster, alive = np.arange(n), np.ones(n, dtype=bool)

    def costs(i: int) -> np.ndarray:
        weight = (sizes[i] * sizes / (sizes[i] + sizes)) ** SIZE_EXPONENT
        row = weight * ((centres[i] - centres) ** 2).sum(1)
        row[~alive] = np.inf
        row[i] = np.inf
        return row

    table = np.vstack([costs(i) for i in range(n)])
    todo, cuts = set(wanted), {}
    for left in range(n, 0, -1):
        if left in todo:
            cuts[left] = np.unique(cluster, return_inverse=True)[1]
        if left <= min(todo):
            break
        i, j = np.unravel_index(table.argmin(), table.shape)
        both = sizes[i] + sizes[j]
        centres[i] = (sizes[i] * centres[i] + sizes[j] * centres[j]) / both
        sizes[i] = both
        cluster[cluster == j] = i
        alive[j] = False
        table[j], table[:, j] = np.inf, np.inf
        table[i] = table[:, i] = costs(int(i))
    return cuts


def cluster_means(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean of each cluster, float64 (k, latent)."""
    k = int(labels.max()) + 1
    return np.stack([x[labels == j].mean(0, dtype=np.float64) for j in range(k)])


def settle(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """A few rounds of k-means from a partition; the partition itself if a cluster would die."""
    k = int(labels.max()) + 1
    start = cluster_means(x, labels).astype(x.dtype)
    settled: np.ndarray = KMeans(k, init=start, n_init=1, max_iter=30).fit_predict(x)
    return settled if len(np.unique(settled)) == k else labels
