"""Where the clusters start: the partition that most others agree with.

No one way of clustering wins on all data: k-means splits large cell types, merging small groups
swallows near ones, the deep code sees what the principal components do not, and the other way
round. So each view of the cells is clustered in several ways, and of all those partitions the one
is taken that agrees most with the rest (docs/decisions/first-centres.md).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score

# Small groups per cluster before merging.
GROUPS_PER_CLUSTER = 8
# Exponents of the sizes in the merge cost: 1 is Ward's linkage, 0 centroid linkage. The smaller,
# the rarer the types that stay apart.
SIZE_EXPONENTS = (0.35, 0.6, 1.0)
# Restarts of plain k-means.
RESTARTS = 5


def first_centres(
    embedding: np.ndarray, views: Sequence[np.ndarray], k: int, seeds: np.random.Generator
) -> np.ndarray:
    """Centres for the joint phase to start from.

    Parameters
    ----------
    embedding : ndarray of float32, (cells, latent)
        Where the centres lie.
    views : sequence of ndarray of float32, (cells, any width)
        What is clustered to find them.
    k : int
    seeds : Generator

    Returns
    -------
    ndarray of float32, (k, latent)
    """
    found = [labels for view in views for labels in partitions(view, k, seeds)]
    if not found:  # fewer distinct cells than clusters
        groups = small_groups(embedding, k, 2, seeds)[2]
        centres = cluster_means(embedding, groups)
        spare = embedding[seeds.choice(len(embedding), k - len(centres), replace=False)]
        return np.concatenate([centres, spare]).astype(np.float32)
    return cluster_means(embedding, most_agreed(found)).astype(np.float32)


def partitions(view: np.ndarray, k: int, seeds: np.random.Generator) -> list[np.ndarray]:
    """Ways to see K clusters in one view, int (cells,) each; none if it has too few cells."""
    centres, sizes, groups = small_groups(view, GROUPS_PER_CLUSTER * k, k, seeds)
    if len(centres) < k:
        return []
    found = []
    for exponent in SIZE_EXPONENTS:
        merged = merge_groups(centres, sizes, [k], exponent)[k]
        found.append(settle(view, merged[groups]))
    model = KMeans(k, n_init=RESTARTS, random_state=int(seeds.integers(2**31)))
    plain = model.fit_predict(view)
    if len(np.unique(plain)) == k:
        found.append(plain)
    return found


def most_agreed(found: Sequence[np.ndarray]) -> np.ndarray:
    """The partition whose mean adjusted Rand index with all others is highest."""
    agreement = np.zeros(len(found))
    for i, one in enumerate(found):
        for j, other in enumerate(found[:i]):
            index = adjusted_rand_score(one, other)
            agreement[i] += index
            agreement[j] += index
    return found[int(agreement.argmax())]


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
    centres: np.ndarray, sizes: np.ndarray, wanted: Iterable[int], exponent: float
) -> dict[int, np.ndarray]:
    """Merge the cheapest pair again and again; the clusters at each wanted number.

    The cost of a pair is (w_i w_j / (w_i + w_j))^exponent ‖c_i − c_j‖².

    Returns
    -------
    dict of int to ndarray of int, (groups,)
        For each wanted number, the cluster of each group.
    """
    centres, sizes = centres.copy(), sizes.copy()
    n = len(centres)
    cluster, alive = np.arange(n), np.ones(n, dtype=bool)

    def costs(i: int) -> np.ndarray:
        weight = (sizes[i] * sizes / (sizes[i] + sizes)) ** exponent
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
