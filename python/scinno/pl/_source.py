"""Results to draw, from an AnnData after `scinno.cluster` or from a Fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

from scinno._anndata.results import results_of
from scinno._result.fit import Fit


@dataclass(frozen=True)
class Source:
    """One clustering, wherever it was stored.

    Attributes
    ----------
    names : list of str, (k,)
        Names of the clusters.
    labels : ndarray of int, (cells,)
        Cluster of each cell, −1 where it is unassigned.
    memberships : ndarray of float32, (cells, k)
    embedding : ndarray, (cells, latent)
    history, k_evidence : DataFrame or None
        As in `scinno.Fit`; None where there is none.
    seed : int
    key : str
        Name under which an AnnData holds the results.
    adata : AnnData or None
    """

    names: list[str]
    labels: np.ndarray
    memberships: np.ndarray
    embedding: np.ndarray
    history: pd.DataFrame | None
    k_evidence: pd.DataFrame | None
    seed: int
    key: str
    adata: ad.AnnData | None


def source_of(data: Any, key: str) -> Source:
    """Find the results.

    Raises
    ------
    TypeError
        ``data`` is neither an AnnData nor a Fit.
    ValueError
        The AnnData holds no results under ``key``.
    """
    if isinstance(data, Fit):
        names = [str(j) for j in range(data.n_clusters)]
        return Source(
            names, data.labels, data.memberships, data.embedding, data.history, data.k_evidence,
            data.seed, key, None,
        )  # fmt: skip
    if not isinstance(data, ad.AnnData):
        raise TypeError(
            "data must be an AnnData after scinno.cluster, or a scinno.Fit, got "
            f"{type(data).__name__}"
        )
    found = results_of(data, key)
    return Source(
        found.names, found.labels, found.memberships, found.embedding,
        _table(found.about, "history"), _table(found.about, "k_evidence"),
        int(found.about.get("seed", 0)), key, data,
    )  # fmt: skip


def _table(about: Mapping[str, Any], name: str) -> pd.DataFrame | None:
    table = about.get(name)
    return table if isinstance(table, pd.DataFrame) and len(table) else None
