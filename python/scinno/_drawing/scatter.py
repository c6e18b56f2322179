"""Cells as points on two dimensions, colored by groups or by numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap

from scinno._drawing.names import as_label
from scinno._drawing.palette import NO_GROUP

# Position of the names of groups.
Legend = Literal["on data", "right margin", "none"]
# Entries of a column of the legend.
LEGEND_ROWS = 14
# With more groups than these colors repeat, and a legend would be larger than the picture.
MAX_LEGEND = 60


def point_size(n: int) -> float:
    """Area of a point (square points of a page) for ``n`` cells."""
    return float(np.clip(30_000 / max(n, 1), 2, 40))


def draw_groups(
    axes: Axes,
    flat: np.ndarray,
    codes: np.ndarray,
    levels: Sequence[str],
    colors: Sequence[str],
    size: float,
    legend: Legend,
) -> None:
    """Draw cells by group.

    Parameters
    ----------
    flat : ndarray of float, (cells, 2)
    codes : ndarray of int, (cells,)
        Index of each cell's group in ``levels``; −1 for none, drawn gray and below the others.
    """
    all_colors = np.array([*colors, NO_GROUP])
    order = np.argsort(codes >= 0, kind="stable")
    axes.scatter(
        flat[order, 0], flat[order, 1], c=all_colors[codes[order]], s=size, lw=0, rasterized=True
    )
    shown = [j for j in range(len(levels)) if (codes == j).any()]
    if legend == "on data":
        for j in shown:
            x, y = np.median(flat[codes == j], axis=0)
            text = axes.text(
                x, y, as_label(levels[j]), ha="center", va="center", weight="bold", size=11
            )
            text.set_bbox({"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.7})
    elif legend == "right margin" and len(shown) <= MAX_LEGEND:
        for j in shown:
            axes.scatter([], [], c=colors[j], s=30, label=as_label(levels[j]))
        if (codes < 0).any():
            axes.scatter([], [], c=NO_GROUP, s=30, label="none")
        axes.legend(
            fontsize=8, frameon=False, ncols=1 + len(shown) // LEGEND_ROWS, loc="upper left",
            bbox_to_anchor=(1, 1),
        )  # fmt: skip


def draw_numbers(
    axes: Axes,
    flat: np.ndarray,
    values: np.ndarray,
    size: float,
    label: str,
    cmap: str | Colormap = "viridis",
    limits: tuple[float | None, float | None] = (None, None),
    low_on_top: bool = False,
) -> None:
    """Draw cells by number, with a color bar; NaN is gray and below the others.

    Parameters
    ----------
    flat : ndarray of float, (cells, 2)
    values : ndarray of float, (cells,)
    limits : tuple
        Limits of the color bar; default the minimum and maximum.
    low_on_top : bool
        Draw the cells with the smallest numbers last, not those with the largest.
    """
    known = np.isfinite(values)
    axes.scatter(flat[~known, 0], flat[~known, 1], c=NO_GROUP, s=size, lw=0, rasterized=True)
    order = np.argsort(-values[known] if low_on_top else values[known], kind="stable")
    points = axes.scatter(
        flat[known][order, 0], flat[known][order, 1], c=values[known][order], s=size, lw=0,
        cmap=cmap, vmin=limits[0], vmax=limits[1], rasterized=True,
    )  # fmt: skip
    axes.figure.colorbar(points, ax=axes, shrink=0.7, label=as_label(label))


def frame(axes: Axes, name: str, title: str) -> None:
    """Name the axes and remove what has no meaning on a map: ticks and half of the frame."""
    name = as_label(name)
    axes.set(xticks=[], yticks=[], xlabel=f"{name} 1", ylabel=f"{name} 2", title=as_label(title))
    axes.spines[["top", "right"]].set_visible(False)
