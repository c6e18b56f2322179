"""Results written into an AnnData object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from importlib import metadata
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

from scinno._anndata.results import UNASSIGNED
from scinno._clusters.uncertainty import uncertain_cells
from scinno._result.fit import Fit
from scinno._version import __version__


def check_unassigned(threshold: Any) -> None:
    """Refuse a threshold that is not a number from 0 to 1 (ValueError)."""
    number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
    if threshold is not None and not (number and 0 <= threshold <= 1):
        raise ValueError(f"unassigned must be from 0 to 1, got {threshold!r}")


def store(
    adata: ad.AnnData,
    result: Fit,
    key: str,
    layer: str | None = None,
    unassigned: float | None = None,
    batch_key: str | Sequence[str] | None = None,
) -> None:
    """Write labels, memberships, embedding and settings into ``adata`` under ``key``.

    The names are those that `scinno.cluster` documents.
    """
    if adata.is_view:
        adata._init_as_actual(adata.copy())
    clusters = [str(k) for k in range(result.n_clusters)]
    levels, labels = clusters, result.labels.astype(str)
    if unassigned is not None:
        levels = [*clusters, UNASSIGNED]
        labels = np.where(result.confidence < unassigned, UNASSIGNED, labels)
    adata.obs[key] = pd.Categorical(labels, categories=levels)
    adata.obs[f"{key}_confidence"] = result.confidence
    table = uncertain_cells(result.memberships, result.latent, result.labels)
    second = table["second_label"].astype(str)
    adata.obs[f"{key}_second_label"] = pd.Categorical(second, categories=clusters)
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
        "versions": {"scinno": __version__, "torch": metadata.version("torch")},
    }
    if layer is not None:
        adata.uns[key]["layer"] = layer
    if unassigned is not None:
        adata.uns[key]["unassigned"] = float(unassigned)
    if batch_key is not None:
        adata.uns[key]["batch_key"] = [batch_key] if isinstance(batch_key, str) else [*batch_key]
    if result.batches is not None and result.batch_mix is not None:
        # Names of batches may hold what files do not allow in columns: shares are in their order.
        adata.uns[key]["batches"] = result.batches.reset_index()
        mix = result.batch_mix
        shares = [f"share_{code}" for code in range(len(result.batches))]
        first = list(mix.columns[: -len(shares)])
        adata.uns[key]["batch_mix"] = mix.set_axis([*first, *shares], axis=1)
    if result.k_evidence is not None:
        adata.uns[key]["k_evidence"] = result.k_evidence.copy()
