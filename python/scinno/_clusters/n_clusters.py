"""Estimate the number of clusters from the purity of their neighborhoods."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from scinno._clusters.diagnostics import cluster_warnings
from scinno._clusters.k_choice import PURE_CLUSTER, PURE_PARTITION, KChoice
from scinno._clusters.stability import MAX_JUDGED, partitions_of, silhouettes, stability

NEIGHBORS = 10
MAX_CLUSTERS = 30
# Neighbors are looked up among at most so many cells, drawn at random.
MAX_CELLS = 20_000


def estimate_n_clusters(
    views: np.ndarray,
    code: np.ndarray,
    rng: np.random.Generator,
    within: tuple[int, int] | None = None,
) -> KChoice:
    """K between two counts: of pure clusters, and of a pure partition.

    The purity of a cluster is the share of its cells' nearest neighbors that are in it too. The
    upper count is the largest number, over all candidate K, of clusters with a purity of at least
    `PURE_CLUSTER`. The lower count is the largest K whose clusters have a mean purity of at least
    `PURE_PARTITION`. K is their geometric mean (docs/development/number-of-clusters.md). A range
    moves that K to its nearer end where it lies outside; so a range that holds the K found without
    one changes nothing.

    Parameters
    ----------
    views : ndarray of float32, (cells, latent)
        Both views as cells are compared by them: here clusters are formed.
    code : ndarray of float32, (cells, any width)
        The principal components, in which neighbors are found. Not the encoder's code, which was
        trained to bring cells together: its neighbors stay together in any number of clusters.
    rng : Generator
    within : tuple of int, optional
        Least and largest K that may be chosen.

    Returns
    -------
    KChoice
        K, at least 2; its runner-up, table and warnings.

    Raises
    ------
    ValueError
        All cells are alike.
    """
    if not np.ptp(views, axis=0).any():
        raise ValueError(
            "n_clusters cannot be estimated: all cells are alike in the genes that the network "
            "reads; look at x, or give n_clusters"
        )
    # Stability draws from a generator of its own, so that it changes no clusters.
    stability_rng = rng.spawn(1)[0]
    if len(views) > MAX_CELLS:
        sample = np.sort(rng.choice(len(views), MAX_CELLS, replace=False))
        views, code = views[sample], code[sample]
    candidates = _candidates(len(views), within)
    partitions = partitions_of(views, candidates, rng)
    table = _purities(code, partitions)
    judged = np.sort(stability_rng.permutation(len(views))[:MAX_JUDGED])
    stable = stability(views[judged], partitions, stability_rng)
    apart = silhouettes(code[judged], {k: labels[judged] for k, labels in partitions.items()})
    table["stability"] = [stable[k] for k in table["n_clusters"]]
    table["silhouette"] = [apart[k] for k in table["n_clusters"]]
    lower, upper, k = decide(table)
    if within is not None:
        k = min(max(k, within[0]), within[1])
    low, high = within or (2, max(candidates))
    table["in_range"] = table["n_clusters"].between(low, high)
    runner_up = _runner_up(table, k, lower, upper)
    table["chosen"] = table["n_clusters"] == k
    table["runner_up"] = table["n_clusters"] == (runner_up or 0)
    warnings = cluster_warnings(code, partitions[k]) if k in partitions else ()
    return KChoice(k, runner_up, lower, upper, within, table, warnings)


def decide(table: pd.DataFrame) -> tuple[int, int, int]:
    """The lower and the upper count of a table of purities, and the K between them."""
    upper = max(2, int(table["pure_clusters"].max()))
    pure = table.loc[table["mean_purity"] >= PURE_PARTITION, "n_clusters"]
    lower = int(pure.max()) if len(pure) else 2
    return lower, upper, max(2, round(float(np.sqrt(upper * lower))))


def _candidates(n_cells: int, within: tuple[int, int] | None) -> list[int]:
    """Numbers to judge: those of every estimate, and those of the range."""
    usual = set(range(2, max(3, min(MAX_CLUSTERS, n_cells // 10) + 1)))
    requested = set() if within is None else set(range(within[0], within[1] + 1))
    return sorted(usual | requested)


def _purities(code: np.ndarray, partitions: dict[int, np.ndarray]) -> pd.DataFrame:
    """Neighbor purity of each partition's clusters, one row per partition."""
    neighbors = min(NEIGHBORS, len(code) - 1)
    search = NearestNeighbors(n_neighbors=neighbors + 1).fit(code)
    near = search.kneighbors(code, return_distance=False)[:, 1:]
    rows = []
    for k, labels in partitions.items():
        own = (labels[near] == labels[:, None]).mean(1)
        purity = np.bincount(labels, own) / np.bincount(labels)
        pure = int((purity >= PURE_CLUSTER).sum())
        rows.append((k, float(purity.mean()), float(purity.min()), pure))
    columns = ["n_clusters", "mean_purity", "min_purity", "pure_clusters"]
    return pd.DataFrame(rows, columns=columns)


def _runner_up(table: pd.DataFrame, k: int, lower: int, upper: int) -> int | None:
    """The most stable other candidate between the counts, else the more stable neighbor of K."""
    others = table[table["in_range"] & (table["n_clusters"] != k)]
    between = others[others["n_clusters"].between(min(lower, upper), max(lower, upper))]
    beside = others[(others["n_clusters"] - k).abs() == 1]
    for part in (between, beside):
        if len(part):
            # Of equally stable ones the nearer to K, of those the smaller.
            gap = (part["n_clusters"] - k).abs()
            order = np.lexsort((part["n_clusters"], gap, -part["stability"].fillna(-1)))
            return int(part["n_clusters"].iloc[order[0]])
    return None
