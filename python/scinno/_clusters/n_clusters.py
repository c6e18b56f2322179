"""Estimate the number of clusters from how well clusters keep their neighbours."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from scinno._clusters.diagnostics import cluster_warnings
from scinno._clusters.k_choice import KChoice
from scinno._clusters.stability import MOST_JUDGED, partitions_of, silhouettes, stability

NEIGHBOURS = 10
MOST_CLUSTERS = 30
# A cluster counts if this share of its cells' neighbours are in it too …
GOOD_CLUSTER = 0.82
# … and a partition holds if its clusters reach this share on average.
GOOD_PARTITION = 0.92
# Neighbours are looked up among at most so many cells, drawn at random.
MOST_CELLS = 20_000


def estimate_n_clusters(
    directions: np.ndarray,
    code: np.ndarray,
    seeds: np.random.Generator,
    within: tuple[int, int] | None = None,
) -> KChoice:
    """K between two counts: of clusters that hold together, and of a partition that does.

    The upper count is the most clusters, over all candidate K, whose share of own neighbours is
    at least `GOOD_CLUSTER`. The lower count is the largest K whose clusters have a mean share of
    at least `GOOD_PARTITION`. K is their geometric mean (docs/decisions/number-of-clusters.md).
    A range moves that K to its nearer end where it lies outside; so a range that holds the K found
    without one changes nothing.

    Parameters
    ----------
    directions : ndarray of float32, (cells, latent)
        Both views as cells are compared by them: here clusters are formed.
    code : ndarray of float32, (cells, any width)
        The linear code, in which neighbours are found. Not the deep one, which was trained to
        bring cells together: what it calls neighbours holds together in any number of clusters.
    seeds : Generator
    within : tuple of int, optional
        Least and largest K that may be chosen.

    Returns
    -------
    KChoice
        K, at least 2; its runner-up, table and warnings.
    """
    # Stability draws from a generator of its own, so that it changes no clusters.
    aside = seeds.spawn(1)[0]
    if len(directions) > MOST_CELLS:
        some = np.sort(seeds.choice(len(directions), MOST_CELLS, replace=False))
        directions, code = directions[some], code[some]
    candidates = _candidates(len(directions), within)
    partitions = partitions_of(directions, candidates, seeds)
    table = _shares(code, partitions)
    few = np.sort(aside.permutation(len(directions))[:MOST_JUDGED])
    stable = stability(directions[few], partitions, aside)
    apart = silhouettes(code[few], {k: labels[few] for k, labels in partitions.items()})
    table["stability"] = [stable[k] for k in table["n_clusters"]]
    table["silhouette"] = [apart[k] for k in table["n_clusters"]]
    lower, upper, k = decided(table)
    if within is not None:
        k = min(max(k, within[0]), within[1])
    low, high = within or (2, max(candidates))
    table["allowed"] = table["n_clusters"].between(low, high)
    second = _runner_up(table, k, lower, upper)
    table["chosen"] = table["n_clusters"] == k
    table["runner_up"] = table["n_clusters"] == (second or 0)
    said = cluster_warnings(code, partitions[k]) if k in partitions else ()
    return KChoice(k, second, lower, upper, within, table, said)


def decided(table: pd.DataFrame) -> tuple[int, int, int]:
    """The lower and the upper count of a table of shares, and the K between them."""
    upper = max(2, int(table["good_clusters"].max()))
    holds = table.loc[table["mean_share"] >= GOOD_PARTITION, "n_clusters"]
    lower = int(holds.max()) if len(holds) else 2
    return lower, upper, max(2, round(float(np.sqrt(upper * lower))))


def _candidates(n_cells: int, within: tuple[int, int] | None) -> list[int]:
    """Numbers to judge: those of every estimate, and those of the range."""
    usual = set(range(2, max(3, min(MOST_CLUSTERS, n_cells // 10) + 1)))
    asked = set() if within is None else set(range(within[0], within[1] + 1))
    return sorted(usual | asked)


def _shares(code: np.ndarray, partitions: dict[int, np.ndarray]) -> pd.DataFrame:
    """Shares of own neighbours of each partition's clusters, one row per partition."""
    neighbours = min(NEIGHBOURS, len(code) - 1)
    search = NearestNeighbors(n_neighbors=neighbours + 1).fit(code)
    near = search.kneighbors(code, return_distance=False)[:, 1:]
    rows = []
    for k, labels in partitions.items():
        own = (labels[near] == labels[:, None]).mean(1)
        share = np.bincount(labels, own) / np.bincount(labels)
        good = int((share >= GOOD_CLUSTER).sum())
        rows.append((k, float(share.mean()), float(share.min()), good))
    columns = ["n_clusters", "mean_share", "least_share", "good_clusters"]
    return pd.DataFrame(rows, columns=columns)


def _runner_up(table: pd.DataFrame, k: int, lower: int, upper: int) -> int | None:
    """The most stable other candidate between the counts, else the more stable neighbour of K."""
    others = table[table["allowed"] & (table["n_clusters"] != k)]
    between = others[others["n_clusters"].between(min(lower, upper), max(lower, upper))]
    beside = others[(others["n_clusters"] - k).abs() == 1]
    for some in (between, beside):
        if len(some):
            # Of equally stable ones the nearer to K, of those the smaller.
            gap = (some["n_clusters"] - k).abs()
            order = np.lexsort((some["n_clusters"], gap, -some["stability"].fillna(-1)))
            return int(some["n_clusters"].iloc[order[0]])
    return None
