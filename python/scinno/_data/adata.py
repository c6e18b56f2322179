"""The matrix of an AnnData object: X, a layer or .raw, and where counts are if that has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import anndata as ad
import numpy as np
import scipy.sparse as sp

from scinno._data.blocks import in_memory
from scinno._data.counts import MAX_LOG, WrongValuesError
from scinno._data.gene_names import check_orientation

# The name of .raw as a layer, where no layer has it.
RAW = "raw"
# Values that are looked at to tell counts.
LOOKED_AT = 100_000


def counts_of(adata: ad.AnnData, layer: str | None) -> Any:
    """The matrix to cluster, read into memory if it lies on the disk; sparse stays sparse."""
    return in_memory(matrix_of(adata, layer))


def raw_as_x(adata: ad.AnnData, layer: str | None) -> tuple[ad.AnnData, str | None]:
    """The object to read from and its layer: for ``layer="raw"`` one that has .raw as its X.

    .raw has genes of its own, often more than X. Nothing is copied; an object with a layer of this
    name, or without .raw, is given back as it is.
    """
    if layer != RAW or RAW in adata.layers or adata.raw is None:
        return adata, layer
    raw = adata.raw
    # varm, varp and layers are of the genes of X.
    parts = {"obs": adata.obs, "var": raw.var, "obsm": dict(adata.obsm), "uns": adata.uns}
    return ad.AnnData(raw.X, **parts), None


def matrix_of(adata: ad.AnnData, layer: str | None) -> Any:
    """The matrix as it lies in the object, also if that is on the disk.

    Parameters
    ----------
    adata : AnnData, (cells, genes)
    layer : str, optional
        Not .raw, which has other genes: see `raw_as_x`.

    Raises
    ------
    ValueError
        There is no matrix, or its names say that it is genes × cells.
    KeyError
        No such layer.
    """
    check_orientation(adata.var_names[:5000], adata.obs_names[:5000])
    if layer is None:
        x = adata.X
        if x is None:
            raise ValueError(
                f"adata.X is empty: name the layer that holds the counts{_hint(matrices_in(adata))}"
            )
    elif layer not in adata.layers:
        known = ", ".join(repr(name) for name in adata.layers) or "none"
        raw = ", and there is no .raw" if layer == RAW else ""
        raise KeyError(f"layer {layer!r} is not in adata.layers, which holds: {known}{raw}")
    else:
        x = adata.layers[layer]
    return x


def matrices_in(adata: ad.AnnData) -> dict[str, Any]:
    """Layers by name, and .raw."""
    found = dict(adata.layers)
    if adata.raw is not None:
        found.setdefault(RAW, adata.raw.X)
    return found


@contextmanager
def naming_counts(matrices: Callable[[], Mapping[str, Any]], used: str | None) -> Iterator[None]:
    """Add to an error about values where counts seem to be.

    Parameters
    ----------
    matrices : callable
        Gives the layers by name, as `matrices_in`, or some of their values.
    used : str, optional
        The layer that the values are of.

    Raises
    ------
    ValueError
        As raised inside, with the layers that look like counts.
    """
    try:
        yield
    except WrongValuesError as error:
        others = {name: x for name, x in matrices().items() if name != used}
        raise ValueError(f"{error}{_hint(others)}") from error


def _hint(matrices: Mapping[str, Any]) -> str:
    """Where counts are, else where logs of counts are, as the end of a sentence."""
    kinds = {name: _looks_like(x) for name, x in matrices.items()}
    for kind, words, declared in (("counts", "Counts seem", ""), ("log", "Log values seem",
                                                                   ", input='log'")):  # fmt: skip
        if names := [name for name, found in kinds.items() if found == kind]:
            shown = [f".{name}" if name == RAW else f"layer {name!r}" for name in names]
            return (
                f". {words} to be in {' and '.join(shown)}: layer={names[0]!r}{declared}, "
                f"on the command line --layer {names[0]}{' --input log' if declared else ''}"
            )
    return ""


def _looks_like(x: Any) -> str:
    """What the first values of a matrix are: "counts", "log", or neither: ""."""
    if sp.issparse(x):
        values = x.data[:LOOKED_AT]
    elif len(x.shape) == 2 and x.shape[1]:
        values = np.asarray(in_memory(x[: max(1, LOOKED_AT // x.shape[1])])).ravel()
    else:
        return ""
    if values.dtype.kind not in "iufb" or not values.any() or not (values >= 0).all():
        return ""
    if (values == np.rint(values)).all():
        return "counts"
    return "log" if values.max() <= MAX_LOG else ""
