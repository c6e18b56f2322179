"""The quality report of a set, and principal components that favor no method."""

from __future__ import annotations

import re
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scanpy as sc
import scipy.sparse as sp
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

MITOCHONDRIAL = re.compile(r"^mt[-.]", re.IGNORECASE)
# Column of obs with the batch.
BATCH = "batch"
NEIGHBORS = 15


def common_components(matrix: sp.csr_matrix, kind: str) -> np.ndarray:
    """Fifty principal components of log counts, float32 (cells, axes).

    Genes in three cells or more, counts brought to the median library size, log1p, 2500 most
    variable genes (scanpy, flavor "seurat"), not scaled.
    """
    data = ad.AnnData(matrix.astype(np.float32))
    sc.pp.filter_genes(data, min_cells=min(3, data.n_obs))
    if kind != "log":
        sc.pp.normalize_total(data)
        sc.pp.log1p(data)
    if data.n_vars > 2500:
        sc.pp.highly_variable_genes(data, n_top_genes=2500)
        data = data[:, data.var["highly_variable"]].copy()
    axes = min(50, data.n_obs - 1, data.n_vars - 1)
    values = data.X.astype(np.float64)
    return PCA(axes, svd_solver="arpack", random_state=0).fit_transform(values).astype(np.float32)


def quality(
    data: ad.AnnData,
    matrix: sp.csr_matrix,
    kind: str,
    truth: np.ndarray,
    points: np.ndarray,
    doublets: bool,
) -> dict[str, Any]:
    """The quality report of a set, to read before its scores.

    Parameters
    ----------
    data : AnnData
        The set, for gene names and batches.
    matrix : csr_matrix, (cells, genes)
        Its checked values.
    kind : {"counts", "log", "normalized"}
    truth : ndarray of str, (cells,)
    points : ndarray, (cells, axes)
        `common_components`, for the mix of batches.
    doublets : bool
        Run scanpy's scrublet, too (counts only; slow).

    Returns
    -------
    dict
        Plain numbers and texts; None where a value is unknown.
    """
    named = ad.AnnData(matrix, var=pd.DataFrame(index=data.var_names))
    named.var["mitochondrial"] = [bool(MITOCHONDRIAL.match(name)) for name in named.var_names]
    cells, _ = sc.pp.calculate_qc_metrics(
        named, qc_vars=["mitochondrial"], percent_top=None, log1p=False
    )
    sizes = pd.Series(truth).value_counts()
    counts = kind == "counts"
    mitochondrial = int(named.var["mitochondrial"].sum())
    share = cells["pct_counts_mitochondrial"].median() if mitochondrial and counts else None
    report: dict[str, Any] = {
        "values": kind,
        "cells": int(matrix.shape[0]),
        "genes": int(matrix.shape[1]),
        "zeros": 1 - matrix.count_nonzero() / float(np.prod(matrix.shape)),
        "genes_per_cell": float(cells["n_genes_by_counts"].median()),
        "counts_per_cell": float(cells["total_counts"].median()) if counts else None,
        "counts_lowest": float(cells["total_counts"].min()) if counts else None,
        "counts_highest": float(cells["total_counts"].max()) if counts else None,
        "mitochondrial_genes": mitochondrial,
        "mitochondrial_share": None if share is None else float(share) / 100,
        "types": len(sizes),
        "smallest_type": int(sizes.min()),
        "largest_type": int(sizes.max()),
        "doublet_share": _doublets(matrix) if doublets and counts else None,
    }
    batch = data.obs[BATCH].astype(str).to_numpy() if BATCH in data.obs else None
    return report | mix_of_batches(batch, points)


def mix_of_batches(batch: np.ndarray | None, points: np.ndarray) -> dict[str, Any]:
    """How well batches mix: neighbors of another batch, found over expected by chance."""
    if batch is None or not 1 < len(np.unique(batch)) <= 50:
        return {"batches": None, "batch_mix": None}
    near = min(NEIGHBORS, len(batch) - 1)
    _, places = NearestNeighbors(n_neighbors=near + 1).fit(points).kneighbors(points)
    other = (batch[places[:, 1:]] != batch[:, None]).mean()
    shares = np.unique(batch, return_counts=True)[1] / len(batch)
    expected = 1 - float((shares**2).sum())
    return {"batches": len(shares), "batch_mix": float(other / expected)}


def _doublets(matrix: sp.csr_matrix) -> float | None:
    """Share of cells that scrublet calls doublets at its usual score of 0.25."""
    data = ad.AnnData(matrix.astype(np.float32))
    sc.pp.filter_genes(data, min_cells=3)
    try:
        sc.pp.scrublet(data, threshold=0.25, random_state=0, verbose=False)
    except (ValueError, ImportError):  # too few cells or genes, or a part that is not installed
        return None
    return float(data.obs["predicted_doublet"].mean())
