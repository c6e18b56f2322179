"""One labeled set with the clusters of each method of a benchmark: the paper's figure 5."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes

from scinno._clusters.subsample import check_max_cells
from scinno._drawing.figure import check_size, drawing, finish, panels
from scinno._drawing.palette import colors_of
from scinno._drawing.scatter import Legend, draw_groups, frame, point_size
from scinno._runtime.validate import check_seed
from scinno.bench.pl._panels import panels_of


@drawing
def maps(
    folder: str | Path,
    data: str | Path,
    methods: Sequence[str] | None = None,
    *,
    seed: int = 0,
    k_given: bool = True,
    size: float | None = None,
    max_cells: int = 5000,
    ncols: int = 3,
    ax: Axes | Sequence[Axes] | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> list[Axes]:
    """Cells of a benchmark's set on one t-SNE, once for the types and once for each method.

    All methods share one map, of principal components of log counts. Clusters have the color of
    the type they match best.

    Parameters
    ----------
    folder : path
        Folder of ``scinno bench``, with results.json and the labels of each run.
    data : path
        The .h5ad file of the set; the folder holds no types.
    methods : sequence of str, optional
        Keys or names, in this order; default all with a finished run, but no ablations.
    seed : int
        Which run of each method; a deterministic method has seed 0 only.
    k_given, size, max_cells, ncols, ax, show, save
        As in `scinno.bench.pl.benchmark` and `scinno.pl.embedding`.

    Returns
    -------
    list of Axes

    Raises
    ------
    FileNotFoundError
        No results.json or labels in ``folder``, or no file ``data``.
    KeyError
        A method without a run on this set.
    ValueError
        The runs are of another file of this name, or no method has a finished run.

    Examples
    --------
    >>> scinno.bench.pl.maps("bench", "data/pbmc.h5ad", save="figure-5.png")  # doctest: +SKIP
    """
    check_size(size)
    max_cells, seed = check_max_cells(max_cells), check_seed(seed)
    shown = panels_of(Path(folder), Path(data), methods, seed, k_given, max_cells)
    axes = panels(len(shown.names), ax, (5.4, 4.6), ncols)
    area = point_size(len(shown.flat)) if size is None else size
    colors = colors_of(shown.levels)
    for place, axis in enumerate(axes):
        legend: Legend = "none" if place else "right margin"
        draw_groups(axis, shown.flat, shown.codes[:, place], shown.levels, colors, area, legend)
        frame(axis, "t-SNE", f"{shown.names[place]}  {shown.scores[place]}".rstrip())
    finish(axes, show, save)
    return axes
