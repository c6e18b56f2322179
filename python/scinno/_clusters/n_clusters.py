"""Estimate the number of clusters: the median number of communities of cells."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from scinno._clusters.communities import community_counts
from scinno._clusters.diagnostics import cluster_warnings
from scinno._clusters.k_choice import KChoice
from scinno._clusters.stability import (
    MAX_JUDGED,
    MICROCLUSTERS,
    partitions_of,
    silhouettes,
    stability,
)
from scinno._runtime._tasks.side_by_side import side_by_side

NEIGHBORS = 10
# Candidates end here, or one above the largest number of communities.
MAX_CLUSTERS = 30
# Communities and neighbors are looked for among at most so many cells, drawn at random.
MAX_CELLS = 10_000


def estimate_n_clusters(
    views: np.ndarray,
    code: np.ndarray,
    rng: np.random.Generator,
    within: tuple[int, int] | None = None,
) -> KChoice:
    """K as the median of a vote: how many communities there are in two spaces, at six resolutions.

    Communities are those of the graph of shared neighbors, in both views and in the principal
    components alone; K is the median of their numbers (docs/development/number-of-clusters.md). A
    range moves that K to its nearer end where it lies outside; so a range that holds the K found
    without one changes nothing. Purity, stability and silhouette of each candidate are evidence to
    look at and do not decide.

    Parameters
    ----------
    views : ndarray of float32, (cells, latent)
        Both views as cells are compared by them: here the candidates' clusters are formed.
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
    tasks = (
        functools.partial(community_counts, space, own)
        for space, own in zip((code, views), rng.spawn(2), strict=True)
    )
    counts = [count for of_space in side_by_side(tasks) for count in of_space]
    candidates = _candidates(len(views), max(counts), within)
    partitions = partitions_of(views, candidates, rng)
    table = _purities(code, partitions)
    judged = np.sort(stability_rng.permutation(len(views))[:MAX_JUDGED])
    stable = stability(views[judged], partitions, stability_rng)
    apart = silhouettes(code[judged], {k: labels[judged] for k, labels in partitions.items()})
    table["stability"] = [stable[k] for k in table["n_clusters"]]
    table["silhouette"] = [apart[k] for k in table["n_clusters"]]
    # A number of communities that is no candidate counts for the nearest one.
    votes = np.clip(counts, 2, table["n_clusters"].max())
    table.insert(1, "votes", [int((votes == k).sum()) for k in table["n_clusters"]])
    lower, upper, k = decide(table)
    if within is not None:
        k = min(max(k, within[0]), within[1])
    low, high = within or (2, max(candidates))
    table["in_range"] = table["n_clusters"].between(low, high)
    runner_up = _runner_up(table, k)
    table["chosen"] = table["n_clusters"] == k
    table["runner_up"] = table["n_clusters"] == (runner_up or 0)
    warnings = cluster_warnings(code, partitions[k]) if k in partitions else ()
    return KChoice(k, runner_up, lower, upper, within, table, warnings)


def decide(table: pd.DataFrame) -> tuple[int, int, int]:
    """The lower and the upper quartile of the votes in a table, and the K that is their median."""
    votes = np.repeat(table["n_clusters"].to_numpy(), table["votes"].to_numpy())
    lower = int(np.quantile(votes, 0.25, method="lower"))
    upper = int(np.quantile(votes, 0.75, method="higher"))
    return lower, upper, round(float(np.median(votes)))


def _candidates(n_cells: int, most_voted: int, within: tuple[int, int] | None) -> list[int]:
    """Numbers to judge: those of every estimate, and those of the range."""
    most = min(max(MAX_CLUSTERS, most_voted + 1), n_cells // 10, MICROCLUSTERS)
    usual = set(range(2, max(3, most + 1)))
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
        rows.append((k, float(purity.mean()), float(purity.min())))
    columns = ["n_clusters", "mean_purity", "min_purity"]
    return pd.DataFrame(rows, columns=columns)


def _runner_up(table: pd.DataFrame, k: int) -> int | None:
    """The other candidate with most votes; without a vote, the more stable neighbor of K."""
    others = table[table["in_range"] & (table["n_clusters"] != k)]
    voted = others[others["votes"] > 0]
    beside = others[(others["n_clusters"] - k).abs() == 1]
    for part in (voted, beside):
        if len(part):
            # Of equal votes the more stable, of those the nearer to K, of those the smaller.
            gap = (part["n_clusters"] - k).abs()
            order = np.lexsort(
                (part["n_clusters"], gap, -part["stability"].fillna(-1), -part["votes"])
            )
            return int(part["n_clusters"].iloc[order[0]])
    return None
