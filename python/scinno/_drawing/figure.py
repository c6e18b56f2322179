"""Axes to draw on, and saving or showing the finished figure."""

from __future__ import annotations

import io
from collections.abc import Sequence
from math import ceil
from pathlib import Path

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from scinno._runtime import atomic


def panels(
    n: int,
    ax: Axes | Sequence[Axes] | None,
    size: tuple[float, float],
    ncols: int | None = None,
) -> list[Axes]:
    """The given axes, else those of a new figure.

    Parameters
    ----------
    n : int
        Number of panels.
    size : tuple of float
        Width and height of one panel, inches.
    ncols : int, optional
        Panels in a row; default all.

    Raises
    ------
    ValueError
        The number of given axes is not ``n``.
    """
    if ax is not None:
        given = [ax] if isinstance(ax, Axes) else list(ax)
        if len(given) != n:
            raise ValueError(
                f"ax must be {n} axes, one for each panel, got {len(given)}; leave it out for a "
                "new figure"
            )
        return given
    columns = min(n, ncols or n)
    rows = ceil(n / columns)
    figure, grid = plt.subplots(
        rows, columns, figsize=(size[0] * columns, size[1] * rows), squeeze=False,
        layout="constrained",
    )  # fmt: skip
    axes = list(grid.ravel())
    for spare in axes[n:]:
        figure.delaxes(spare)
    return axes[:n]


def finish(axes: list[Axes], show: bool, save: str | Path | None) -> None:
    """Write and show the figure, if requested.

    Raises
    ------
    FileNotFoundError
        The folder of ``save`` does not exist.
    ValueError
        matplotlib cannot write the format of the file name.
    """
    if save is not None:
        path = Path(save)
        if not path.absolute().parent.is_dir():
            raise FileNotFoundError(f"save {path}: there is no folder {path.parent}")
        figure = axes[0].get_figure(root=True)
        assert figure is not None
        buffer = io.BytesIO()
        kind = path.suffix.removeprefix(".") or None
        figure.savefig(buffer, format=kind, dpi=150, bbox_inches="tight")
        atomic.write_file(path, buffer.getvalue())
    if show:
        plt.show()
