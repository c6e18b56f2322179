"""Where the nodes of a tree stand in a picture, and which genes name its branches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import leaves_list

from scinno._tree.cluster_tree import ClusterTree

# Genes that are shown beside a tree, if its leaves are not more: with more nobody reads the names.
GENES_SHOWN = 30


@dataclass(frozen=True)
class Dendrogram:
    """The last merges of a tree: nodes are k leaves, then k − 1 merges, the last of all cells.

    Attributes
    ----------
    merges : ndarray of int, (k − 1, 2)
        Both nodes of each merge.
    names : list of str, (2k − 1,)
    sizes : ndarray of int64, (2k − 1,)
        Cells.
    place : ndarray of float64, (2k − 1,)
        Along the leaves, which stand at 0 to k − 1 so that no branches cross.
    height : ndarray of float64, (2k − 1,)
        Square root of the cost of the merge, 0 for leaves.
    genes : list of list of str, (2k − 1,)
        Genes highest on the branch to each node, compared with the other branch.
    splits : DataFrame, (k − 1,)
        Rows of `ClusterTree.splits`, one for each merge, in their order.
    """

    merges: np.ndarray
    names: list[str]
    sizes: np.ndarray
    place: np.ndarray
    height: np.ndarray
    genes: list[list[str]]
    splits: pd.DataFrame

    @property
    def n_leaves(self) -> int:
        return len(self.merges) + 1

    @property
    def order(self) -> np.ndarray:
        """Leaves by their place, int (k,)."""
        return np.argsort(self.place[: self.n_leaves])

    def link(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Heights and places of the four corners of a merge's line, each float64 (4,)."""
        a, b = self.merges[step]
        node = self.n_leaves + step
        height = np.array([self.height[a], self.height[node], self.height[node], self.height[b]])
        return height, self.place[[a, a, b, b]]

    def distinguishing(self, most: int = GENES_SHOWN) -> list[str]:
        """Genes of the branches, in the order of the branches along the leaves.

        First one gene of each leaf, then one of each larger branch, the highest first, then second
        ones, until there are ``most``, or one for each leaf.
        """
        n = self.n_leaves
        nodes = [*range(n), *range(2 * n - 3, n - 1, -1)]  # all cells together have no branch
        most = max(most, n)
        found: dict[str, float] = {}
        for rank in range(max((len(genes) for genes in self.genes), default=0)):
            for node in nodes:
                names = self.genes[node]
                if len(found) < most and rank < len(names):
                    found.setdefault(names[rank], self.place[node])
        return sorted(found, key=lambda gene: found[gene])


def dendrogram_of(tree: ClusterTree, n_clusters: int) -> Dendrogram:
    """The tree down to a number of clusters, at least 2; leaf j is label j of ``tree.cut``."""
    k = n_clusters
    above = tree.above(k)
    merges = above[:, :2].astype(int)
    # Merges of the picture are the last ones of the tree.
    names = [*tree.names(k), *tree.nodes[2 * tree.n_leaves - k :]]
    sizes, place = np.zeros(2 * k - 1, dtype=np.int64), np.zeros(2 * k - 1)
    sizes[:k] = np.bincount(tree.cut(k), minlength=k)
    place[leaves_list(above)] = np.arange(k)
    rows = tree.splits.set_index("n_clusters", drop=False).loc[np.arange(k, 1, -1)]
    genes: list[list[str]] = [[] for _ in names]
    for step, ((a, b), row) in enumerate(zip(merges, rows.to_dict("records"), strict=True)):
        sizes[k + step], place[k + step] = sizes[a] + sizes[b], (place[a] + place[b]) / 2
        for node in (a, b):
            text = row["genes_left" if names[node] == row["left"] else "genes_right"]
            genes[node] = text.split(", ") if text else []
    height = np.concatenate([np.zeros(k), np.sqrt(above[:, 2])])
    return Dendrogram(merges, names, sizes, place, height, genes, rows.reset_index(drop=True))
