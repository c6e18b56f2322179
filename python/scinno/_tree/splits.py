"""Evidence for each split of a tree: whether there are two groups, or halves of one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score, pairwise_distances_argmin
from sklearn.neighbors import NearestNeighbors

from scinno._clusters.diagnostics import separation
from scinno._clusters.microclusters import microclusters
from scinno._tree.linkage import Linkage

# Cells of a node that are looked at, at most, and their neighbors.
JUDGED = 1000
NEIGHBORS = 10
# How often a split is learned from half of the cells, and microclusters of a half.
REPEATS = 4
MICROCLUSTERS = 16
# A gene distinguishes two groups if its denoised expression differs at least twofold; so many are
# named.
FOLD = float(np.log(2))
NAMED = 5


def split_table(
    linkage: Linkage,
    names: list[str],
    code: np.ndarray,
    means: np.ndarray,
    genes: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """One row per split, the first from one group to two.

    Parameters
    ----------
    linkage : Linkage
    names : list of str
        Of each node.
    code : ndarray of float32, (cells, any width)
        Where neighbors and spreads are measured: the principal components, which training cannot
        change.
    means : ndarray of float, (leaves, genes)
        Mean denoised log expression of each leaf.
    genes : ndarray of str, (genes,)
    seed : int

    Returns
    -------
    DataFrame, (leaves − 1)
        The columns of `ClusterTree.splits`.
    """
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        list(_rows(linkage, names, code, means, genes, rng)),
        columns=[
            "n_clusters", "node", "left", "right", "n_left", "n_right", "height", "support",
            "stability", "separation", "n_genes", "genes_left", "genes_right",
        ],
    )  # fmt: skip


def _rows(
    linkage: Linkage,
    names: list[str],
    code: np.ndarray,
    means: np.ndarray,
    genes: np.ndarray,
    rng: np.random.Generator,
) -> Iterator[tuple[object, ...]]:
    below = linkage.leaves_of_nodes()
    order = np.argsort(linkage.leaf_of_cell, kind="stable")
    starts = np.concatenate([[0], np.cumsum(linkage.sizes)])

    def cells_of(node: int) -> np.ndarray:
        return np.concatenate([order[starts[leaf] : starts[leaf + 1]] for leaf in below[node]])

    for step in range(len(linkage.merges) - 1, -1, -1):
        node = linkage.n_leaves + step
        pair = [int(side) for side in linkage.merges[step, :2]]
        # The larger side first.
        pair.sort(key=lambda side: -int(linkage.sizes[below[side]].sum()))
        left, right = (cells_of(side) for side in pair)
        cells, side = _judged(left, right, rng)
        points = code[cells].astype(np.float64)
        difference = np.subtract(*(
            np.average(means[below[one]], axis=0, weights=linkage.sizes[below[one]])
            for one in pair
        ))  # fmt: skip
        yield (
            linkage.n_leaves - step,
            names[node],
            *(names[one] for one in pair),
            len(left),
            len(right),
            float(linkage.merges[step, 2]),
            _support(points, side),
            _stability(points, side, rng),
            separation(points[~side], points[side]),
            int((np.abs(difference) >= FOLD).sum()),
            _named(genes, difference),
            _named(genes, -difference),
        )


def _judged(
    left: np.ndarray, right: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Cells of both sides, at most `JUDGED` in all, and which are of the right one."""
    cells = np.concatenate([left, right])
    side = np.arange(len(cells)) >= len(left)
    if len(cells) > JUDGED:
        # Half of each where that is possible: a rare group must not be lost.
        few = min(len(left), len(right), JUDGED // 2)
        many = JUDGED - few
        takes = (few, many) if len(left) <= len(right) else (many, few)
        chosen = np.concatenate([
            rng.choice(len(left), takes[0], replace=False),
            len(left) + rng.choice(len(right), takes[1], replace=False),
        ])  # fmt: skip
        cells, side = cells[chosen], side[chosen]
    return cells, side


def _support(points: np.ndarray, side: np.ndarray) -> float:
    """Mean over both sides of the share of a cell's neighbors that are on its own side.

    Weighted so that chance is 0.5 for groups of any sizes.
    """
    k = min(NEIGHBORS, len(points) - 1)
    near = NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False)
    share = side.mean()
    # How much more often than by chance each side is met.
    right = (side[near].mean(1) / share, (~side[near]).mean(1) / (1 - share))
    of_right = right[0] / (right[0] + right[1])
    return float((of_right[side].mean() + (1 - of_right[~side]).mean()) / 2)


def _stability(points: np.ndarray, side: np.ndarray, rng: np.random.Generator) -> float:
    """Mean adjusted Rand index of the split with what one half of the cells says of the other.

    One half is divided into microclusters, which do not know the split, and each of them belongs to
    the side of most of its cells; a cell of the other half belongs where its nearest one does.
    """
    found = []
    for _ in range(REPEATS):
        order = rng.permutation(len(points))
        one, other = order[: -(-len(order) // 2)], order[-(-len(order) // 2) :]
        centers, sizes, group = microclusters(points[one], MICROCLUSTERS, 2, rng)
        belongs = np.bincount(group, side[one]) > sizes / 2
        told = belongs[pairwise_distances_argmin(points[other], centers)]
        found.append(adjusted_rand_score(side[other], told))
    return float(np.mean(found))


def _named(genes: np.ndarray, higher: np.ndarray) -> str:
    """The genes that are highest on one side, with commas; those that distinguish it only."""
    best = np.argsort(-higher, kind="stable")[:NAMED]
    return ", ".join(str(genes[g]) for g in best if higher[g] >= FOLD)
