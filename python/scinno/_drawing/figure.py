"""Axes to draw on, and what happens to the figure when all is drawn."""

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
    """The axes that were given, else those of a new figure.

    Parameters
    ----------
    n : int
        How many are needed.
    size : tuple of float
        Width and height of one panel, inches.
    ncols : int, optional
        Panels beside each other; default all.

    Raises
    ------
    ValueError
        Another number of axes was given.
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
    places = list(grid.ravel())
    for spare in places[n:]:
        figure.delaxes(spare)
    return places[:n]


def finish(axes: list[Axes], show: bool, save: str | Path | None) -> None:
    """Write the figure, and show it, where that was asked for.

    Raises
    ------
    FileNotFoundError
        There is no folder to write into.
    ValueError
        matplotlib does not know the format that the name ends with.
    """
    if save is not None:
        path = Path(save)
        if not path.absolute().parent.is_dir():
            raise FileNotFoundError(f"save {path}: there is no folder {path.parent}")
        figure = axes[0].get_figure(root=True)
        assert figure is not None
        picture = io.BytesIO()
        kind = path.suffix.removeprefix(".") or None
        figure.savefig(picture, format=kind, dpi=150, bbox_inches="tight")
        atomic.write_file(path, picture.getvalue())
    if show:
        plt.show()
