"""The tree of clusters as a dendrogram."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from scipy.cluster.hierarchy import dendrogram

from scinno._drawing.figure import finish, panels
from scinno._result.fit import Fit
from scinno._tree.cluster_tree import ClusterTree

# Genes that are named at a leaf, and on a branch of at least this part of the tree's height.
NAMED = 3
LONG_BRANCH = 0.3


def tree(
    data: Fit | ClusterTree,
    n_clusters: int | None = None,
    *,
    ax: Axes | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> Axes:
    """The tree of a fit down to a number of clusters, with evidence for each split.

    A dot is a split: its color and number are its support (fraction of cells' nearest neighbors on
    their own side; 0.5 by chance). Beside leaves and long branches are the genes whose denoised
    expression is highest there, compared with the other branch of the split. Distances are the
    heights of `ClusterTree.merges`, as a square root.

    Parameters
    ----------
    data : Fit or ClusterTree
    n_clusters : int, optional
        Default the number of clusters of the fit.
    ax : Axes, optional
    show, save
        As in `scinno.pl.embedding`.

    Raises
    ------
    TypeError
        ``data`` is neither.
    ValueError
        ``n_clusters`` out of range.
    """
    if not isinstance(data, Fit | ClusterTree):
        raise TypeError(
            f"data must be a scinno.Fit or its tree, got {type(data).__name__}; an AnnData holds "
            "no tree: give the Fit that scinno.cluster returned, or scinno.load(...)"
        )
    found = data.tree if isinstance(data, Fit) else data
    k = found.n_clusters if n_clusters is None else found.level(n_clusters)
    if k < 2:
        raise ValueError(f"a tree of {k} cluster has no split to draw")
    names, merges = found.names(k), found.above(k)
    merges[:, 2] = np.sqrt(merges[:, 2])
    sizes = np.bincount(found.cut(k), minlength=k)
    axis = panels(1, ax, (8.0, max(2.5, 0.36 * k + 0.8)))[0]
    genes = _genes_of_branches(found, k)
    labels = [
        f"{name}  ({size:,} cells)" + f"  {genes[leaf]}" * bool(genes[leaf])
        for leaf, (name, size) in enumerate(zip(names, sizes, strict=True))
    ]
    drawn = dendrogram(
        merges, orientation="left", labels=labels, ax=axis, link_color_func=lambda _: "0.4",
        leaf_font_size=9,
    )  # fmt: skip
    _mark_splits(axis, found, drawn["leaves"], merges, genes)
    axis.set(xlabel="height (square root of the cost of the merge)", title=f"{k} clusters")
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.tick_params(axis="y", length=0)
    finish([axis], show, save)
    return axis


def _genes_of_branches(found: ClusterTree, k: int) -> list[str]:
    """Genes that are named at each leaf and merge of ``found.above(k)``; none for the last."""
    rows = found.splits.set_index("n_clusters")
    genes = [""] * (2 * k - 1)
    for step, (a, b) in enumerate(found.above(k)[:, :2].astype(int)):
        row = rows.loc[k - step]
        for node in (a, b):
            own = "genes_left" if _name_of(found, k, node) == row["left"] else "genes_right"
            genes[node] = ", ".join(row[own].split(", ")[:NAMED])
    return genes


def _mark_splits(
    axis: Axes, found: ClusterTree, leaves: list[int], merges: np.ndarray, genes: list[str]
) -> None:
    """Dots with support, and the genes of branches that are long enough for a text."""
    k = len(merges) + 1
    support = found.splits.set_index("n_clusters")["support"]
    place = {leaf: 5.0 + 10 * at for at, leaf in enumerate(leaves)}
    heights = np.concatenate([np.zeros(k), merges[:, 2]])
    colors = colormaps["viridis"]
    for step, (a, b) in enumerate(merges[:, :2].astype(int)):
        height, own = merges[step, 2], support[k - step]
        place[k + step] = (place[a] + place[b]) / 2
        at = (height, place[k + step])
        axis.scatter(*at, s=42, color=colors(2 * max(0.0, own - 0.5)), zorder=3)
        axis.annotate(
            f"{own:.2f}", at, (-5, -9), textcoords="offset points", fontsize=7, ha="right"
        )
        for node in (a, b):
            if node >= k and height - heights[node] >= LONG_BRANCH * heights.max():
                axis.annotate(
                    genes[node], (height, place[node]), (4, 3), textcoords="offset points",
                    fontsize=7, style="italic", color="0.25",
                )  # fmt: skip


def _name_of(found: ClusterTree, k: int, node: int) -> str:
    """Name of a leaf or merge of ``found.above(k)``."""
    return found.names(k)[node] if node < k else found.nodes[2 * found.n_leaves - 2 * k + node]
