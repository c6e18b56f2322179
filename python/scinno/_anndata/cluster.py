"""The AnnData door: take counts out, fit, put the results where scverse users look for them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import torch

import scinno
from scinno._clusters.uncertainty import uncertain_cells
from scinno._fit import fit
from scinno._result.fit import Fit

# Category of cells that a threshold has set aside: they are in no cluster.
UNASSIGNED = "unassigned"


def cluster(
    adata: ad.AnnData,
    n_clusters: int | tuple[int, int] | None = None,
    *,
    layer: str | None = None,
    key_added: str = "scinno",
    unassigned: float | None = None,
    **options: Any,
) -> Fit:
    """Cluster the cells of an AnnData object and write the results into it.

    Parameters
    ----------
    adata : AnnData, (cells, genes)
        In memory, or a view (which then becomes a copy of its own, as in scanpy). Backed or lazy
        cells are read in blocks, never whole; the results are then in the object, not in its file.
    n_clusters : int or (int, int), optional
        Number of clusters, or a range for it; estimated when not given.
    layer : str, optional
        Layer that holds the counts; default ``adata.X``.
    key_added : str
        Name under which results are stored:
        ``obs[key]`` categorical, ``obs[key + "_confidence"]`` float32,
        ``_second`` and ``_second_membership`` the next best cluster, ``_doublet_like`` bool,
        ``obsm["X_" + key]`` the embedding, ``obsm[key + "_memberships"]``,
        ``uns[key]`` settings, seed, history, evidence for K where it was estimated, warnings,
        versions.
    unassigned : float, optional
        Cells whose confidence is below this, 0 to 1, are "unassigned" in ``obs[key]``. They stay
        in the object, and the Fit that is returned has a label for them as for every cell.
    **options
        Anything `scinno.fit` takes.

    Returns
    -------
    Fit

    Raises
    ------
    TypeError
        ``adata`` is no AnnData.
    ValueError
        As `scinno.fit`; ``unassigned`` out of range; an unknown layer (KeyError).
    """
    if not isinstance(adata, ad.AnnData):
        raise TypeError(f"adata must be an AnnData, got {type(adata).__name__}; see scinno.fit")
    check_unassigned(unassigned)
    result = fit(matrix_of(adata, layer), n_clusters, genes=adata.var_names, **options)
    store(adata, result, key_added, layer, unassigned)
    return result


def counts_of(adata: ad.AnnData, layer: str | None) -> Any:
    """The matrix to cluster, read into memory (sparse stays sparse) if the object is backed."""
    x = matrix_of(adata, layer)
    # Backed sparse and dense matrices, and dask arrays, are no arrays yet.
    if hasattr(x, "to_memory"):
        return x.to_memory()
    return x[:] if adata.isbacked and not isinstance(x, np.ndarray) else x


def matrix_of(adata: ad.AnnData, layer: str | None) -> Any:
    """The matrix as it lies in the object, also if that is on the disk.

    Raises
    ------
    ValueError
        There is no matrix.
    KeyError
        No such layer.
    """
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


def check_unassigned(threshold: Any) -> None:
    """Refuse a threshold that is no number from 0 to 1 (ValueError)."""
    number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
    if threshold is not None and not (number and 0 <= threshold <= 1):
        raise ValueError(f"unassigned must be from 0 to 1, got {threshold!r}")


def store(
    adata: ad.AnnData,
    result: Fit,
    key: str,
    layer: str | None = None,
    unassigned: float | None = None,
) -> None:
    """Write labels, memberships, embedding and settings into ``adata`` under ``key``."""
    if adata.is_view:
        adata._init_as_actual(adata.copy())
    levels = [str(k) for k in range(result.n_clusters)]
    labels = result.labels.astype(str)
    if unassigned is not None:
        levels.append(UNASSIGNED)
        labels = np.where(result.confidence < unassigned, UNASSIGNED, labels)
    adata.obs[key] = pd.Categorical(labels, categories=levels)
    adata.obs[f"{key}_confidence"] = result.confidence
    table = uncertain_cells(result.memberships, result.code, result.labels)
    adata.obs[f"{key}_second"] = pd.Categorical(
        table["second"].astype(str), categories=[str(k) for k in range(result.n_clusters)]
    )
    adata.obs[f"{key}_second_membership"] = table["second_membership"].to_numpy()
    adata.obs[f"{key}_doublet_like"] = table["doublet_like"].to_numpy()
    adata.obsm[f"X_{key}"] = result.embedding
    adata.obsm[f"{key}_memberships"] = result.memberships
    adata.uns[key] = {
        "params": {k: v for k, v in asdict(result.settings).items() if v is not None},
        "seed": result.seed,
        "n_clusters": result.n_clusters,
        "history": result.history.copy(),
        "input": result.preprocessing.kind,
        "target_sum": result.preprocessing.target_sum,
        "genes": result.genes.copy(),
        "warnings": np.array(result.warnings, dtype=str),
        "versions": {"scinno": scinno.__version__, "torch": str(torch.__version__)},
    }
    if layer is not None:
        adata.uns[key]["layer"] = layer
    if unassigned is not None:
        adata.uns[key]["unassigned"] = float(unassigned)
    if result.k_evidence is not None:
        adata.uns[key]["k_evidence"] = result.k_evidence.copy()
