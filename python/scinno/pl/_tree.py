"""The tree of clusters as a dendrogram, beside the expression of genes in its leaves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anndata as ad
import numpy as np
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from scinno._drawing.figure import drawing, finish, panels
from scinno._drawing.names import as_label
from scinno._drawing.palette import colors_of
from scinno._result.fit import Fit
from scinno._tree.cluster_tree import ClusterTree
from scinno._tree.dendrogram import Dendrogram, dendrogram_of
from scinno.pl._dots import GENE_WIDTH, draw_dots, leaf_expression

# Genes that are named at a leaf, and on a branch of at least this part of the tree's height.
NAMED = 3
LONG_BRANCH = 0.3
# Inches of the dendrogram where it stands alone, where dots stand beside it, and of a leaf.
ALONE, BESIDE, LEAF = 8.0, 4.6, 0.32


@drawing
def tree(
    data: Fit | ClusterTree,
    n_clusters: int | None = None,
    *,
    adata: ad.AnnData | None = None,
    genes: Sequence[str] | None = None,
    key: str = "scinno",
    layer: str | None = None,
    ax: Axes | Sequence[Axes] | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> list[Axes]:
    """The tree of a fit down to a number of clusters, with evidence for each split.

    A dot on the tree is a split: its color and number are its support (fraction of cells' nearest
    neighbors on their own side; 0.5 by chance). Distances are the heights of `ClusterTree.merges`,
    as a square root. Beside the leaves are genes: color is mean expression, from a gene's lowest to
    its highest leaf, size the fraction of cells that express it.

    Parameters
    ----------
    data : Fit or ClusterTree
        A ClusterTree holds no expression: without ``adata`` genes are named on its branches.
    n_clusters : int, optional
        Default the number of clusters of the fit.
    adata : AnnData, (cells, genes), optional
        The cells of the fit, in their order, with what was clustered; it is not changed. Without it
        the expression is the fit's own, denoised by the network, and all dots are equally large.
    genes : sequence of str, optional
        Default those that distinguish the branches, about 30 at most.
    key, layer : str, optional
        Where ``adata`` holds what was clustered; see `scinno.markers`.
    ax : Axes or two Axes, optional
        Where to draw; a single one gets the dendrogram alone. Default a new figure.
    show, save
        As in `scinno.pl.embedding`.

    Returns
    -------
    list of Axes
        Of the dendrogram, and of the dots where they are drawn.

    Raises
    ------
    TypeError
        ``data`` is neither.
    ValueError
        ``n_clusters`` out of range, ``adata`` of other cells, or ``genes`` without expression.
    KeyError
        ``adata`` or the fit does not have a gene.
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
    drawn = dendrogram_of(found, k)
    with_dots = ax is None or not isinstance(ax, Axes)
    expression = None
    if with_dots and (isinstance(data, Fit) or adata is not None or genes is not None):
        chosen = drawn.distinguishing() if genes is None else list(genes)
        expression = leaf_expression(data, found.cut(k), k, chosen, adata, key, layer)
    shown = expression is not None and len(expression.genes) > 0
    axes = _axes(ax, k, len(expression.genes) if expression is not None else 0)
    _draw_tree(axes[0], drawn, _owners(found, k), name_genes=not shown)
    if expression is not None and shown:
        draw_dots(axes[1], expression, drawn.order)
    finish(axes, show, save)
    return axes


def _axes(ax: Axes | Sequence[Axes] | None, k: int, n_genes: int) -> list[Axes]:
    if ax is not None or not n_genes:
        return panels(2 if n_genes else 1, ax, (ALONE, max(2.5, LEAF * k + 0.8)))
    dots = GENE_WIDTH * n_genes + 0.6
    _, axes = plt.subplots(
        1, 2, figsize=(BESIDE + dots, max(2.6, LEAF * k + 1.5)), layout="constrained",
        width_ratios=(BESIDE, dots),
    )  # fmt: skip
    return list(axes)


def _owners(found: ClusterTree, k: int) -> list[int]:
    """The fit's cluster that most cells of each leaf are in, which gives its color."""
    own, leaf = found.cut(found.n_clusters), found.cut(k)
    return [int(np.bincount(own[leaf == j]).argmax()) for j in range(k)]


def _draw_tree(axis: Axes, drawn: Dendrogram, owners: list[int], name_genes: bool) -> None:
    k = drawn.n_leaves
    for step in range(k - 1):
        axis.plot(*drawn.link(step), color="0.4", lw=1.2, solid_joinstyle="miter", zorder=1)
    colors = np.array(colors_of([str(j) for j in range(max(owners) + 1)]))
    axis.scatter(np.zeros(k), drawn.place[:k], s=36, color=colors[owners], zorder=3, clip_on=False)
    _mark_splits(axis, drawn, name_genes)
    labels = [
        f"{drawn.names[leaf]}  ({drawn.sizes[leaf]:,} cells)"
        + f"  {', '.join(drawn.genes[leaf][:NAMED])}" * (name_genes and bool(drawn.genes[leaf]))
        for leaf in drawn.order
    ]
    axis.set_yticks(range(k), [as_label(label) for label in labels], fontsize=9)
    axis.yaxis.tick_right()
    axis.set(xlabel="height (square root of the cost of the merge)", title=f"{k} clusters")
    # The first leaf at the top; the root at the left, with room for its number.
    axis.set(ylim=(k - 0.4, -0.6), xlim=(1.12 * drawn.height.max(), 0))
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.tick_params(axis="y", length=0, pad=8)


def _mark_splits(axis: Axes, drawn: Dendrogram, name_genes: bool) -> None:
    """Dots with support, and the genes of branches that are long enough for a text."""
    k, heights, colors = drawn.n_leaves, drawn.height, colormaps["viridis"]
    for step, (a, b) in enumerate(drawn.merges):
        own, height = float(drawn.splits["support"][step]), heights[k + step]
        at = (height, drawn.place[k + step])
        axis.scatter(*at, s=42, color=colors(2 * max(0.0, own - 0.5)), zorder=3)
        axis.annotate(
            f"{own:.2f}", at, (-5, -9), textcoords="offset points", fontsize=7, ha="right"
        )
        for node in (a, b) if name_genes else ():
            if node >= k and height - heights[node] >= LONG_BRANCH * heights.max():
                genes = as_label(", ".join(drawn.genes[node][:NAMED]))
                axis.annotate(
                    genes, (height, drawn.place[node]), (4, 3),
                    textcoords="offset points", fontsize=7, style="italic", color="0.25",
                )  # fmt: skip
