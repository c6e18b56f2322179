"""Cells where they lie in their tissue, colored by domain, cluster, a column of obs, or a gene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import anndata as ad
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap

from scinno._clusters.subsample import MAX_CELLS, check_max_cells, sample_cells
from scinno._drawing.figure import check_cmap, check_size, drawing, finish, panels
from scinno._drawing.scatter import point_size
from scinno._drawing.tissue import frame_tissue, plane_of
from scinno._runtime.suggest import did_you_mean
from scinno.pl._embedding import draw_values, sample_note, values_of
from scinno.pl._source import source_of


@drawing
def tissue(
    data: ad.AnnData,
    color: str | Sequence[str] | None = None,
    *,
    spatial_key: str | None = None,
    library_key: str | None = None,
    key: str = "scinno",
    layer: str | None = None,
    size: float | None = None,
    cmap: str | Colormap = "viridis",
    title: str | None = None,
    max_cells: int = MAX_CELLS,
    ncols: int = 2,
    ax: Axes | Sequence[Axes] | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> Axes | list[Axes]:
    """Draw cells where they lie in their tissue, as an image of it: the second axis points down.

    Parameters
    ----------
    data : AnnData, (cells, genes)
        Clustered by `scinno.cluster`; it is not changed.
    color : str or sequence of str, optional
        What to color by, one panel each: ``"domain"``, ``"cluster"``, ``"confidence"``, a column of
        ``obs`` or a gene. Default clusters, and domains where there are some.
    spatial_key : str, optional
        Entry of ``obsm`` with the places; default the one that domains were found with, else
        ``"spatial"``. Of three coordinates the first two are shown.
    library_key : str, optional
        Column of ``obs`` with the slice of each cell: slices are drawn beside each other at one
        scale. Default the one that domains were found with.
    key, layer, size, cmap, title, max_cells, ncols, ax, show, save
        As in `scinno.pl.embedding`.

    Returns
    -------
    Axes, or list of Axes where ``color`` is a sequence or there are several

    Raises
    ------
    TypeError
        ``data`` is not an AnnData.
    KeyError
        No such places, column or gene.
    ValueError
        As `scinno.pl.embedding`.
    """
    if not isinstance(data, ad.AnnData):
        raise TypeError(f"data must be an AnnData, got {type(data).__name__}: a Fit has no places")
    source = source_of(data, key)
    about = data.uns.get(key, {})
    told = about.get("domains", {}) if isinstance(about, Mapping) else {}
    place = spatial_key or told.get("spatial_key") or "spatial"
    if place not in data.obsm:
        raise KeyError(
            f"spatial_key {place!r} is not in adata.obsm: {did_you_mean(place, list(data.obsm))}"
        )
    library = library_key or told.get("library_key")
    if library is not None and library not in data.obs:
        raise KeyError(
            f"library_key {library!r} is not in adata.obs: {did_you_mean(library, list(data.obs))}"
        )
    check_size(size)
    check_cmap(cmap)
    drawn = sample_cells(source.labels, source.seed, check_max_cells(max_cells))
    domain = f"{key}_domain"
    if color is None:
        requested = ["cluster", "domain"] if domain in data.obs else ["cluster"]
    else:
        requested = [color] if isinstance(color, str) else list(color)
    if not requested:
        raise ValueError("color must name at least one thing to color by, got none")
    if "domain" in requested and domain not in data.obs:
        raise KeyError(f"color 'domain' needs obs[{domain!r}]: cluster with spatial_key first")
    names = [domain if name == "domain" else name for name in requested]
    values = [values_of(source, name, drawn, layer) for name in names]
    slices = None if library is None else data.obs[library].to_numpy()[drawn]
    plane = plane_of(np.asarray(data.obsm[place])[drawn], slices)
    axes = panels(len(requested), ax, (6.2, 5.4), ncols)
    note = sample_note(len(drawn), data.n_obs)
    for axis, name, found in zip(axes, requested, values, strict=True):
        area = point_size(len(drawn)) if size is None else size
        draw_values(axis, plane.flat, found, area, "right margin", name, cmap)
        frame_tissue(axis, plane, (title or name) + note)
    finish(axes, show, save)
    return axes[0] if len(axes) == 1 and not isinstance(color, list | tuple) else axes
