"""Clusters from level to level: which divide into which."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anndata as ad
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Curve

from scinno._anndata.markers import cluster_column
from scinno._drawing.figure import drawing, finish, panels
from scinno._drawing.names import as_label
from scinno._drawing.palette import colors_of
from scinno._result.fit import Fit
from scinno._runtime.validate import check_integer
from scinno._tree.cluster_tree import ClusterTree
from scinno._tree.flow import Flow, flow_of_labels, flow_of_tree, shown_levels

# Inches between levels, and between the clusters of the finest one.
ACROSS, DOWN = 1.35, 0.36
# Points of a letter of a name; circles at least so wide have their name inside.
LETTER, FONT = 4.6, 8
# Names of merged clusters are cut where they would reach the next level.
ELLIPSIS = "…"


@drawing
def levels(
    data: Fit | ClusterTree | ad.AnnData,
    levels: Sequence[int] | Sequence[str] | None = None,
    *,
    ax: Axes | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> Axes:
    """Clusters of several levels, and how cells flow from one to the next, as in clustree.

    A circle is a cluster, its area the number of cells; a band is as wide as the cells that two
    clusters share are many. Names are those of the tree: "0+3" is what 0 and 3 are merged to, "3.1"
    and "3.2" are halves of 3. Colors are those of the clusters of the fit that most cells are in;
    the number of these is bold.

    Parameters
    ----------
    data : Fit, ClusterTree or AnnData
    levels : sequence of int, or of str, optional
        Numbers of clusters, drawn fewest first; default from 2 to those of the fit, some of them
        where they are many, and half as many more. Of an AnnData two or more columns of ``obs``,
        drawn in their order: any clusterings, which need not be nested. The last one gives the
        colors, and cells that have no cluster in a column are left out there.
    ax : Axes, optional
    show, save
        As in `scinno.pl.embedding`.

    Raises
    ------
    TypeError
        ``data`` is none of these.
    KeyError
        No such column.
    ValueError
        A level that the tree does not have, fewer than two columns, or one without clusters.
    """
    if isinstance(data, ad.AnnData):
        found, own = _of_columns(data, levels), ""
    elif isinstance(data, Fit | ClusterTree):
        tree = data.tree if isinstance(data, Fit) else data
        numbers = shown_levels(tree) if levels is None else [_number(k) for k in levels]
        if not numbers:
            raise ValueError("levels must name at least one number of clusters, got none")
        found, own = flow_of_tree(tree, numbers), str(tree.n_clusters)
    else:
        raise TypeError(
            f"data must be a scinno.Fit, its tree, or an AnnData, got {type(data).__name__}"
        )
    n, rows = len(found.titles), found.place.max() + 1
    axis = panels(1, ax, (ACROSS * n + 0.4, max(2.0, DOWN * rows + 0.7)))[0]
    axis.set(xlim=(-0.5, n - 0.5), ylim=(rows - 0.3, -0.9), yticks=[])
    axis.set_xticks(range(n), [as_label(title) for title in found.titles])
    axis.xaxis.tick_top()
    for label, title in zip(axis.get_xticklabels(), found.titles, strict=True):
        label.set_fontweight("bold" if title == own else "normal")
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    if own:
        axis.set_xlabel("number of clusters")
        axis.xaxis.set_label_position("top")
    figure = axis.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # the layout: sizes of circles follow from it
    _draw(axis, found)
    finish([axis], show, save)
    return axis


def _number(level: object) -> int:
    return check_integer(level, "levels", 1, 2**31)


def _of_columns(adata: ad.AnnData, columns: Sequence[int] | Sequence[str] | None) -> Flow:
    names = [] if columns is None else [str(name) for name in columns]
    if len(names) < 2:
        raise ValueError(
            f"an AnnData holds no tree: levels must name two or more columns of obs, got {names}; "
            "for the levels of a tree give the Fit"
        )
    found = [cluster_column(adata, name).cat.remove_unused_categories() for name in names]
    for name, column in zip(names, found, strict=True):
        if not len(column.cat.categories):
            raise ValueError(f"obs[{name!r}] must hold clusters, got none")
    return flow_of_labels(
        names,
        [column.cat.codes.to_numpy().astype(np.int64) for column in found],
        [[str(value) for value in column.cat.categories] for column in found],
    )


def _draw(axis: Axes, found: Flow) -> None:
    colors = [
        to_rgb(color) for color in colors_of([str(j) for j in range(int(found.group.max()) + 1)])
    ]
    box = axis.get_window_extent()
    point = 72 / axis.figure.dpi
    wide = box.width * point / len(found.titles)
    row = box.height * point / abs(np.diff(axis.get_ylim())[0])
    share = np.sqrt(found.sizes / found.sizes.max())
    widest = min(0.5 * wide, _most_between(found, share, row))
    across = np.maximum(3.5, widest * share)
    for a, b, cells in found.edges:
        start, end = found.level[a], found.level[b]
        middle = (start + end) / 2
        corners = [(start, found.place[a]), (middle, found.place[a]), (middle, found.place[b]),
                   (end, found.place[b])]  # fmt: skip
        axis.add_patch(PathPatch(
            Curve(corners, [Curve.MOVETO, Curve.CURVE4, Curve.CURVE4, Curve.CURVE4]), fill=False,
            edgecolor=colors[found.group[b]], alpha=0.4, zorder=1,
            linewidth=max(0.6, 0.5 * widest * cells / found.sizes.max()),
        ))  # fmt: skip
    edge = np.array([colors[j] for j in found.group])
    axis.scatter(
        found.level, found.place, s=across**2, facecolors=(1 - 0.35 * (1 - edge)).tolist(),
        edgecolors=edge.tolist(),
        linewidths=1.4, zorder=2, clip_on=False,
    )  # fmt: skip
    most = max(3, int(0.85 * wide / LETTER))
    for x, y, name, size in zip(found.level, found.place, found.names, across, strict=True):
        text = name if len(name) <= most else name[: most - 1] + ELLIPSIS
        inside = size > LETTER * len(text) + 3
        axis.annotate(
            as_label(text), (x, y), (0, 0 if inside else size / 2 + 1.5),
            textcoords="offset points", ha="center", va="center" if inside else "bottom",
            fontsize=FONT, zorder=3,
        )  # fmt: skip


def _most_between(found: Flow, share: np.ndarray, row: float) -> float:
    """Largest circle with which all those of a level leave room for the names between them."""
    most = np.inf
    for level in range(len(found.titles)):
        nodes = np.flatnonzero(found.level == level)
        nodes = nodes[np.argsort(found.place[nodes])]
        room = np.diff(found.place[nodes]) * row - 1.5 * FONT
        both = (share[nodes[1:]] + share[nodes[:-1]]) / 2
        most = min(most, (room / both).min(initial=np.inf))
    return float(most)
