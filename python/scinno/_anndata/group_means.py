"""Expression of genes in groups of cells, as dot plots show it."""

from __future__ import annotations

from collections.abc import Sequence

import anndata as ad
import numpy as np
import scipy.sparse as sp

from scinno._anndata.markers import log_values
from scinno._runtime.suggest import did_you_mean


def group_expression(
    adata: ad.AnnData,
    codes: np.ndarray,
    k: int,
    genes: Sequence[str],
    key: str = "scinno",
    layer: str | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Mean log value and fraction of cells above 0, each float64 (k, genes), of chosen genes.

    Parameters
    ----------
    adata : AnnData, (cells, genes)
        Left as it is; counts are normalized to 10,000 per cell in a copy.
    codes : ndarray of int, (cells,)
        Group of each cell, 0 to ``k`` - 1, or -1 for none.
    key, layer
        As in `scinno.markers`.

    Raises
    ------
    KeyError
        A gene or layer that ``adata`` does not have.
    ValueError
        Values that are neither counts nor log values.
    """
    log, index = log_values(adata, key, layer, "auto")
    names = index.tolist()
    place = {name: j for j, name in reversed(list(enumerate(names)))}
    for gene in genes:
        if gene not in place:
            raise KeyError(f"gene {gene!r} is not in adata.var_names: {did_you_mean(gene, names)}")
    columns = np.array([place[gene] for gene in genes], dtype=np.int64)
    return mean_and_fraction(log, codes, k, columns)


def mean_and_fraction(
    log: sp.csr_matrix, codes: np.ndarray, k: int, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean log value and fraction of cells above 0, each float64 (k, genes), of chosen genes."""
    part = log[:, columns]
    member = codes >= 0
    sizes = np.maximum(np.bincount(codes[member], minlength=k), 1)
    rows, cells = codes[member], np.flatnonzero(member)
    sums = sp.csr_matrix((np.ones(len(rows)), (rows, cells)), shape=(k, len(codes)))
    mean = (sums @ part).toarray() / sizes[:, None]
    fraction = (sums @ (part > 0).astype(np.float64)).toarray() / sizes[:, None]
    return mean, fraction
