"""Estimate the number of clusters from how well clusters keep their neighbours."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from scinno._first_centres import merge_groups, settle, small_groups

# Small groups from which clusters of every candidate number are merged.
GROUPS = 100
# Of `merge_groups`: low, so that a rare type can be a cluster long before a large one is split.
SIZE_EXPONENT = 0.35
NEIGHBOURS = 10
MOST_CLUSTERS = 30
# A cluster counts if this share of its cells' neighbours are in it too …
GOOD_CLUSTER = 0.82
# … and a partition holds if its clusters reach this share on average.
GOOD_PARTITION = 0.92
# Neighbours are looked up among at most so many cells, drawn at random.
MOST_CELLS = 20_000


def estimate_n_clusters(
    directions: np.ndarray, code: np.ndarray, seeds: np.random.Generator
) -> tuple[int, pd.DataFrame]:
    """K between two counts: of clusters that hold together, and of a partition that does.

    The upper count is the most clusters, over all candidate K, whose share of own neighbours is
    at least `GOOD_CLUSTER`. The lower count is the largest K whose clusters have a mean share of
    at least `GOOD_PARTITION`. K is their geometric mean (docs/decisions/number-of-clusters.md).

    Parameters
    ----------
    directions : ndarray of float32, (cells, latent)
        Both views as cells are compared by them: here clusters are formed.
    code : ndarray of float32, (cells, any width)
        The linear code, in which neighbours are found. Not the deep one, which was trained to
        bring cells together: what it calls neighbours holds together in any number of clusters.
    seeds : Generator

    Returns
    -------
    int
        K, at least 2.
    DataFrame
        One row per candidate: n_clusters, mean_share and least_share of own neighbours,
        good_clusters, and whether it was chosen.
    """
    if len(directions) > MOST_CELLS:
        some = np.sort(seeds.choice(len(directions), MOST_CELLS, replace=False))
        directions, code = directions[some], code[some]
    n = len(directions)
    neighbours = min(NEIGHBOURS, n - 1)
    search = NearestNeighbors(n_neighbors=neighbours + 1).fit(code)
    near = search.kneighbors(code, return_distance=False)[:, 1:]
    candidates = range(2, max(3, min(MOST_CLUSTERS, n // 10) + 1))
    centres, sizes, groups = small_groups(directions, GROUPS, 2, seeds)
    rows = []
    for k, merged in sorted(merge_groups(centres, sizes, candidates, SIZE_EXPONENT).items()):
        labels = settle(directions, merged[groups])
        own = (labels[near] == labels[:, None]).mean(1)
        share = np.bincount(labels, own) / np.bincount(labels)
        good = int((share >= GOOD_CLUSTER).sum())
        rows.append((k, float(share.mean()), float(share.min()), good))
    columns = ["n_clusters", "mean_share", "least_share", "good_clusters"]
    evidence = pd.DataFrame(rows, columns=columns)
    upper = max(2, int(evidence["good_clusters"].max()))
    holds = evidence.loc[evidence["mean_share"] >= GOOD_PARTITION, "n_clusters"]
    lower = int(holds.max()) if len(holds) else 2
    k = max(2, round(float(np.sqrt(upper * lower))))
    evidence["chosen"] = evidence["n_clusters"] == k
    return k, evidence
