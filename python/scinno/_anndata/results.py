"""Results of a clustering in an AnnData, checked and by the names of this version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

from scinno._anndata.schema import about_problem, results_problem
from scinno._result.legacy import rename_columns, rename_settings
from scinno._runtime.suggest import did_you_mean

# Category of cells that a threshold has set aside: they are in no cluster.
UNASSIGNED = "unassigned"

# A cell below this membership in its own cluster is called uncertain.
UNCERTAIN = 0.6

# Endings of the columns of ``obs`` that `scinno.cluster` writes under its key; 0.1.0 wrote
# "_second" for the second label.
OWN_COLUMNS = (
    "", "_confidence", "_second_label", "_second_membership", "_doublet_like", "_second", "_domain",
    "_domain_confidence",
)  # fmt: skip

# Columns of the history and their names in pictures; each gets a curve.
LOSS_PARTS = {
    "loss": "total loss",
    "reconstruction": "reconstruction",
    "contrastive": "contrastive (InfoNCE)",
    "mask_prediction": "mask prediction",
    "scatter": "scatter within clusters",
    "negative_entropy": "negative entropy of the mean membership",
}


@dataclass(frozen=True)
class Results:
    """Results of `scinno.cluster` for pictures, pages and markers.

    Attributes
    ----------
    adata : AnnData, (cells, genes)
        In memory or backed; never written to.
    names : list of str, (k,)
        Names of the clusters, in the order of the columns of ``memberships``.
    labels : ndarray of int64, (cells,)
        Cluster of each cell, −1 where it is unassigned.
    memberships : ndarray of float32, (cells, k)
    embedding : ndarray, (cells, latent)
    about : mapping
        ``uns[key]``, by the names of this version; empty where there is none. Other tools may have
        removed any part of it.
    """

    adata: ad.AnnData
    key: str
    names: list[str]
    labels: np.ndarray
    memberships: np.ndarray
    embedding: np.ndarray
    about: Mapping[str, Any]

    @property
    def n_clusters(self) -> int:
        return len(self.names)

    @property
    def confidence(self) -> np.ndarray:
        """Largest membership of each cell, float32 (cells,)."""
        return self.memberships.max(axis=1)


def results_of(adata: ad.AnnData, key: str) -> Results:
    """Find the results under ``key``.

    Raises
    ------
    ValueError
        There are none, only a part of them, or damaged ones; or ``adata`` has no cells.
    """
    if adata.n_obs == 0 or adata.n_vars == 0:
        raise ValueError(f"adata must hold cells and genes, got {adata.n_obs} × {adata.n_vars}")
    present = {
        f"obs[{key!r}]": key in adata.obs,
        f"obsm['X_{key}']": f"X_{key}" in adata.obsm,
        f"obsm['{key}_memberships']": f"{key}_memberships" in adata.obsm,
    }
    missing = [place for place, found in present.items() if not found]
    if missing:
        end = "_memberships"
        others = [name.removesuffix(end) for name in adata.obsm if name.endswith(end)]
        others = [name for name in others if name in adata.obs and name != key]
        hint = f"there are results under {', '.join(map(repr, others))}: give that as key"
        raise ValueError(
            f"no results of scinno under {key!r} ({', '.join(missing)} missing): "
            + (hint if others else "run 'scinno cluster' (or scinno.cluster) first")
        )
    memberships = np.asarray(adata.obsm[f"{key}_memberships"])
    embedding, about = np.asarray(adata.obsm[f"X_{key}"]), adata.uns.get(key)
    about = _renamed(about) if isinstance(about, Mapping) else {}
    if wrong := results_problem(memberships, embedding) or about_problem(about):
        raise ValueError(f"what is stored under {key!r} is not of scinno, or damaged: {wrong}")
    memberships = memberships.astype(np.float32, copy=False)
    names, labels = _clusters(adata.obs[key], memberships.shape[1], key)
    return Results(
        adata=adata,
        key=key,
        names=names,
        labels=labels,
        memberships=memberships,
        embedding=embedding,
        about=about,
    )


def _renamed(about: Mapping[str, Any]) -> dict[str, Any]:
    """``uns`` of a run, by the names of this version."""
    renamed = dict(about)
    for name in ("history", "k_evidence"):
        if isinstance(about.get(name), pd.DataFrame):
            renamed[name] = rename_columns(about[name])
    if isinstance(about.get("params"), Mapping):
        renamed["params"] = rename_settings(about["params"])
    return renamed


def _clusters(column: pd.Series, k: int, key: str) -> tuple[list[str], np.ndarray]:
    """Names and numbers; categories may have been renamed, but keep their order."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        levels = [str(j) for j in range(k)]
        column = column.astype(str).astype(pd.CategoricalDtype([*levels, UNASSIGNED]))
    categories = [str(c) for c in column.cat.categories]
    codes = column.cat.codes.to_numpy().astype(np.int64)
    names = [name for name in categories if name != UNASSIGNED]
    if names != categories:
        place = {name: j for j, name in enumerate(names)}
        codes = np.array([place.get(name, -1) for name in categories] + [-1])[codes]
    if set(names) <= {str(j) for j in range(k)}:  # unused categories may have been removed
        number = np.array([int(name) for name in names] + [-1], dtype=np.int64)
        return [str(j) for j in range(k)], number[codes]
    if len(names) != k:
        raise ValueError(
            f"obs[{key!r}] has {len(names)} clusters but obsm['{key}_memberships'] has {k}: "
            "they are not of the same run"
        )
    return names, codes


def column_named(adata: ad.AnnData, name: str, what: str) -> pd.Series:
    """A column of obs.

    Raises
    ------
    ValueError
        There is none of that name; the error lists those that exist.
    """
    if name not in adata.obs:
        raise ValueError(f"{what} {name!r} is not in obs: {did_you_mean(name, adata.obs.columns)}")
    return adata.obs[name]


def mean_memberships(labels: np.ndarray, memberships: np.ndarray) -> np.ndarray:
    """Mean membership in cluster j (column) of the cells of cluster i (row), float64 (k, k).

    Parameters
    ----------
    labels : ndarray of int, (cells,)
        −1 for cells in no cluster, which are left out.
    memberships : ndarray of float, (cells, k)

    Returns
    -------
    ndarray of float64, (k, k)
        A row of NaN for a cluster without cells.
    """
    k = memberships.shape[1]
    means = np.full((k, k), np.nan)
    for j in range(k):
        in_cluster = labels == j
        if in_cluster.any():
            means[j] = memberships[in_cluster].mean(axis=0, dtype=np.float64)
    return means
