"""Cells where they lie in their tissue: slices beside each other at one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scinno._drawing.names import as_label
from scinno._drawing.palette import colors_of
from scinno._drawing.scatter import draw_groups, point_size

# Between slices, in shares of the largest one.
GAP = 0.08


@dataclass(frozen=True)
class Plane:
    """Slices on one plane.

    Attributes
    ----------
    flat : ndarray of float64, (cells, 2)
        Downwards as in an image of the tissue: the second coordinate falls.
    names : tuple of (str, float, float)
        Name of each slice and where it stands, above its middle; none of a single slice.
    """

    flat: np.ndarray
    names: tuple[tuple[str, float, float], ...]


def plane_of(places: np.ndarray, slices: Sequence[object] | np.ndarray | None = None) -> Plane:
    """Put the slices of a tissue beside each other, in rows, with their scale kept.

    Parameters
    ----------
    places : ndarray of float, (cells, 2 or 3)
        The third coordinate is not shown.
    slices : sequence, (cells,), optional
        The slice of each cell.
    """
    flat = np.asarray(places, dtype=np.float64)[:, :2] * (1, -1)
    if slices is None:
        return Plane(flat, ())
    levels, number = np.unique(np.asarray(slices, dtype=str), return_inverse=True)
    if len(levels) == 1:
        return Plane(flat, ())
    low = np.array([flat[number == j].min(axis=0) for j in range(len(levels))])
    high = np.array([flat[number == j].max(axis=0) for j in range(len(levels))])
    size = (high - low).max(axis=0)
    step = size + GAP * size.max()
    columns = ceil(sqrt(len(levels) * max(step[1], 1e-9) / max(step[0], 1e-9)))
    columns = min(max(columns, 1), len(levels))
    flat, names = flat.copy(), []
    for j, level in enumerate(levels):
        corner = np.array([j % columns, -(j // columns)]) * step
        middle = (size - (high[j] - low[j])) / 2
        flat[number == j] += corner + middle - low[j]
        names.append((str(level), corner[0] + size[0] / 2, corner[1] + size[1]))
    return Plane(flat, tuple(names))


def frame_tissue(axes: Axes, plane: Plane, title: str) -> None:
    """One scale for both directions, no ticks, and the names of slices."""
    axes.set_aspect("equal")
    axes.set(xticks=[], yticks=[], title=as_label(title))
    axes.spines[:].set_visible(False)
    for name, x, y in plane.names:
        axes.annotate(
            as_label(name), (x, y), (0, 3), textcoords="offset points", ha="center", va="bottom",
            size=8,
        )  # fmt: skip


def draw_tissue(path: Path, plane: Plane, panels: dict[str, np.ndarray]) -> None:
    """Write one PNG with a panel for each title: cells by their group, int (cells,)."""
    width, height = np.maximum(np.ptp(plane.flat, axis=0), 1e-9)
    tall = float(np.clip(5.6 * height / width, 2.0, 8.0)) + 0.8
    figure = Figure(figsize=(6.6 * len(panels), tall), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (title, codes) in zip(axes, panels.items(), strict=True):
        levels = [str(j) for j in range(int(codes.max()) + 1)]
        size = point_size(len(codes))
        draw_groups(axis, plane.flat, codes, levels, colors_of(levels), size, "right margin")
        frame_tissue(axis, plane, title)
    figure.savefig(path, dpi=130)
