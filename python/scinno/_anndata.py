"""The AnnData door: take counts out, fit, put the results where scverse users look for them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

from scinno._fit import fit
from scinno._result import Fit


def cluster(
    adata: ad.AnnData,
    n_clusters: int | None = None,
    *,
    layer: str | None = None,
    key_added: str = "scinno",
    **options: Any,
) -> Fit:
    """Cluster the cells of an AnnData object and write the results into it.

    Parameters
    ----------
    adata : AnnData, (cells, genes)
        In memory, backed, or a view (which then becomes a copy of its own, as in scanpy).
    n_clusters : int, optional
        Number of clusters; estimated when not given.
    layer : str, optional
        Layer that holds the counts; default ``adata.X``.
    key_added : str
        Name under which results are stored:
        ``obs[key]`` categorical, ``obs[key + "_confidence"]`` float32,
        ``obsm["X_" + key]`` the embedding, ``obsm[key + "_memberships"]``,
        ``uns[key]`` settings, seed and history.
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
        As `scinno.fit`; an unknown layer (KeyError).
    """
    if not isinstance(adata, ad.AnnData):
        raise TypeError(f"adata must be an AnnData, got {type(adata).__name__}; see scinno.fit")
    result = fit(counts_of(adata, layer), n_clusters, genes=adata.var_names, **options)
    store(adata, result, key_added)
    return result


def counts_of(adata: ad.AnnData, layer: str | None) -> Any:
    """The matrix to cluster, read into memory (sparse stays sparse) if the object is backed."""
    if layer is None:
        x = adata.X
        if x is None:
            raise ValueError("adata.X is empty: name the layer that holds the counts")
    elif layer not in adata.layers:
        known = ", ".join(repr(name) for name in adata.layers) or "none"
        raise KeyError(f"layer {layer!r} is not in adata.layers, which holds: {known}")
    else:
        x = adata.layers[layer]
    # Backed sparse and dense matrices, and dask arrays, are no arrays yet.
    if hasattr(x, "to_memory"):
        return x.to_memory()
    return x[:] if adata.isbacked and not isinstance(x, np.ndarray) else x


def store(adata: ad.AnnData, result: Fit, key: str) -> None:
    """Write labels, memberships, embedding and settings into ``adata`` under ``key``."""
    if adata.is_view:
        adata._init_as_actual(adata.copy())
    levels = [str(k) for k in range(result.n_clusters)]
    adata.obs[key] = pd.Categorical(result.labels.astype(str), categories=levels)
    adata.obs[f"{key}_confidence"] = result.confidence
    adata.obsm[f"X_{key}"] = result.embedding
    adata.obsm[f"{key}_memberships"] = result.memberships
    adata.uns[key] = {
        "params": {k: v for k, v in asdict(result.settings).items() if v is not None},
        "seed": result.seed,
        "n_clusters": result.n_clusters,
        "history": result.history.copy(),
    }
