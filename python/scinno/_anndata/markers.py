"""Markers of clusters: scanpy's tests on the values that were clustered."""

from __future__ import annotations

import importlib
import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from scinno._anndata.batch_markers import within_batches
from scinno._anndata.rank_genes import MIN_CELLS, ranked, table_of
from scinno._anndata.results import UNASSIGNED
from scinno._batch.columns import batch_of, columns_of_fit
from scinno._batch.labels import BatchLabels, batch_labels
from scinno._data.adata import counts_of, matrices_in, naming_counts, raw_as_x
from scinno._data.counts import InputKind, as_counts
from scinno._data.gene_names import gene_name_problems
from scinno._runtime.extras import needs_extra
from scinno._runtime.suggest import did_you_mean
from scinno._runtime.validate import check_integer, checked

logger = logging.getLogger("scinno")

METHODS = ("wilcoxon", "t-test", "t-test_overestim_var")
# Counts per cell before log1p, as in scanpy's and Seurat's tutorials.
TARGET_SUM = 1e4


@checked
def markers(
    adata: ad.AnnData,
    *,
    key: str = "scinno",
    groups: str | int | Sequence[str | int] | None = None,
    reference: str | int = "rest",
    layer: str | None = None,
    method: str = "wilcoxon",
    input: InputKind = "auto",
    n_genes: int | None = None,
    tie_correct: bool = False,
    batch_key: str | Sequence[str] | None = "auto",
) -> pd.DataFrame:
    """Differential genes of clusters, by `scanpy.tl.rank_genes_groups`; ``adata`` is not changed.

    The clusters were found in the same values, so p-values order genes, but do not prove
    that a cluster exists.

    Parameters
    ----------
    adata : AnnData, (cells, genes)
        Clustered by `scinno.cluster`, or with any other column of groups.
    key : str
        Column of ``obs`` with the clusters. Cells without one, or "unassigned", are left out.
    groups : cluster or sequence of clusters, optional
        Clusters to describe; default all that have at least 3 cells.
    reference : cluster or "rest"
        The cells to compare with: those of one cluster, or all others.
    layer : str, optional
        Layer with counts or log values, or "raw" for ``adata.raw``; default what was clustered,
        else ``adata.X``.
    method : {"wilcoxon", "t-test", "t-test_overestim_var"}
        Test.
    input : {"auto", "counts", "log", "normalized"}
        Kind of values, as for `scinno.fit`. Counts are normalized to 10,000 per cell and
        log1p, in a copy.
    n_genes : int, optional
        Genes per cluster, best first; default all.
    tie_correct : bool
        Correct the rank test for ties, of which sparse data are full. Scores and p-values become
        less cautious, and the test of all clusters takes about twenty times as long.
    batch_key : str or sequence of str, optional
        Column of ``obs`` with batches: clusters are tested within each, and the scores combined
        (Stouffer's method, weighted by the cells of both sides), so that a gene that differs
        between batches is not a marker of the cluster that one of them has more of. Default: the
        columns that the clustering was told of, if any.

    Returns
    -------
    DataFrame
        One row per cluster and gene, highest score first: cluster, gene, score (z or t),
        log2_fold_change, p_value, p_adjusted (Benjamini-Hochberg), fraction_in and fraction_out (of
        cells that express the gene, in the cluster and in the reference).

    Raises
    ------
    KeyError
        No such column or layer.
    ValueError
        Unknown cluster, a cluster with fewer than 3 cells, fewer than two clusters, repeated gene
        names, an unknown method, values that are neither counts nor log values, or a batch_key
        with missing values.
    """
    with needs_extra("scinno.markers", "report"):
        importlib.import_module("scanpy")  # if it is missing, that is said before any work

    if not isinstance(adata, ad.AnnData):
        raise TypeError(f"adata must be an AnnData, got {type(adata).__name__}")
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
    if n_genes is not None and n_genes < 1:
        raise ValueError(f"n_genes must be 1 or more, got {n_genes}")
    if n_genes is not None:
        n_genes = check_integer(n_genes, "n_genes", 1, 2**31)
    labels = cluster_column(adata, key)
    tested, against = _chosen(labels, groups, reference, key)
    batch = _batch_of(adata, key, batch_key)
    included = labels.notna().to_numpy()
    if against != "rest":  # scanpy would rank within the two, but copy all
        included &= labels.isin([*tested, against]).to_numpy()
    all_values, genes = log_values(adata, key, layer, input)
    data = ad.AnnData(
        all_values[np.flatnonzero(included)],
        obs=pd.DataFrame({"group": labels[included].array}, index=adata.obs_names[included]),
        var=pd.DataFrame(index=genes),
    )
    if batch is None:
        found = ranked(data, tested, against, method, tie_correct)
        tables = [table_of(found, group, against, n_genes) for group in tested]
    else:
        codes = batch.codes[included]
        parts = [data[codes == code] for code in range(batch.n_batches)]
        tables = within_batches(parts, tested, against, method, tie_correct, n_genes)
    return pd.concat(tables, ignore_index=True)


def _batch_of(adata: ad.AnnData, key: str, batch_key: Any) -> BatchLabels | None:
    if batch_key == "auto":
        batch_key = columns_of_fit(adata.obs, adata.uns.get(key)) or None
    columns = batch_of(adata.obs, batch_key)
    return None if columns is None else batch_labels(columns, adata.n_obs)


def cluster_column(adata: ad.AnnData, key: str) -> pd.Series:
    """Clusters as a categorical of text, missing where a cell is unassigned.

    Raises
    ------
    KeyError
        ``obs`` has no such column.
    """
    if key not in adata.obs:
        raise KeyError(
            f"{key!r} is not in adata.obs: {did_you_mean(key, adata.obs.columns)}; "
            "scinno.cluster(adata) makes 'scinno'"
        )
    column = adata.obs[key]
    if isinstance(column.dtype, pd.CategoricalDtype):
        labels = column.cat.rename_categories([str(c) for c in column.cat.categories])
    else:
        present = sorted(column.dropna().unique())
        text = column.astype(str).where(column.notna())
        labels = text.astype(pd.CategoricalDtype([str(c) for c in present]))
    if UNASSIGNED in labels.cat.categories:
        labels = labels.cat.remove_categories([UNASSIGNED])
    return labels


def _chosen(
    labels: pd.Series, groups: Any, reference: str | int, key: str
) -> tuple[list[str], str]:
    sizes = labels.value_counts(sort=False)
    sizes = sizes[sizes > 0]
    if len(sizes) < 2:
        raise ValueError(f"markers need at least 2 clusters, but obs[{key!r}] has {len(sizes)}")

    def checked(cluster: object) -> str:
        name = str(cluster)
        if name not in sizes:
            raise ValueError(
                f"{name!r} is not a cluster of obs[{key!r}], which has {', '.join(sizes.index)}"
            )
        if sizes[name] < MIN_CELLS:
            raise ValueError(
                f"cluster {name!r} has {sizes[name]} cell(s), and a test needs {MIN_CELLS}"
            )
        return name

    against = "rest" if reference == "rest" else checked(reference)
    if groups is None:
        tested = [name for name in sizes.index if sizes[name] >= MIN_CELLS and name != against]
        if small := [name for name in sizes.index if sizes[name] < MIN_CELLS]:
            logger.warning(
                "no markers for cluster(s) %s: fewer than %d cells", ", ".join(small), MIN_CELLS
            )
    else:
        requested = [groups] if isinstance(groups, str | int | float | np.number) else groups
        tested = list(dict.fromkeys(checked(group) for group in requested))
    if against in tested:
        raise ValueError(f"cluster {against!r} cannot be compared with itself")
    if not tested:
        raise ValueError(f"no cluster of obs[{key!r}] has the {MIN_CELLS} cells a test needs")
    return tested, against


def log_values(
    adata: ad.AnnData, key: str, layer: str | None, input: InputKind
) -> tuple[sp.csr_matrix, pd.Index]:
    """A copy of all values as log1p, float32 (cells, genes), and the names of the genes."""
    import scanpy as sc

    about = adata.uns.get(key)
    if layer is None and isinstance(about, Mapping):
        layer = about.get("layer")
        if input == "auto":
            input = about.get("input", "auto")
    source, name = raw_as_x(adata, layer)
    for problem in gene_name_problems(source.var_names):
        logger.warning("%s", problem)
    # pandas' names as they are: repeated ones are refused with their places.
    with naming_counts(lambda: matrices_in(adata), layer):
        counts = as_counts(counts_of(source, name), source.var_names, input)
    values = counts.matrix.astype(np.float32)  # a copy
    values.eliminate_zeros()  # a stored zero is no expression
    if counts.kind != "log":
        copy = ad.AnnData(values)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of cells without counts: they stay zero
            sc.pp.normalize_total(copy, target_sum=TARGET_SUM)
        values = copy.X
        np.log1p(values.data, out=values.data)
    return values, source.var_names.astype(str)
