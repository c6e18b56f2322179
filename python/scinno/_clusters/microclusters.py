"""Microclusters: many small groups of cells, and what is merged from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from sklearn.cluster import KMeans, kmeans_plusplus
from sklearn.exceptions import ConvergenceWarning

from scinno._runtime._tasks.ignored import ignored

# Cells per group among which first centers are searched: more take longer, and find none better.
SEEDING_CELLS = 16


def microclusters(
    embedding: np.ndarray, wanted: int, least: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """K-means into many groups: centers (groups, latent), sizes (groups,), group of each cell.

    Parameters
    ----------
    embedding : ndarray of float32, (cells, latent)
    wanted : int
        Groups; fewer where a group would have less than four cells on average.
    least : int
        Groups at least.
    rng : Generator
    """
    n = max(least, min(wanted, len(embedding) // 4))
    state = int(rng.integers(2**31))
    first: str | np.ndarray = "k-means++"
    if len(embedding) > SEEDING_CELLS * n:
        some = np.sort(rng.choice(len(embedding), SEEDING_CELLS * n, replace=False))
        first = kmeans_plusplus(embedding[some], n, random_state=state)[0]
    model = KMeans(n, init=first, n_init=1, random_state=state)
    with ignored(ConvergenceWarning):  # fewer distinct cells than groups
        model.fit(embedding)
    used, groups = np.unique(model.labels_, return_inverse=True)
    return model.cluster_centers_[used].astype(np.float64), np.bincount(groups) * 1.0, groups


def agglomerate(
    centers: np.ndarray, sizes: np.ndarray, wanted: Iterable[int], exponent: float
) -> dict[int, np.ndarray]:
    """Merge the cheapest pair again and again; the clusters at each wanted number.

    The cost of a pair is (w_i w_j / (w_i + w_j))^exponent ‖c_i − c_j‖².

    Returns
    -------
    dict of int to ndarray of int, (groups,)
        For each wanted number, the cluster of each group.
    """
    n = len(centers)
    cluster = np.arange(n)
    todo, cuts = set(wanted), {}
    steps = merges(centers, sizes, exponent)
    for left in range(n, 0, -1):
        if left in todo:
            cuts[left] = np.unique(cluster, return_inverse=True)[1]
        if left <= min(todo):
            break
        i, j, _ = next(steps)
        cluster[cluster == j] = i
    return cuts


def merges(
    centers: np.ndarray, sizes: np.ndarray, exponent: float, within: np.ndarray | None = None
) -> Iterator[tuple[int, int, float]]:
    """The cheapest pair of groups, again and again, until one group is left.

    Parameters
    ----------
    centers : ndarray of float64, (groups, latent)
    sizes : ndarray of float64, (groups,)
    exponent : float
        Of the sizes, see `agglomerate`.
    within : ndarray of int, (groups,), optional
        Groups of one number are merged before those of different numbers.

    Yields
    ------
    tuple of int, int, float
        The group that remains, the group that is merged into it, and the cost.
    """
    centers, sizes = centers.copy(), sizes.copy()
    n = len(centers)
    alive = np.ones(n, dtype=bool)

    def costs(i: int) -> np.ndarray:
        weight = (sizes[i] * sizes / (sizes[i] + sizes)) ** exponent
        row = weight * ((centers[i] - centers) ** 2).sum(1)
        row[~alive] = np.inf
        row[i] = np.inf
        return row

    table = np.vstack([costs(i) for i in range(n)])
    apart = np.zeros((n, n), bool) if within is None else within[:, None] != within
    for _ in range(n - 1):
        allowed = np.where(apart, np.inf, table)
        if not np.isfinite(allowed).any():
            apart[:] = False
            allowed = table
        i, j = (int(place) for place in np.unravel_index(allowed.argmin(), table.shape))
        yield i, j, float(table[i, j])
        both = sizes[i] + sizes[j]
        centers[i] = (sizes[i] * centers[i] + sizes[j] * centers[j]) / both
        sizes[i] = both
        alive[j] = False
        table[j], table[:, j] = np.inf, np.inf
        table[i] = table[:, i] = costs(i)


def cluster_means(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean of each cluster, float64 (k, latent)."""
    k = int(labels.max()) + 1
    return np.stack([x[labels == j].mean(0, dtype=np.float64) for j in range(k)])


def kmeans_from(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """A few rounds of k-means from a partition; the partition itself if a cluster would die."""
    k = int(labels.max()) + 1
    start = cluster_means(x, labels).astype(x.dtype)
    refined: np.ndarray = KMeans(k, init=start, n_init=1, max_iter=30).fit_predict(x)
    return refined if len(np.unique(refined)) == k else labels
