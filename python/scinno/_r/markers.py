"""Markers for R: the table of `scinno.markers` for the counts and clusters that R sends."""

from __future__ import annotations

from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from scinno._anndata.markers import markers
from scinno._r.batch import batch_from_r

_NUMBERS = (
    "score", "log2_fold_change", "p_value", "p_adjusted", "fraction_in", "fraction_out",
)  # fmt: skip
_WITHIN = ("batches", "batches_agree")


def markers_of(request: dict[str, Any], counts: sp.csr_matrix) -> dict[str, np.ndarray]:
    """One entry per cluster and gene, as columns.

    Parameters
    ----------
    request : dict
        genes (names), labels (int, one per cell: which of ``clusters`` it has), clusters (names),
        tested and reference (names of clusters, or "rest"), options (of `scinno.markers`), and
        batch, as `batch_from_r` takes it, to test within batches.
    counts : csr_matrix, (cells, genes)

    Returns
    -------
    dict of ndarray
        ``cluster`` and ``gene``, int32: places in ``clusters`` and ``genes``; the numbers as
        float64; within batches also ``batches`` and ``batches_agree``, int32.

    Raises
    ------
    ValueError
        As `scinno.markers`.
    """
    genes, clusters = pd.Index(request["genes"], dtype=object), request["clusters"]
    data = ad.AnnData(
        counts,
        obs=pd.DataFrame(
            {"cluster": pd.Categorical.from_codes(request["labels"], pd.Index(clusters))},
            index=pd.RangeIndex(counts.shape[0]).astype(str),
        ),
        var=pd.DataFrame(index=genes),
    )
    batch = batch_from_r(request.get("batch"))
    keys = []
    if isinstance(batch, pd.DataFrame):
        for place in batch:
            keys.append(f"batch {place}")
            data.obs[keys[-1]] = batch[place].array
    table = markers(
        data,
        key="cluster",
        groups=request["tested"],
        reference=request["reference"],
        batch_key=keys or None,
        **request["options"],
    )
    places = {
        "cluster": pd.Index(clusters).get_indexer(table["cluster"]),
        "gene": genes.get_indexer(table["gene"]),
    }
    places |= {name: table[name].to_numpy() for name in _WITHIN if name in table}
    columns = {name: place.astype(np.int32) for name, place in places.items()}
    return columns | {name: table[name].to_numpy(np.float64) for name in _NUMBERS}
