"""Loom files: names under any of their usual attributes, and RNA velocity's layers."""

from __future__ import annotations

import logging
from pathlib import Path

import anndata as ad
import h5py

logger = logging.getLogger("scinno")

# Attributes that hold names, in the order of preference, without case, spaces and marks.
_CELLS = (
    "cellid", "cellids", "obsnames", "cellnames", "cellname", "barcode", "barcodes", "cell",
    "cells", "index",
)  # fmt: skip
_GENES = (
    "gene", "genes", "varnames", "genenames", "genename", "genesymbol", "genesymbols", "symbol",
    "symbols", "geneshortname", "featurename", "name", "accession", "geneid", "geneids",
    "ensembl", "ensemblid", "index",
)  # fmt: skip


def read_loom(path: Path) -> ad.AnnData:
    """Read the main matrix as X, and the layers.

    Raises
    ------
    ImportError
        loompy is not installed.
    """
    from anndata.io import read_loom as read

    with h5py.File(path, "r") as file:
        cells = _named(file["col_attrs"], _CELLS)
        genes = _named(file["row_attrs"], _GENES)
    data = read(
        path, X_name="", obs_names=cells or "", var_names=genes or "", validate=False
    )  # fmt: skip
    data.obs_names, data.var_names = data.obs_names.map(str), data.var_names.map(str)
    if cells is None:
        logger.warning("%s has no names of cells: they are called by their number", path)
    if genes is None:
        data.var_names = [f"gene{j}" for j in range(data.n_vars)]
        logger.warning("%s has no names of genes: they are named gene0, gene1 and so on", path)
    return data


def _named(attributes: h5py.Group, wanted: tuple[str, ...]) -> str | None:
    """The attribute with the names; of several the one that is wanted most."""
    plain = {
        "".join(filter(str.isalnum, name.lower())): name
        for name, values in attributes.items()
        if isinstance(values, h5py.Dataset) and values.ndim == 1
    }
    return next((plain[name] for name in wanted if name in plain), None)
