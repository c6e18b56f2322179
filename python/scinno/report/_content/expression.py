"""Expression for the page: measures of every cell, values of the drawn cells only."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from scinno._data.blocks import BlockReader, block_reader_of, iterate_blocks
from scinno._data.counts import WrongValuesError
from scinno._runtime.scratch import ScratchSpace

# Cells that are in memory at once; only sums of the others are kept.
BLOCK = 20_000
# Counts per cell before log1p, as in scinno.markers.
TARGET_SUM = 1e4

MITOCHONDRIAL = re.compile(r"^mt[-.:]", re.IGNORECASE)


@dataclass(frozen=True)
class Expression:
    """Values of the matrix that was clustered.

    Attributes
    ----------
    kind : {"counts", "log"}
    cells : DataFrame, (cells,)
        Of every cell: n_genes (with a value above 0), n_selected (of the selected genes), and for
        counts n_counts and, where gene names begin with MT-, fraction_mt.
    drawn : csr_matrix of float32, (drawn, genes)
        Values of the drawn cells, unchanged.
    log : csr_matrix of float32, (drawn, genes)
        log1p of counts brought to 10,000 per cell; ``drawn`` itself where it is log already.
    """

    kind: Literal["counts", "log"]
    cells: pd.DataFrame
    drawn: sp.csr_matrix
    log: sp.csr_matrix


def read_expression(
    adata: ad.AnnData,
    layer: str | None,
    drawn: np.ndarray,
    selected: np.ndarray,
    values: BlockReader | None = None,
    normalized: bool = False,
) -> Expression:
    """Read the matrix once, a block of cells at a time.

    Parameters
    ----------
    drawn : ndarray of int, ascending
        Cells whose values are kept.
    selected : ndarray of bool, (genes,)
        Genes that the network reads.
    values : BlockReader, (cells, genes), optional
        Taken in place of what ``adata`` holds.
    normalized : bool
        Whether fractions are normalized values or counts without a logarithm.

    Raises
    ------
    ValueError
        No such layer, no matrix, one of other cells or genes, or values below zero, not finite, or
        no numbers.
    """
    if values is None:
        values = block_reader_of(_matrix(adata, layer), ScratchSpace.temporary())
    if values.shape != adata.shape:
        raise ValueError(
            f"values must be of the {adata.n_obs:,} cells × {adata.n_vars:,} genes that were "
            f"clustered, got {values.shape[0]:,} × {values.shape[1]:,}"
        )
    mt = np.array([bool(MITOCHONDRIAL.match(str(name))) for name in adata.var_names])
    blocks, tables, integers = [], [], True
    for start, block in iterate_blocks(values, BLOCK):
        if block.nnz and not block.data.all():
            block = block.copy()
            block.eliminate_zeros()  # a stored zero means not expressed
        _check(block, start, adata)
        integers = integers and bool((block.data == np.floor(block.data)).all())
        tables.append(_measures(block, selected, mt))
        stop = start + block.shape[0]
        rows = drawn[np.searchsorted(drawn, start) : np.searchsorted(drawn, stop)] - start
        blocks.append(block if len(rows) == block.shape[0] else block[rows])
    values = (blocks[0] if len(blocks) == 1 else sp.vstack(blocks)).tocsr().astype(np.float32)
    cells = pd.concat(tables, ignore_index=True)
    if integers or normalized:
        return Expression("counts", cells, values, _log(values))
    cells = cells.drop(columns=["n_counts", "fraction_mt"], errors="ignore")
    return Expression("log", cells, values, values)


def _matrix(adata: ad.AnnData, layer: str | None) -> Any:
    if layer is not None and layer not in adata.layers:
        known = ", ".join(repr(name) for name in adata.layers) or "none"
        raise ValueError(f"layer {layer!r} is not in adata.layers, which holds: {known}")
    x = adata.X if layer is None else adata.layers[layer]
    if x is None:
        raise ValueError(
            "adata.X is empty, as after a run in blocks: name the layer with the counts, or give "
            "them separately (values=, or --values with the file that was clustered)"
        )
    if np.dtype(x.dtype).kind not in "fiub":
        raise ValueError(f"adata.X must hold numbers, got {x.dtype}")
    return x


def _check(block: sp.csr_matrix, start: int, adata: ad.AnnData) -> None:
    bad = ~np.isfinite(block.data) | (block.data < 0)
    if bad.any():
        place = int(np.flatnonzero(bad)[0])
        row = start + int(np.searchsorted(block.indptr, place, side="right")) - 1
        raise WrongValuesError(
            f"adata.X must hold counts or log values, got {block.data[place]:g} "
            f"(cell {adata.obs_names[row]!r}, gene {adata.var_names[block.indices[place]]!r}): "
            "scaled values cannot be shown, name the layer with the counts"
        )


def _measures(block: sp.csr_matrix, selected: np.ndarray, mt: np.ndarray) -> pd.DataFrame:
    """Quality measures of a block of cells, by scanpy."""
    import scanpy as sc

    index = [str(j) for j in range(len(mt))]
    data = ad.AnnData(block, var=pd.DataFrame({"mt": mt}, index=index))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 0 / 0 in cells without counts
        found, _ = sc.pp.calculate_qc_metrics(
            data, qc_vars=["mt"] if mt.any() else [], percent_top=None, log1p=False
        )
    table = {
        "n_counts": found["total_counts"].to_numpy(),
        "n_genes": found["n_genes_by_counts"].to_numpy(),
        "n_selected": block[:, np.flatnonzero(selected)].getnnz(axis=1),
    }
    if mt.any():
        table["fraction_mt"] = np.nan_to_num(found["pct_counts_mt"].to_numpy() / 100)
    return pd.DataFrame(table)


def _log(counts: sp.csr_matrix) -> sp.csr_matrix:
    import scanpy as sc

    data = ad.AnnData(counts.copy())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of cells without counts: they stay zero
        sc.pp.normalize_total(data, target_sum=TARGET_SUM)
    sc.pp.log1p(data)
    return data.X
