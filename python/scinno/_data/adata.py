"""The matrix of an AnnData object."""

from __future__ import annotations

from typing import Any

import anndata as ad

from scinno._data.blocks import in_memory
from scinno._data.gene_names import check_orientation


def counts_of(adata: ad.AnnData, layer: str | None) -> Any:
    """The matrix to cluster, read into memory if it lies on the disk; sparse stays sparse."""
    return in_memory(matrix_of(adata, layer))


def matrix_of(adata: ad.AnnData, layer: str | None) -> Any:
    """The matrix as it lies in the object, also if that is on the disk.

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
            raise ValueError("adata.X is empty: name the layer that holds the counts")
    elif layer not in adata.layers:
        known = ", ".join(repr(name) for name in adata.layers) or "none"
        raise KeyError(f"layer {layer!r} is not in adata.layers, which holds: {known}")
    else:
        x = adata.layers[layer]
    return x
