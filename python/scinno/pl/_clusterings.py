"""Several clusterings of the same cells side by side: the paper's figure 5."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.optimize import linear_sum_assignment

from scinno._anndata.markers import cluster_column
from scinno._clusters.subsample import MAX_CELLS, check_max_cells, sample_cells
from scinno._drawing.figure import check_size, drawing, finish, panels
from scinno._drawing.palette import PALETTE
from scinno._drawing.scatter import Legend, draw_groups, frame, point_size
from scinno.pl._embedding import map_of, obs_values, sample_note
from scinno.pl._source import source_of


@drawing
def clusterings(
    adata: ad.AnnData,
    columns: Sequence[str],
    *,
    truth: str | None = None,
    basis: str | Sequence[str] | None = None,
    key: str = "scinno",
    size: float | None = None,
    max_cells: int = MAX_CELLS,
    ncols: int = 3,
    ax: Axes | Sequence[Axes] | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> list[Axes]:
    """Cells on a map once for the true labels and once for each method, as in figure 5.

    Groups of each clustering get the colors of the first one's groups with which they share most
    cells, one to one, so that equal colors mean equal cells.

    Parameters
    ----------
    adata : AnnData, (cells, genes)
        After `scinno.cluster`, with the labels of each method in a column of ``obs``.
    columns : sequence of str
        Columns to draw, one panel each; results of `scinno.cluster` are under its ``key_added``.
    truth : str, optional
        Column with true labels. It is drawn first, and the title of every other panel gets its ARI
        and NMI.
    basis : str or sequence of str, optional
        Map as in `scinno.pl.embedding`; one for each panel draws every method on a separate map.
    key, size, max_cells, ncols, ax, show, save
        As in `scinno.pl.embedding`.

    Returns
    -------
    list of Axes

    Raises
    ------
    TypeError
        ``adata`` is not an AnnData.
    KeyError
        No such column or map.
    ValueError
        No results under ``key``, no columns, another number of maps than panels, or a column that
        does not hold a clustering.
    """
    if not isinstance(adata, ad.AnnData):
        raise TypeError(f"adata must be an AnnData, got {type(adata).__name__}")
    check_size(size)
    max_cells = check_max_cells(max_cells)
    source = source_of(adata, key)
    names = list(dict.fromkeys([*([] if truth is None else [truth]), *columns]))
    if not names:
        raise ValueError("columns must name at least one clustering, got none")
    bases = [basis] * len(names) if basis is None or isinstance(basis, str) else list(basis)
    if len(bases) != len(names):
        raise ValueError(f"basis must be one map, or {len(names)} (one a panel), got {len(bases)}")
    drawn = sample_cells(source.labels, source.seed, max_cells)
    all_cells = np.arange(adata.n_obs)
    groups = [obs_values(cluster_column(adata, name), name, all_cells) for name in names]
    maps = {name: map_of(source, name, drawn) for name in dict.fromkeys(bases)}
    axes = panels(len(names), ax, (5.4, 4.6), ncols)
    note = sample_note(len(drawn), adata.n_obs)
    for axis, name, own, on in zip(axes, names, groups, bases, strict=True):
        flat, map_name = maps[on]
        levels = [str(level) for level in own.cat.categories]
        area = point_size(len(drawn)) if size is None else size
        codes = own.cat.codes.to_numpy()[drawn]
        legend: Legend = "right margin" if name == truth else "on data"
        draw_groups(axis, flat, codes, levels, _colors(groups[0], own), area, legend)
        frame(axis, map_name, name + _agreement(groups[0], own, truth, name) + note)
    finish(axes, show, save)
    return axes


def _colors(first: pd.Series, own: pd.Series) -> list[str]:
    """Colors of the groups of ``own``, taken from groups of ``first``; others get new ones."""
    a, b = first.cat.codes.to_numpy(), own.cat.codes.to_numpy()
    known = (a >= 0) & (b >= 0)
    shared = np.zeros((len(first.cat.categories), len(own.cat.categories)), dtype=np.int64)
    np.add.at(shared, (a[known], b[known]), 1)
    rows, columns = linear_sum_assignment(-shared)
    place = {int(j): int(i) for i, j in zip(rows, columns, strict=True) if shared[i, j]}
    new = iter(range(shared.shape[0], shared.shape[0] + shared.shape[1]))
    return [
        PALETTE[(place[j] if j in place else next(new)) % len(PALETTE)]
        for j in range(shared.shape[1])
    ]


def _agreement(first: pd.Series, own: pd.Series, truth: str | None, name: str) -> str:
    if truth is None or name == truth:
        return ""
    from scinno._clusters.agreement import agreement

    known = own.notna().to_numpy()
    found = agreement(first.to_numpy()[known], own.cat.codes.to_numpy()[known])
    return "".join(f"  {score} {value:.2f}" for score, value in found.items())
