"""Where the clusters start: the partition that most others agree with.

No one way of clustering is best on all data: k-means splits large cell types, merging microclusters
joins near ones, the encoder's code separates what the principal components do not, and vice versa.
So each view of the cells is clustered in several ways, and of all those partitions the one is taken
that agrees most with the others (docs/development/initial-centers.md).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from scinno._clusters.microclusters import agglomerate, cluster_means, kmeans_from, microclusters
from scinno._runtime._tasks.side_by_side import side_by_side

# Microclusters per cluster before merging.
GROUPS_PER_CLUSTER = 8
# Exponents of the sizes in the merge cost: 1 is Ward's linkage, 0 centroid linkage. The smaller,
# the rarer the types that stay apart.
SIZE_EXPONENTS = (0.35, 0.6, 1.0)
# Restarts of plain k-means.
RESTARTS = 5


def initial_centers(
    embedding: np.ndarray, views: Sequence[np.ndarray], k: int, rng: np.random.Generator
) -> np.ndarray:
    """Centers for the joint phase to start from.

    Parameters
    ----------
    embedding : ndarray of float32, (cells, latent)
        Where the centers lie.
    views : sequence of ndarray of float32, (cells, any width)
        What is clustered to find them.
    k : int
    rng : Generator

    Returns
    -------
    ndarray of float32, (k, latent)
    """
    groups = consensus_of(embedding, views, k, rng)
    centers = cluster_means(embedding, groups)
    if len(centers) < k:  # fewer distinct cells than clusters
        spare = embedding[rng.choice(len(embedding), k - len(centers), replace=False)]
        centers = np.concatenate([centers, spare])
    return centers.astype(np.float32)


def consensus_of(
    embedding: np.ndarray, views: Sequence[np.ndarray], k: int, rng: np.random.Generator
) -> np.ndarray:
    """The partition that those of all views agree with most, int (cells,).

    Arguments as `initial_centers`. Of fewer than K distinct cells it has fewer clusters.
    """
    tasks = (
        functools.partial(partitions, view, k, own)
        for view, own in zip(views, rng.spawn(len(views)), strict=True)
    )
    found = [labels for of_view in side_by_side(tasks) for labels in of_view]
    if not found:
        return microclusters(embedding, k, 2, rng)[2]
    return consensus_partition(found)


def partitions(view: np.ndarray, k: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Ways to see K clusters in one view, int (cells,) each; none if it has too few cells."""
    centers, sizes, groups = microclusters(view, GROUPS_PER_CLUSTER * k, k, rng)
    if len(centers) < k:
        return []
    found = []
    for exponent in SIZE_EXPONENTS:
        merged = agglomerate(centers, sizes, [k], exponent)[k]
        found.append(kmeans_from(view, merged[groups]))
    model = KMeans(k, n_init=RESTARTS, random_state=int(rng.integers(2**31)))
    plain = model.fit_predict(view)
    if len(np.unique(plain)) == k:
        found.append(plain)
    return found


def consensus_partition(found: Sequence[np.ndarray]) -> np.ndarray:
    """The partition whose mean adjusted Rand index with all others is highest."""
    agreement = np.zeros(len(found))
    for i, one in enumerate(found):
        for j, other in enumerate(found[:i]):
            index = adjusted_rand_score(one, other)
            agreement[i] += index
            agreement[j] += index
    return found[int(agreement.argmax())]
