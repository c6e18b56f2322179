"""Axes to draw on, and saving or showing the finished figure."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Sequence
from math import ceil
from pathlib import Path
from typing import ParamSpec, TypeVar

from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import Colormap

from scinno._runtime import atomic
from scinno._runtime.suggest import did_you_mean
from scinno._runtime.validate import check_integer, checked, is_sequence

P = ParamSpec("P")
R = TypeVar("R")
# Square points of a point.
MAX_SIZE = 1e6


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
    if n < 1:
        raise ValueError("there is nothing to draw: name at least one panel")
    if ax is not None:
        sequence = not isinstance(ax, Axes) and is_sequence(ax)
        given = [ax] if isinstance(ax, Axes) else list(ax) if sequence else []
        if not given or not all(isinstance(one, Axes) for one in given):
            raise TypeError(f"ax must be axes of matplotlib, got {type(ax).__name__}")
        if len(given) != n:
            raise ValueError(
                f"ax must be {n} axes, one for each panel, got {len(given)}; leave it out for a "
                "new figure"
            )
        return given
    columns = n if ncols is None else min(n, check_integer(ncols, "ncols", 1, 1000))
    rows = ceil(n / columns)
    figure, grid = plt.subplots(
        rows, columns, figsize=(size[0] * columns, size[1] * rows), squeeze=False,
        layout="constrained",
    )  # fmt: skip
    axes = list(grid.ravel())
    for spare in axes[n:]:
        figure.delaxes(spare)
    return axes[:n]


def drawing(function: Callable[P, R]) -> Callable[P, R]:
    """A public function that draws: its plain arguments are checked, and no figure is left over.

    A figure that it has made is closed if it fails, and when it is written to a file and not shown;
    the axes that it returns can still be used.
    """
    tested = checked(function)

    @functools.wraps(function)
    def draw(*args: P.args, **kwargs: P.kwargs) -> R:
        before = plt.get_fignums()
        done = False
        try:
            result = tested(*args, **kwargs)
            done = kwargs.get("save") is None or bool(kwargs.get("show"))
            return result
        finally:
            for number in plt.get_fignums():
                if not done and number not in before:
                    plt.close(number)

    return draw


def check_size(size: float | None) -> None:
    """Refuse areas of points that cannot be drawn (ValueError)."""
    if size is not None and not 0 < size <= MAX_SIZE:
        raise ValueError(f"size must be above 0 and at most {MAX_SIZE:g}, got {size!r}")


def check_cmap(cmap: str | Colormap) -> None:
    """Refuse colors that matplotlib does not have (ValueError)."""
    if not isinstance(cmap, Colormap) and not (isinstance(cmap, str) and cmap in colormaps):
        hint = did_you_mean(str(cmap), list(colormaps), 5)
        raise ValueError(f"cmap must be one of matplotlib's, got {cmap!r}: {hint}")


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
        if path.is_dir():
            raise IsADirectoryError(f"save must be a file, but {path} is a folder")
        if not path.absolute().parent.is_dir():
            raise FileNotFoundError(f"save {path}: there is no folder {path.parent}")
        figure = axes[0].get_figure(root=True)
        assert figure is not None
        buffer = io.BytesIO()
        kind = path.suffix.removeprefix(".") or None
        known = figure.canvas.get_supported_filetypes()
        if kind is not None and kind.lower() not in known:
            raise ValueError(
                f"save {path}: matplotlib cannot write the format {kind!r}, only {', '.join(known)}"
            )
        figure.savefig(buffer, format=kind, dpi=150, bbox_inches="tight")
        atomic.write_file(path, buffer.getvalue())
    if show:
        plt.show()
