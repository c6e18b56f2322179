"""Genes whose values the page holds, markers of each cluster, and notes on gene names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from scinno._anndata.batch_markers import NoneTestedError
from scinno._anndata.markers import markers
from scinno._anndata.rank_genes import COLUMNS, MIN_CELLS
from scinno._anndata.results import Results
from scinno._batch.columns import columns_of_fit
from scinno._data.gene_names import gene_name_problems
from scinno._runtime.suggest import did_you_mean

# Rows per cluster in the page; 'scinno markers' gives all.
MARKERS_PER_CLUSTER = 100
# Above this many drawn cells the rank test takes minutes, the t-test seconds.
RANK_TEST_CELLS = 10_000
# Values above 0 that fit in a page of about 15 MB, beside plotly.js.
MAX_VALUES = 3_500_000

_ENSEMBL = re.compile(r"^ENS[A-Z]*G\d{6,}")
_PLAIN = re.compile(r"^(gene|feature|g|f|v)[-_ ]?\d+$", re.IGNORECASE)


@dataclass(frozen=True)
class Markers:
    """Markers of the clusters.

    Attributes
    ----------
    table : DataFrame
        As `scinno.markers` gives it, the first `MARKERS_PER_CLUSTER` of each cluster.
    method : str
        Test of scanpy.
    problem : str
        Reason why there are none, or "".
    within : tuple of str
        Columns with the batches that were tested by themselves.
    """

    table: pd.DataFrame
    method: str
    problem: str = ""
    within: tuple[str, ...] = ()

    def top(self, cluster: str, n: int) -> list[str]:
        """Clear markers: twice as high, and detected in clearly more of the cluster's cells.

        By score alone, genes that every cell expresses (ribosomal ones) would be first.
        """
        table = self.table[self.table["cluster"] == cluster]
        clear = (table["log2_fold_change"] >= 1) & (
            table["fraction_in"] >= table["fraction_out"] + 0.2
        )
        clear &= table["p_adjusted"] < 0.05
        return [str(gene) for gene in table.loc[clear, "gene"][:n]]


def marker_tables(results: Results, log: sp.csr_matrix, drawn: np.ndarray) -> Markers:
    """Find markers among the drawn cells, within batches if the clustering was told of them."""
    method = "wilcoxon" if len(drawn) <= RANK_TEST_CELLS else "t-test_overestim_var"
    codes = results.labels[drawn]
    groups = pd.Categorical.from_codes(codes, categories=pd.Index(results.names))
    index = pd.Index([str(i) for i in drawn])
    within = columns_of_fit(results.adata.obs, results.about)
    # Names of our own, which are not those of the clusters.
    batches = {f"batch {i}": results.adata.obs[name].iloc[drawn] for i, name in enumerate(within)}
    obs = {"cluster": groups} | {name: column.to_numpy() for name, column in batches.items()}
    data = ad.AnnData(log, obs=pd.DataFrame(obs, index=index), var=_unique(results.adata))
    large = [results.names[j] for j in range(results.n_clusters) if (codes == j).sum() >= 3]
    empty = pd.DataFrame(columns=list(COLUMNS))
    if len(large) < 2:
        return Markers(empty, method, f"fewer than two clusters have {MIN_CELLS} cells")
    try:
        found = markers(
            data, key="cluster", groups=large, method=method, input="log",
            batch_key=[*batches] or None,
        )  # fmt: skip
    except NoneTestedError as error:
        return Markers(empty, method, str(error), tuple(within))
    best = found[found["log2_fold_change"] > 0].groupby("cluster", sort=False)
    return Markers(best.head(MARKERS_PER_CLUSTER), method, within=tuple(within))


def _unique(adata: ad.AnnData) -> pd.DataFrame:
    index = pd.Index(adata.var_names.astype(str))
    return pd.DataFrame(index=index if index.is_unique else ad.utils.make_index_unique(index))


def checked_genes(adata: ad.AnnData, genes: Sequence[str] | None) -> list[str]:
    """Requested genes without repeats.

    Raises
    ------
    ValueError
        One is not in the data; the error lists similar names.
    """
    known = set(adata.var_names)
    for gene in genes or []:
        if gene not in known:
            raise ValueError(
                f"gene {gene!r} is not in the data: "
                f"{did_you_mean(gene, adata.var_names, max_shown=5)}"
            )
    return list(dict.fromkeys(genes or []))


def page_genes(
    log: sp.csr_matrix, first: Sequence[int], selected: np.ndarray, max_values: int = MAX_VALUES
) -> np.ndarray:
    """Columns of the genes whose values the page holds.

    Requested genes and markers come first, then genes that the network reads, most variable
    first, until the page is full.

    Parameters
    ----------
    first : sequence of int
        Columns that come first.
    selected : ndarray of bool, (genes,)
    max_values : int
        Values above 0 that fit.
    """
    squares = np.asarray(log.multiply(log).mean(axis=0)).ravel()
    variance = squares - np.asarray(log.mean(axis=0)).ravel() ** 2
    rest = np.flatnonzero(selected)
    order = list(dict.fromkeys([*first, *rest[np.argsort(-variance[rest], kind="stable")]]))
    columns = np.array(order, dtype=np.int64)
    total = np.cumsum(log.getnnz(axis=0)[columns])
    return columns[total <= max_values] if len(columns) else columns


def name_notes(names: Sequence[str]) -> list[str]:
    """Sentences on gene names that look wrong."""
    texts = [str(name) for name in names]
    notes = [f"{problem}." for problem in gene_name_problems(texts)]
    n = len(texts)
    if sum(bool(_ENSEMBL.match(t)) for t in texts) > n / 2:
        notes.append(
            "Genes are named by Ensembl identifiers. For names such as CD3D, put the symbols into "
            "adata.var_names before clustering."
        )
    elif sum(bool(_PLAIN.match(t)) for t in texts) > n / 2:
        notes.append(
            f"Genes are called {texts[0]}, {texts[1]} and so on: the real names are lost, so "
            "markers cannot identify a cluster. Set adata.var_names and run again."
        )
    else:
        notes += _species_note(texts)
    return notes


def _species_note(texts: list[str]) -> list[str]:
    """Human symbols are CD3D, mouse symbols Cd3d; many of both get a note."""
    letters = [t for t in texts if len(t) > 2 and t[:2].isalpha()]
    upper = sum(t.upper() == t for t in letters)
    title = sum(t[0].isupper() and t[1:].lower() == t[1:] for t in letters)
    if min(upper, title) <= 0.2 * max(len(letters), 1):
        return []
    return [
        f"{upper:,} gene names are written as in human (CD3D) and {title:,} as in mouse (Cd3d): "
        "is this a mixture of species, or are two lists of genes joined?"
    ]
