"""Memberships between clusters, and the confidence of cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap

from scinno._anndata.results import UNCERTAIN, mean_memberships
from scinno._drawing.figure import check_cmap, drawing, finish, panels
from scinno._drawing.names import as_label
from scinno._drawing.palette import PALETTE
from scinno.pl._source import source_of

# Up to this many clusters each square shows its value.
MAX_CLUSTERS_WITH_VALUES = 16


@drawing
def memberships(
    data: Any,
    *,
    key: str = "scinno",
    cmap: str | Colormap = "viridis",
    ax: Axes | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> Axes:
    """Heat map of the mean membership of each cluster's cells in every cluster.

    Off the diagonal, a high value means that two clusters overlap.

    Parameters
    ----------
    data : AnnData, (cells, genes), or Fit
        All cells are used, however many they are.
    key, ax, show, save
        As in `scinno.pl.embedding`.
    cmap : str or Colormap
        matplotlib's colors, from 0 to 1.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        ``data`` holds no results; see `scinno.pl.embedding`.
    """
    check_cmap(cmap)
    source = source_of(data, key)
    means = mean_memberships(source.labels, source.memberships)
    k = len(source.names)
    side = float(np.clip(0.5 * k, 4, 12))
    [axis] = panels(1, ax, (side + 1.4, side))
    image = axis.imshow(means, cmap=cmap, vmin=0, vmax=1)
    axis.figure.colorbar(image, ax=axis, shrink=0.7, label="mean membership")
    axis.set(
        xticks=range(k), yticks=range(k), xlabel="membership in cluster", ylabel="cells of cluster"
    )
    long = max(len(name) for name in source.names) > 3
    labels = [as_label(name) for name in source.names]
    axis.set_xticklabels(labels, rotation=90 if long else 0)
    axis.set_yticklabels(labels)
    if k <= MAX_CLUSTERS_WITH_VALUES:
        for i, j in np.argwhere(means >= 0.005):
            r, g, b, _ = image.cmap(image.norm(means[i, j]))
            dark = 0.3 * r + 0.59 * g + 0.11 * b < 0.5
            axis.text(
                j, i, f"{means[i, j]:.2f}".lstrip("0"), ha="center", va="center", fontsize=8,
                color="white" if dark else "black",
            )  # fmt: skip
    finish([axis], show, save)
    return axis


@drawing
def confidence(
    data: Any,
    *,
    key: str = "scinno",
    ax: Axes | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> Axes:
    """Membership of cells in their own cluster, cluster by cluster.

    A box holds the middle half of a cluster's cells and its whiskers the middle 90 %. Below the
    dashed line, at 0.6, the report calls cells uncertain.

    Parameters
    ----------
    data : AnnData, (cells, genes), or Fit
        All cells are used; unassigned ones are left out.
    key, ax, show, save
        As in `scinno.pl.embedding`.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        ``data`` holds no results; see `scinno.pl.embedding`.
    """
    source = source_of(data, key)
    values = source.memberships.max(axis=1)
    boxes, names = [], []
    for j, name in enumerate(source.names):
        in_cluster = values[source.labels == j]
        if len(in_cluster):
            low, q1, med, q3, high = np.quantile(in_cluster, [0.05, 0.25, 0.5, 0.75, 0.95])
            boxes.append({"med": med, "q1": q1, "q3": q3, "whislo": low, "whishi": high})
            names.append(name)
    [axis] = panels(1, ax, (max(4.0, 1.5 + 0.5 * len(names)), 4))
    axis.bxp(
        boxes, showfliers=False, patch_artist=True, boxprops={"facecolor": "#dbe6f1"},
        medianprops={"color": PALETTE[0], "linewidth": 2},
    )  # fmt: skip
    axis.axhline(UNCERTAIN, color="0.4", lw=1, ls="--")
    axis.set(ylim=(0, 1.02), xlabel="cluster", ylabel="membership in own cluster")
    axis.set_xticks(range(1, len(names) + 1), [as_label(name) for name in names])
    if names and max(len(name) for name in names) > 3:
        axis.tick_params(axis="x", rotation=90)
    axis.spines[["top", "right"]].set_visible(False)
    finish([axis], show, save)
    return axis
