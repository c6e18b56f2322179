"""`ClusterTree`: all levels of a clustering, from two groups to its leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scinno._runtime.validate import check_integer, checked
from scinno._tree.linkage import Linkage


@dataclass(frozen=True, eq=False, repr=False)
class ClusterTree:
    """The merges of a clustering, with evidence; what `Fit.tree` gives.

    Clusters keep their names at every level: "3" is cluster 3 of the fit, "3.1" and "3.2" are its
    halves, the larger first, "3.1.2" is a half of "3.1", and "0+3" is what 0 and 3 are merged to.

    Attributes
    ----------
    merges : ndarray of float64, (leaves − 1, 4)
        As `scipy.cluster.hierarchy.linkage` gives them, and ``dendrogram`` draws them. Heights are
        costs of merges in units of the cheapest merge of two clusters of the fit: under 1 inside a
        cluster, 1 and more between clusters.
    nodes : list of str
        Name of each node, leaves first, then merges in their order.
    leaf_of_cell : ndarray of int32, (cells,)
    splits : DataFrame
        One row per split, the first from one group to two: n_clusters (clusters after it), node,
        left, right (names; left is the larger), n_left, n_right (cells), height, support (share of
        cells' ten nearest cells that are on their own side, 0.5 by chance), stability (adjusted
        Rand index with the sides that half of the cells gives to the other half; 0 by chance),
        separation (distance of the centers in units of both spreads; the halves of one normal
        cloud have 1.3), n_genes (genes whose denoised expression differs at least twofold),
        genes_left, genes_right (those that are highest on one side, at most five).
    """

    linkage: Linkage
    nodes: list[str]
    splits: pd.DataFrame

    @property
    def merges(self) -> np.ndarray:
        return self.linkage.merges

    @property
    def leaf_of_cell(self) -> np.ndarray:
        return self.linkage.leaf_of_cell

    @property
    def n_leaves(self) -> int:
        """Most clusters that `cut` can give."""
        return self.linkage.n_leaves

    @property
    def n_clusters(self) -> int:
        """Clusters of the fit that have cells."""
        return len(np.unique(self.linkage.cluster_of_leaf))

    @checked
    def level(self, n_clusters: int | None = None, resolution: float | None = None) -> int:
        """The number of clusters at a resolution, or the checked number itself.

        Parameters
        ----------
        n_clusters : int, optional
            From 1 to `n_leaves`; `scinno.subcluster` divides a cluster further.
        resolution : float, optional
            1 gives the clusters of the fit, more gives more: all splits of a height of at least
            1 / resolution.

        Raises
        ------
        TypeError
            Not exactly one of both is given, or it is not a number.
        ValueError
            Out of range.
        """
        if (n_clusters is None) == (resolution is None):
            raise TypeError("give either n_clusters or resolution")
        if resolution is not None:
            if isinstance(resolution, bool) or not isinstance(resolution, int | float | np.number):
                raise TypeError(f"resolution must be a positive number, got {resolution!r}")
            if not resolution > 0:
                raise ValueError(f"resolution must be a positive number, got {resolution!r}")
            return 1 + int((self.merges[:, 2] >= 1 / resolution).sum())
        return check_integer(n_clusters, "n_clusters", 1, self.n_leaves)

    def cut(self, n_clusters: int | None = None, resolution: float | None = None) -> np.ndarray:
        """Labels at a level, int32 (cells,), 0 for the largest; `names` has their names.

        Levels are nested: those of fewer clusters are unions of those of more. At the number of
        clusters of the fit they are its own labels. At any other number they are not what a new fit
        with that number gives. Parameters and errors as `level`.
        """
        return self._numbers(self.level(n_clusters, resolution))[self.leaf_of_cell]

    def names(self, n_clusters: int | None = None, resolution: float | None = None) -> list[str]:
        """Names of the clusters of `cut`, by their label. Parameters and errors as `level`."""
        k = self.level(n_clusters, resolution)
        node, number = self.linkage.cut(k), self._numbers(k)
        return [self.nodes[node[number == j][0]] for j in range(k)]

    def above(self, n_clusters: int) -> np.ndarray:
        """The last merges, float64 (n_clusters − 1, 4), of the clusters of a level as leaves.

        As `merges`; the leaves are in the order of `names`.
        """
        n, k = self.n_leaves, self.level(n_clusters)
        node, number = self.linkage.cut(k), self._numbers(k)
        place = {int(node[number == j][0]): j for j in range(k)}
        leaves = np.ones(2 * k - 1)
        table = np.zeros((k - 1, 4))
        for step, row in enumerate(self.merges[n - k :]):
            a, b = sorted(place[int(side)] for side in row[:2])
            place[2 * n - k + step] = k + step
            leaves[k + step] = leaves[a] + leaves[b]
            table[step] = a, b, row[2], leaves[k + step]
        return table

    def _numbers(self, k: int) -> np.ndarray:
        """Label of each leaf where ``k`` clusters are left, int32 (leaves,)."""
        if k == self.n_clusters:
            return self.linkage.cluster_of_leaf
        node = self.linkage.cut(k)
        found, place = np.unique(node, return_inverse=True)
        sizes = np.bincount(place, self.linkage.sizes)
        # Of equal sizes the one of the lower cluster first.
        first = np.array([self.linkage.cluster_of_leaf[place == j].min() for j in range(k)])
        number = np.empty(len(found), dtype=np.int32)
        number[np.lexsort((found, first, -sizes))] = np.arange(len(found))
        return number[place]

    def __repr__(self) -> str:
        return (
            f"scinno.ClusterTree: {len(self.leaf_of_cell)} cells, {self.n_clusters} clusters, "
            f"up to {self.n_leaves} by cut()"
        )


def node_names(linkage: Linkage) -> list[str]:
    """Name of each node, leaves first: "0+3" above the clusters, "3.1" below cluster 3."""
    n = linkage.n_leaves
    below = linkage.leaves_of_nodes()
    names = [""] * len(below)
    for node in range(len(below) - 1, -1, -1):
        owners = np.unique(linkage.cluster_of_leaf[below[node]])
        whole = np.isin(linkage.cluster_of_leaf, owners).sum() == len(below[node])
        if whole:
            names[node] = "+".join(str(owner) for owner in owners)
        if node < n:
            continue
        sides = linkage.merges[node - n, :2].astype(int).tolist()
        sides.sort(key=lambda side: -int(linkage.sizes[below[side]].sum()))
        for place, side in enumerate(sides, start=1):
            names[side] = f"{names[node]}.{place}"
    return names
