"""How stable a partition is under subsampling, and how far apart its clusters lie."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from itertools import combinations

import numpy as np
from sklearn.metrics import adjusted_rand_score, pairwise_distances, silhouette_score

from scinno._clusters.microclusters import agglomerate, kmeans_from, microclusters
from scinno._runtime._tasks.side_by_side import side_by_side

# Microclusters from which every candidate number of clusters is merged; so no candidate is larger.
MICROCLUSTERS = 100
# Of `agglomerate`: low, so that a rare type can be a cluster long before a large one is split.
SIZE_EXPONENT = 0.35
# Repeated subsamples, and the share of the cells that each holds: any two share 64 % of the cells.
REPEATS = 5
SHARE = 0.8
# Stability and silhouette look at most at so many cells: their time must not grow with the data.
MAX_JUDGED = 2000


def partitions_of(
    views: np.ndarray, candidates: Iterable[int], rng: np.random.Generator
) -> dict[int, np.ndarray]:
    """Clusters of each candidate number, int (cells,); none of more than there are microclusters.

    Parameters
    ----------
    views : ndarray of float32, (cells, any width)
    candidates : iterable of int
    rng : Generator
    """
    wanted = list(candidates)
    centers, sizes, groups = microclusters(views, MICROCLUSTERS, 2, rng)
    merged = agglomerate(centers, sizes, wanted, SIZE_EXPONENT)
    return {k: kmeans_from(views, merged[k][groups]) for k in sorted(merged)}


def stability(
    views: np.ndarray, candidates: Iterable[int], rng: np.random.Generator
) -> dict[int, float]:
    """Mean adjusted Rand index of the clusters of two subsamples, on the cells both hold.

    Parameters
    ----------
    views : ndarray of float32, (cells, any width)
    candidates : iterable of int
    rng : Generator

    Returns
    -------
    dict of int to float
        1 where every subsample is clustered alike, about 0 where clusters are a matter of chance;
        NaN for a number of clusters that a subsample is too small for.
    """
    wanted = list(candidates)
    tasks = (functools.partial(_of_subsample, views, wanted, own) for own in rng.spawn(REPEATS))
    found = side_by_side(tasks)
    means = {}
    for k in wanted:
        pairs = combinations([own[k] for own in found if k in own], 2)
        means[k] = float(np.mean([_agreement(a, b) for a, b in pairs] or [np.nan]))
    return means


def _of_subsample(
    views: np.ndarray, wanted: list[int], rng: np.random.Generator
) -> dict[int, np.ndarray]:
    """`partitions_of` some cells drawn at random, −1 for the others."""
    n = len(views)
    sample = np.sort(rng.choice(n, max(2, round(SHARE * n)), replace=False))
    found = {}
    for k, labels in partitions_of(views[sample], wanted, rng).items():
        found[k] = np.full(n, -1)
        found[k][sample] = labels
    return found


def _agreement(a: np.ndarray, b: np.ndarray) -> float:
    both = (a >= 0) & (b >= 0)
    return float(adjusted_rand_score(a[both], b[both]))


def silhouettes(code: np.ndarray, partitions: dict[int, np.ndarray]) -> dict[int, float]:
    """Mean silhouette width of each partition, −1 to 1; NaN where it is not defined.

    Parameters
    ----------
    code : ndarray of float32, (cells, any width)
        Where distances are measured.
    partitions : dict of int to ndarray of int, (cells,)
    """
    distances = pairwise_distances(code)
    np.fill_diagonal(distances, 0)
    return {
        k: float(silhouette_score(distances, labels, metric="precomputed"))
        if 2 <= len(np.unique(labels)) < len(labels)
        else float("nan")
        for k, labels in partitions.items()
    }
