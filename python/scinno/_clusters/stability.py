"""How stable a partition is under subsampling, and how far apart its clusters lie."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
from sklearn.metrics import adjusted_rand_score, pairwise_distances, silhouette_score

from scinno._clusters.initial_centers import merge_groups, settle, small_groups

# Small groups from which clusters of every candidate number are merged; so no candidate is larger.
GROUPS = 100
# Of `merge_groups`: low, so that a rare type can be a cluster long before a large one is split.
SIZE_EXPONENT = 0.35
# Repeated subsamples, and the share of the cells that each holds: any two share 64 % of the cells.
REPEATS = 5
SHARE = 0.8
# Stability and silhouette look at most at so many cells: their time must not grow with the data.
MOST_JUDGED = 2000


def partitions_of(
    directions: np.ndarray, candidates: Iterable[int], seeds: np.random.Generator
) -> dict[int, np.ndarray]:
    """Clusters of each candidate number, int (cells,); none of more than there are groups.

    Parameters
    ----------
    directions : ndarray of float32, (cells, any width)
    candidates : iterable of int
    seeds : Generator
    """
    wanted = list(candidates)
    centres, sizes, groups = small_groups(directions, GROUPS, 2, seeds)
    merged = merge_groups(centres, sizes, wanted, SIZE_EXPONENT)
    return {k: settle(directions, merged[k][groups]) for k in sorted(merged)}


def stability(
    directions: np.ndarray, candidates: Iterable[int], seeds: np.random.Generator
) -> dict[int, float]:
    """Mean adjusted Rand index of the clusters of two subsamples, on the cells both hold.

    Parameters
    ----------
    directions : ndarray of float32, (cells, any width)
    candidates : iterable of int
    seeds : Generator

    Returns
    -------
    dict of int to float
        1 where every subsample is clustered alike, about 0 where clusters are a matter of chance;
        NaN for a number of clusters that a subsample is too small for.
    """
    wanted = list(candidates)
    n = len(directions)
    held = max(2, round(SHARE * n))
    found: list[dict[int, np.ndarray]] = []
    for _ in range(REPEATS):
        some = np.sort(seeds.choice(n, held, replace=False))
        ours = {}
        for k, labels in partitions_of(directions[some], wanted, seeds).items():
            ours[k] = np.full(n, -1)
            ours[k][some] = labels
        found.append(ours)
    means = {}
    for k in wanted:
        pairs = combinations([ours[k] for ours in found if k in ours], 2)
        means[k] = float(np.mean([_agreement(a, b) for a, b in pairs] or [np.nan]))
    return means


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
