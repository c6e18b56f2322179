"""The AnnData adapter: take counts out, fit, put the results where scverse users look for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import anndata as ad

from scinno._anndata.store import check_unassigned, store
from scinno._anndata.tissue import store_domains, tissue_of
from scinno._batch.columns import batch_of
from scinno._data.adata import matrices_in, matrix_of, naming_counts, raw_as_x
from scinno._fit import fit
from scinno._result.fit import Fit
from scinno._runtime.validate import checked
from scinno._space.domains import domains_of


@checked
def cluster(
    adata: ad.AnnData,
    n_clusters: int | tuple[int, int] | None = None,
    *,
    layer: str | None = None,
    key_added: str = "scinno",
    unassigned: float | None = None,
    batch_key: str | Sequence[str] | None = None,
    spatial_key: str | None = None,
    library_key: str | None = None,
    n_domains: int | tuple[int, int] | None = None,
    smoothing: int | Literal["auto"] = "auto",
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
        Layer that holds the counts, or "raw" for ``adata.raw``; default ``adata.X``.
    key_added : str
        Name under which results are stored:
        ``obs[key]`` the labels, categorical; ``obs[key + "_confidence"]`` float32;
        ``obs[key + "_second_label"]`` and ``_second_membership`` the next best cluster,
        ``_doublet_like`` bool; ``obsm["X_" + key]`` the embedding, float32 (cells, latent);
        ``obsm[key + "_memberships"]``, float32 (cells, k);
        ``uns[key]`` settings, seed, history, evidence for K where it was estimated, warnings,
        versions.
    unassigned : float, optional
        Cells whose confidence is below this, 0 to 1, are "unassigned" in ``obs[key]``. They stay
        in the object, and the Fit that is returned has a label for them as for every cell.
    batch_key : str or sequence of str, optional
        Column of ``obs`` that names the batch of each cell, as its donor, chip or protocol: what
        sets batches apart is not to make clusters. Of several columns each combination is a batch.
    spatial_key : str, optional
        Entry of ``obsm`` with the places of the cells in their tissue, (cells, 2 or 3). Besides
        clusters there are then domains, see `scinno.domains`: ``obs[key + "_domain"]`` categorical,
        ``obs[key + "_domain_confidence"]`` float32, ``uns[key]["domains"]`` how they were found.
        Neighbors are those of ``obsp["spatial_connectivities"]``, which squidpy makes, where it is
        there.
    library_key : str, optional
        Column of ``obs`` with the slice of each cell; cells of different slices are no neighbors.
    n_domains : int or (int, int), optional
        How many domains, or a range; default ``n_clusters``, and estimated where that is None.
    smoothing : int or "auto"
        Rounds of smoothing over neighbors in space, as in `scinno.domains`.
    **options
        Anything `scinno.fit` takes.

    Returns
    -------
    Fit

    Raises
    ------
    TypeError
        ``adata`` is not an AnnData; ``library_key``, ``n_domains`` or ``smoothing`` without
        ``spatial_key``.
    ValueError
        As `scinno.fit`; ``unassigned`` out of range; coordinates that are not of these cells.
    KeyError
        An unknown layer, column or entry of ``obsm``.
    """
    if not isinstance(adata, ad.AnnData):
        raise TypeError(f"adata must be an AnnData, got {type(adata).__name__}; see scinno.fit")
    if "genes" in options:
        raise TypeError("genes are adata.var_names here, and cannot be given: see scinno.fit")
    check_unassigned(unassigned)
    if batch_key is not None:
        if options.get("batch") is not None:
            raise TypeError("batch and batch_key exclude each other: give one of them")
        options["batch"] = batch_of(adata.obs, batch_key)
    tissue = tissue_of(adata, spatial_key, library_key, n_domains, smoothing, n_clusters)
    source, name = raw_as_x(adata, layer)
    with naming_counts(lambda: matrices_in(adata), layer):
        result = fit(matrix_of(source, name), n_clusters, genes=source.var_names, **options)
    store(adata, result, key_added, layer, unassigned, batch_key)
    if tissue is not None:
        found = domains_of(result, tissue.graph, tissue.n_domains, tissue.rounds, result.seed)
        store_domains(adata, key_added, found, tissue)
    return result
