"""scanpy's test of genes between groups of cells, and its numbers as a table."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import anndata as ad
import pandas as pd

# A cluster with fewer cells is not tested.
MIN_CELLS = 3
COLUMNS = (
    "cluster", "gene", "score", "log2_fold_change", "p_value", "p_adjusted", "fraction_in",
    "fraction_out",
)  # fmt: skip


def ranked(
    data: ad.AnnData, tested: Sequence[str], against: str, method: str, tie_correct: bool
) -> Any:
    """What scanpy found of the groups in ``obs["group"]``, as it stores it in ``uns``.

    Parameters
    ----------
    data : AnnData, (cells, genes)
        Log values, and categories in ``obs["group"]``.
    tested : sequence of str
        Groups with at least `MIN_CELLS` cells.
    against : str
        The group to compare with, or "rest".
    method : str
    tie_correct : bool
    """
    import scanpy as sc

    data = data.copy() if data.is_view else data
    data.obs["group"] = data.obs["group"].cat.remove_unused_categories()
    data.uns["log1p"] = {"base": None}
    with warnings.catch_warnings():
        # Of the log of a fold change from zero; of pandas on scanpy's insides.
        warnings.simplefilter("ignore")
        sc.tl.rank_genes_groups(
            data, "group", groups=list(tested), reference=against, method=method, pts=True,
            tie_correct=tie_correct, use_raw=False,
        )  # fmt: skip
    return data.uns["rank_genes_groups"]


def table_of(found: Any, group: str, against: str, n_genes: int | None) -> pd.DataFrame:
    """One group's genes, highest score first, with the columns `COLUMNS`."""
    genes = pd.Index(found["names"][group][:n_genes])
    out = found["pts_rest"][group] if against == "rest" else found["pts"][against]
    table = pd.DataFrame({
        "cluster": group,
        "gene": genes,
        "score": found["scores"][group][:n_genes],
        "log2_fold_change": found["logfoldchanges"][group][:n_genes],
        "p_value": found["pvals"][group][:n_genes],
        "p_adjusted": found["pvals_adj"][group][:n_genes],
        "fraction_in": found["pts"][group].loc[genes].to_numpy(),
        "fraction_out": out.loc[genes].to_numpy(),
    })  # fmt: skip
    return table[list(COLUMNS)]
