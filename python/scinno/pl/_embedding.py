"""Cells on a map, colored by cluster, confidence, a column of obs, or a gene."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp
from matplotlib.axes import Axes
from matplotlib.colors import Colormap

from scinno._clusters.subsample import MAX_CELLS, check_max_cells, sample_cells
from scinno._data.adata import matrix_of, raw_as_x
from scinno._drawing.figure import check_cmap, check_size, drawing, finish, panels
from scinno._drawing.palette import colors_of
from scinno._drawing.scatter import Legend, draw_groups, draw_numbers, frame, point_size
from scinno._runtime.suggest import did_you_mean
from scinno.pl._source import Source, source_of

# More values than this are names of cells, not groups.
MAX_LEVELS = 100
# Counts per cell before log1p, as in scinno.markers.
TARGET_SUM = 1e4


@drawing
def embedding(
    data: Any,
    color: str | Sequence[str] | None = None,
    *,
    basis: str | None = None,
    key: str = "scinno",
    layer: str | None = None,
    legend_loc: Literal["auto", "on data", "right margin", "none"] = "auto",
    size: float | None = None,
    cmap: str | Colormap = "viridis",
    title: str | None = None,
    max_cells: int = MAX_CELLS,
    ncols: int = 3,
    ax: Axes | Sequence[Axes] | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> Axes | list[Axes]:
    """Draw cells on a two-dimensional map.

    Parameters
    ----------
    data : AnnData, (cells, genes), or Fit
        An AnnData that `scinno.cluster` has clustered; it is not changed.
    color : str or sequence of str, optional
        What to color by, one panel each: ``"cluster"`` (default), ``"confidence"``, and for an
        AnnData any column of ``obs`` or a gene. Counts of a gene are shown as log(1 + counts per
        10,000), other values as they are.
    basis : str, optional
        Which map. For an AnnData ``"umap"`` means ``obsm["X_umap_<key>"]`` where there is one (the
        command line makes it), else ``obsm["X_umap"]``; any name in ``obsm`` is accepted. For a Fit
        ``"tsne"`` or ``"umap"``. Default: what an AnnData holds, else a t-SNE of the embedding,
        made for this picture (about a minute for 20,000 cells).
    key : str
        ``key_added`` of `scinno.cluster`.
    layer : str, optional
        Layer with the values of genes, or "raw" for ``adata.raw``; default ``X``.
    legend_loc : {"auto", "on data", "right margin", "none"}
        Where names of groups stand; "auto" puts those of clusters on the cells.
    size : float, optional
        Area of a point, in square points; default by the number of cells.
    cmap : str or Colormap
        matplotlib's colors of numbers.
    title : str, optional
        Title of the panel (of one only); default what it is colored by.
    max_cells : int
        Above this many cells a random sample is drawn, and the title says so. Clusters keep at
        least 100 cells each, and the same data give the same sample.
    ncols : int
        Panels beside each other.
    ax : Axes or sequence of Axes, optional
        Where to draw, one for each panel; default a new figure.
    show : bool
        Call ``matplotlib.pyplot.show``.
    save : path, optional
        File to write; its ending is the format. An old file is replaced at the end.

    Returns
    -------
    Axes, or list of Axes where ``color`` is a sequence

    Raises
    ------
    TypeError
        ``data`` is neither an AnnData nor a Fit.
    KeyError
        No such map, column or gene; near names are given.
    ValueError
        No results under ``key``, a column with too many groups, an unknown ``legend_loc``, or
        ``max_cells`` below 1.
    """
    source = source_of(data, key)
    if legend_loc not in ("auto", "on data", "right margin", "none"):
        raise ValueError(
            f"legend_loc must be 'auto', 'on data', 'right margin' or 'none', got {legend_loc!r}"
        )
    check_size(size)
    check_cmap(cmap)
    max_cells = check_max_cells(max_cells)
    requested = ["cluster"] if color is None else [color] if isinstance(color, str) else list(color)
    if not requested:
        raise ValueError("color must name at least one thing to color by, got none")
    drawn = sample_cells(source.labels, source.seed, max_cells)
    # Everything is looked up before anything is drawn: a wrong name leaves no incomplete figure.
    values = [values_of(source, name, drawn, layer) for name in requested]
    flat, map_name = map_of(source, basis, drawn)
    axes = panels(len(requested), ax, (6.2, 5.4), ncols)
    for axis, name, found in zip(axes, requested, values, strict=True):
        draw_values(
            axis, flat, found, point_size(len(drawn)) if size is None else size,
            _legend(legend_loc, name, source), name, cmap,
        )  # fmt: skip
        frame(axis, map_name, (title or name) + sample_note(len(drawn), len(source.labels)))
    finish(axes, show, save)
    return axes[0] if color is None or isinstance(color, str) else axes


def sample_note(drawn: int, cells: int) -> str:
    """End of a title where only a sample of the cells is drawn; empty where all are."""
    return "" if drawn == cells else f" ({drawn:,} of {cells:,} cells)"


def draw_values(
    axis: Axes,
    flat: np.ndarray,
    values: pd.Series,
    size: float,
    legend: Legend,
    name: str,
    cmap: str | Colormap,
) -> None:
    """Draw groups as groups and numbers as numbers."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = [str(level) for level in values.cat.categories]
        codes = values.cat.codes.to_numpy()
        draw_groups(axis, flat, codes, levels, colors_of(levels), size, legend)
        return
    is_confidence = name == "confidence"
    limits: tuple[float | None, float | None] = (0, 1) if is_confidence else (None, None)
    label = "membership in own cluster" if is_confidence else str(values.name)
    draw_numbers(
        axis, flat, values.to_numpy(float), size, label, cmap, limits, low_on_top=is_confidence
    )


def map_of(source: Source, basis: str | None, drawn: np.ndarray) -> tuple[np.ndarray, str]:
    """Positions of the drawn cells, float (drawn, 2), and the name of the map."""
    if source.adata is None:
        return _computed(source, basis or "tsne", drawn)
    stored = source.adata.obsm
    if basis is None:
        names = [f"X_umap_{source.key}", f"X_tsne_{source.key}", "X_umap", "X_tsne"]
        found = next((name for name in names if name in stored), None)
        if found is None:
            return _computed(source, "tsne", drawn)
    else:
        names = [f"X_{basis}_{source.key}", f"X_{basis}", basis]
        found = next((name for name in names if name in stored), None)
        if found is None:
            maps = [name for name in stored if np.ndim(stored[name]) == 2]
            raise KeyError(
                f"basis {basis!r} is not in adata.obsm: {did_you_mean(basis, maps)}; "
                f"sc.pp.neighbors(adata, use_rep='X_{source.key}') and sc.tl.umap(adata) make "
                "'umap', and without basis a t-SNE is made"
            )
    flat = np.asarray(stored[found])
    if flat.ndim != 2 or flat.shape[1] < 2:
        raise ValueError(f"obsm[{found!r}] must be (cells, 2) or wider, got shape {flat.shape}")
    name = found.removeprefix("X_").removesuffix(f"_{source.key}")
    return flat[drawn, :2], {"tsne": "t-SNE", "umap": "UMAP"}.get(name, name)


def _computed(source: Source, kind: str, drawn: np.ndarray) -> tuple[np.ndarray, str]:
    from scinno._drawing import layout

    makers = {"tsne": (layout.tsne, "t-SNE"), "umap": (layout.umap, "UMAP")}
    if kind not in makers:
        raise KeyError(f"basis must be 'tsne' or 'umap' for a Fit, got {kind!r}")
    make, name = makers[kind]
    return make(source.embedding[drawn].astype(np.float32), source.seed), name


def values_of(source: Source, name: str, drawn: np.ndarray, layer: str | None) -> pd.Series:
    """Values to color by: a categorical, or numbers under the name of their color bar."""
    adata = source.adata
    if name == "cluster" or (name == source.key and adata is not None):
        codes = source.labels[drawn]
        return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(source.names)))
    if adata is not None and name in adata.obs:
        return obs_values(adata.obs[name], name, drawn)
    if name == "confidence":
        return pd.Series(source.memberships[drawn].max(axis=1), name=name)
    if adata is None:
        raise KeyError(
            f"color must be 'cluster' or 'confidence' for a Fit, got {name!r}: columns and genes "
            "need the AnnData"
        )
    adata, layer = raw_as_x(adata, layer)
    if name not in adata.var_names:
        known = ["cluster", "confidence", *adata.obs.columns, *adata.var_names]
        raise KeyError(
            f"color {name!r} is neither a column of obs nor a gene: {did_you_mean(name, known)}"
        )
    return _expression(adata, name, drawn, layer)


def obs_values(column: pd.Series, name: str, drawn: np.ndarray) -> pd.Series:
    """A column of obs as numbers or groups.

    Raises
    ------
    ValueError
        More groups than can be distinguished.
    """
    part = column.iloc[drawn]
    if pd.api.types.is_numeric_dtype(part) and not pd.api.types.is_bool_dtype(part):
        return pd.Series(part.to_numpy(float), name=name)
    # Levels of all cells, so that a sample does not change the colors.
    groups = column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype("category")
    levels = len(groups.cat.categories)
    if levels > MAX_LEVELS:
        raise ValueError(
            f"obs[{name!r}] has {levels} groups, and {MAX_LEVELS} can be drawn: is it a name of "
            "cells?"
        )
    return pd.Series(groups.iloc[drawn].to_numpy(), name=name).astype(groups.dtype)


def _expression(adata: Any, gene: str, drawn: np.ndarray, layer: str | None) -> pd.Series:
    place = int(np.flatnonzero(adata.var_names == gene)[0])
    # Only rows that are drawn: a column of a million cells would be read for 20,000 of them.
    rows = sp.csr_matrix(matrix_of(adata, layer)[drawn])
    values = rows[:, [place]].toarray().ravel().astype(float)
    if (rows.data != np.floor(rows.data)).any():
        return pd.Series(values, name=f"{gene} in {layer or 'X'}")
    total = np.maximum(np.asarray(rows.sum(axis=1)).ravel(), 1)
    label = f"{gene}: log(1 + counts per {TARGET_SUM:,.0f})"
    return pd.Series(np.log1p(values / total * TARGET_SUM), name=label)


def _legend(legend_loc: Literal["auto"] | Legend, name: str, source: Source) -> Legend:
    if legend_loc == "auto":
        return "on data" if name in ("cluster", source.key) else "right margin"
    return legend_loc
