"""Cells between the levels of a clustering: who divides into what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scinno._tree.cluster_tree import ClusterTree
from scinno._tree.dendrogram import dendrogram_of

# Levels between two groups and the clusters of a fit that are shown, and how much finer the last
# one is.
LEVELS_SHOWN = 7
FINER = 1.5
# Passes over the levels that put clusters beside those that they share cells with.
SWEEPS = 8


@dataclass(frozen=True)
class Flow:
    """Clusters of several levels as nodes, and the cells that they share as edges.

    Attributes
    ----------
    titles : list of str, (levels,)
    level : ndarray of int, (nodes,)
        Place in ``titles``.
    names : list of str, (nodes,)
    sizes : ndarray of int64, (nodes,)
        Cells.
    place : ndarray of float64, (nodes,)
        Across the levels; nodes of one level are at least 1 apart.
    group : ndarray of int, (nodes,)
        Color: number of the cluster of one chosen level that most of the cells are in.
    edges : ndarray of int64, (edges, 3)
        Node, node of the next level, cells in both.
    """

    titles: list[str]
    level: np.ndarray
    names: list[str]
    sizes: np.ndarray
    place: np.ndarray
    group: np.ndarray
    edges: np.ndarray


def shown_levels(tree: ClusterTree) -> list[int]:
    """Numbers of clusters from 2 to those of the fit, some left out if they are many, and more."""
    own = tree.n_clusters
    found = np.geomspace(min(2, own), own, LEVELS_SHOWN).round().astype(int)
    finest = min(tree.n_leaves, int(np.ceil(FINER * own)))
    return sorted({*found.tolist(), own, finest})


def flow_of_tree(tree: ClusterTree, levels: Sequence[int]) -> Flow:
    """The levels of a tree, fewest clusters first; they are nested, so no edges cross.

    Raises
    ------
    TypeError, ValueError
        A level that the tree does not have.
    """
    numbers = sorted({tree.level(k) for k in levels})
    finest = numbers[-1]
    place = dendrogram_of(tree, finest).place[:finest] if finest > 1 else np.zeros(1)
    own = tree.cut(tree.n_clusters)
    labels = [tree.cut(k) for k in numbers]
    names = [tree.names(k) for k in numbers]
    return _flow([f"{k}" for k in numbers], labels, names, own, place)


def flow_of_labels(
    titles: Sequence[str], labels: Sequence[np.ndarray], names: Sequence[Sequence[str]]
) -> Flow:
    """Any clusterings of the same cells, each beside the next; the last one gives the colors.

    Parameters
    ----------
    titles : sequence of str, (levels,)
    labels : sequence of ndarray of int, (cells,)
        −1 for a cell in no cluster, which is left out there.
    names : sequence of sequence of str
        Of the clusters of each level.
    """
    return _flow(list(titles), labels, names, labels[-1], None)


def _flow(
    titles: list[str],
    labels: Sequence[np.ndarray],
    names: Sequence[Sequence[str]],
    group: np.ndarray,
    finest: np.ndarray | None,
) -> Flow:
    sizes = [
        _shared(own, own, len(n), len(n)).diagonal() for own, n in zip(labels, names, strict=True)
    ]
    shared = [
        _shared(labels[i], labels[i + 1], len(names[i]), len(names[i + 1]))
        for i in range(len(labels) - 1)
    ]
    places = _sorted_places(shared, sizes) if finest is None else _above(shared, finest)
    of_group = [_shared(own, group, len(n), int(group.max()) + 1).argmax(1)
                for own, n in zip(labels, names, strict=True)]  # fmt: skip
    start = np.cumsum([0, *(len(n) for n in names)])
    edges = [
        (start[i] + a, start[i + 1] + b, table[a, b])
        for i, table in enumerate(shared)
        for a, b in np.argwhere(table)
    ]
    return Flow(
        titles,
        np.repeat(np.arange(len(names)), [len(n) for n in names]),
        [str(name) for level in names for name in level],
        np.concatenate(sizes),
        np.concatenate(places),
        np.concatenate(of_group),
        np.array(edges, dtype=np.int64).reshape(-1, 3),
    )


def _shared(a: np.ndarray, b: np.ndarray, n_a: int, n_b: int) -> np.ndarray:
    """Cells in cluster i of one level and j of another, int64 (n_a, n_b)."""
    both = (a >= 0) & (b >= 0)
    return np.bincount(
        a[both].astype(np.int64) * n_b + b[both], minlength=n_a * n_b
    ).reshape(n_a, n_b)  # fmt: skip


def _above(shared: Sequence[np.ndarray], finest: np.ndarray) -> list[np.ndarray]:
    """Nested levels: each cluster stands in the middle of its parts."""
    places = [finest]
    for table in reversed(shared):
        parts = table > 0
        places.insert(0, (parts * places[0]).sum(1) / np.maximum(parts.sum(1), 1))
    return places


def _sorted_places(shared: Sequence[np.ndarray], sizes: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Levels that need not be nested: few edges cross, and every level is as wide as the widest."""
    n = max(len(own) for own in sizes)
    places = [_spread(np.arange(len(own)), n) for own in sizes]
    for sweep in range(SWEEPS):
        steps = range(len(shared)) if sweep % 2 else range(len(shared) - 1, -1, -1)
        for i in steps:
            table, moved, fixed = (shared[i].T, i + 1, i) if sweep % 2 else (shared[i], i, i + 1)
            total = table.sum(1)
            wanted = np.where(total, table @ places[fixed] / np.maximum(total, 1), places[moved])
            places[moved] = _spread(wanted, n)
    return places


def _spread(wanted: np.ndarray, n: int) -> np.ndarray:
    """Evenly spaced places over 0 to ``n`` − 1, in the order of the wanted ones."""
    at = np.empty(len(wanted))
    step = n / len(wanted)
    at[np.argsort(wanted, kind="stable")] = (np.arange(len(wanted)) + 0.5) * step - 0.5
    return at
