"""From cells and their clusters to merges: leaves inside the clusters, clusters above them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import pairwise_distances_argmin

from scinno._clusters.diagnostics import FEW_CELLS
from scinno._clusters.microclusters import merges, microclusters
from scinno._clusters.subsample import MAX_SAMPLE, subsample

# Leaves of a tree, shared among the clusters by their sizes; each of so many cells on average.
LEAVES = 60
CELLS_PER_LEAF = 10
# Of the sizes in the cost of a merge: between Ward's 1 and 0.35, which keeps rare types apart.
SIZE_EXPONENT = 0.6


@dataclass(frozen=True, eq=False)
class Linkage:
    """Merges of the leaves of a tree.

    Attributes
    ----------
    merges : ndarray of float64, (leaves − 1, 4)
        As `scipy.cluster.hierarchy.linkage` gives them: both nodes, height, number of leaves. A
        height is the cost of a merge over that of the cheapest merge of two clusters, never lower
        than the heights below it; inside a cluster it stays under 1.
    leaf_of_cell : ndarray of int32, (cells,)
    cluster_of_leaf : ndarray of int32, (leaves,)
    sizes : ndarray of int64, (leaves,)
        Cells of each leaf.
    """

    merges: np.ndarray
    leaf_of_cell: np.ndarray
    cluster_of_leaf: np.ndarray
    sizes: np.ndarray

    @property
    def n_leaves(self) -> int:
        return len(self.sizes)

    def leaves_of_nodes(self) -> list[np.ndarray]:
        """Leaves below each node, int (any,), leaves first, then merges in their order."""
        below = [np.array([leaf]) for leaf in range(self.n_leaves)]
        for a, b in self.merges[:, :2].astype(int):
            below.append(np.concatenate([below[a], below[b]]))
        return below

    def cut(self, n_clusters: int) -> np.ndarray:
        """Node of each leaf where so many clusters are left, int (leaves,)."""
        node = np.arange(self.n_leaves)
        for step, (a, b) in enumerate(self.merges[: self.n_leaves - n_clusters, :2].astype(int)):
            node[(node == a) | (node == b)] = self.n_leaves + step
        return node


def grow(embedding: np.ndarray, labels: np.ndarray, seed: int) -> Linkage:
    """The tree of labeled cells.

    Parameters
    ----------
    embedding : ndarray of float32, (cells, latent)
        Where distances are measured.
    labels : ndarray of int, (cells,)
        Clusters; the tree has each of them as a node.
    seed : int
    """
    rng = np.random.default_rng(seed)
    leaf_of_cell = np.zeros(len(labels), dtype=np.int32)
    centers: list[np.ndarray] = []
    owners: list[int] = []
    for cluster in np.unique(labels):
        cells = np.flatnonzero(labels == cluster)
        share = round(LEAVES * len(cells) / len(labels))
        wanted = max(1, min(share, len(cells) // CELLS_PER_LEAF))
        found, leaf = _leaves(embedding, cells, wanted, rng)
        leaf_of_cell[cells] = leaf + len(owners)
        centers.append(found)
        owners += [int(cluster)] * len(found)
    owner = np.array(owners, dtype=np.int32)
    sizes = np.bincount(leaf_of_cell, minlength=len(owner))
    table = _merge_table(np.concatenate(centers), sizes, owner)
    return Linkage(table, leaf_of_cell, owner, sizes)


def _leaves(
    embedding: np.ndarray, cells: np.ndarray, wanted: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Centers of the leaves of a cluster, float64 (leaves, latent), and the leaf of each cell."""
    sample = embedding[subsample(cells, MAX_SAMPLE)]
    centers, sizes, _ = microclusters(sample, wanted, 1, rng)
    # Outliers are no leaf of their own, or the first splits would cut them off one by one.
    centers = centers[sizes >= min(FEW_CELLS, sizes.max())]
    blocks = (cells[start : start + MAX_SAMPLE] for start in range(0, len(cells), MAX_SAMPLE))
    nearest = np.concatenate([
        pairwise_distances_argmin(embedding[block].astype(np.float64), centers) for block in blocks
    ])  # fmt: skip
    # A leaf that no cell is nearest to is not a leaf.
    used, leaf = np.unique(nearest, return_inverse=True)
    return centers[used], leaf


def _merge_table(centers: np.ndarray, sizes: np.ndarray, owner: np.ndarray) -> np.ndarray:
    n, n_clusters = len(owner), len(np.unique(owner))
    node, leaves = np.arange(n), np.ones(n)
    table = np.zeros((n - 1, 4))
    steps = merges(centers, sizes.astype(np.float64), SIZE_EXPONENT, within=owner)
    for step, (i, j, cost) in enumerate(steps):
        leaves[i] += leaves[j]
        table[step] = *sorted((node[i], node[j])), cost, leaves[i]
        node[i] = n + step
    inside = n - n_clusters  # merges that leave the clusters as they are
    unit = table[inside, 2] if n_clusters > 1 else table[:, 2].max(initial=0)
    heights = table[:, 2] / max(unit, 1e-300)
    below, above = np.maximum.accumulate(heights[:inside]), heights[inside:]
    table[:inside, 2] = np.minimum(below, np.nextafter(1.0, 0))
    table[inside:, 2] = np.maximum.accumulate(above)
    return table
