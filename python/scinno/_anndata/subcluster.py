"""One cluster of an AnnData divided further, on genes of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

from scinno._batch.columns import batch_of
from scinno._data.adata import matrices_in, matrix_of, naming_counts, raw_as_x
from scinno._fit import fit
from scinno._result.fit import Fit
from scinno._runtime.suggest import did_you_mean
from scinno._runtime.validate import checked


@checked
def subcluster(
    adata: ad.AnnData,
    cluster: str | int,
    n_clusters: int | tuple[int, int] | None = None,
    *,
    key: str = "scinno",
    key_added: str | None = None,
    layer: str | None = None,
    batch_key: str | Sequence[str] | None = None,
    **options: Any,
) -> Fit:
    """Divide the cells of one cluster, with a network and most variable genes of their own.

    Where `Fit.cut` divides a cluster by the genes that tell all clusters apart, a new fit of its
    cells alone sees what differs among them. ``obs[key]`` stays as it is.

    Parameters
    ----------
    adata : AnnData, (cells, genes)
        With clusters, as after `scinno.cluster`.
    cluster : str or int
        A value of ``obs[key]``; also a part that an earlier call has made, as "3.1".
    n_clusters : int or (int, int), optional
        Parts, or a range for their number; estimated when not given.
    key : str
        Column of ``obs`` with the clusters.
    key_added : str, optional
        Column of ``obs`` for the result; default ``key + "_sub"``. It holds "3.1", "3.2", … for
        the cells of cluster 3, the largest part first, and for all others their cluster.
    layer : str, optional
        Layer that holds the counts, or "raw" for ``adata.raw``; default the one that was
        clustered, else ``adata.X``.
    batch_key : str or sequence of str, optional
        As in `scinno.cluster`.
    **options
        Anything `scinno.fit` takes; ``input`` is by default that of the clustering.

    Returns
    -------
    Fit
        Of the cells of the cluster alone, in their order.

    Raises
    ------
    TypeError
        ``adata`` is not an AnnData.
    KeyError
        An unknown column or layer.
    ValueError
        No such cluster, fewer than four cells in it, or as `scinno.fit`.
    """
    if not isinstance(adata, ad.AnnData):
        raise TypeError(f"adata must be an AnnData, got {type(adata).__name__}; see scinno.fit")
    if "genes" in options:
        raise TypeError("genes are adata.var_names here, and cannot be given: see scinno.fit")
    if key not in adata.obs:
        raise KeyError(f"key {key!r} is not in adata.obs: {did_you_mean(key, list(adata.obs))}")
    about = adata.uns.get(key, {})
    if isinstance(about, Mapping) and layer in (None, about.get("layer")):
        layer = about.get("layer")
        # The kind of the whole data: a part may look like another one.
        options.setdefault("input", about.get("input", "auto"))
    labels = adata.obs[key].astype(str).to_numpy()
    name = str(cluster)
    cells = np.flatnonzero(labels == name)
    if not len(cells):
        known = sorted(set(labels), key=lambda text: (len(text), text))
        raise ValueError(f"cluster {name!r} is not in adata.obs[{key!r}], which has {known}")
    if len(cells) < 4:
        raise ValueError(f"cluster {name!r} has {len(cells)} cell(s): too few to divide")
    batch = batch_of(adata.obs, batch_key)
    if batch is not None:
        options["batch"] = batch.iloc[cells]
    source, in_source = raw_as_x(adata, layer)
    x = matrix_of(source, in_source)
    with naming_counts(lambda: matrices_in(adata), layer):
        result = fit(x[cells], n_clusters, genes=source.var_names, **options)
    parts = labels.astype(object)
    parts[cells] = [f"{name}.{part + 1}" for part in result.labels]
    adata.obs[key_added or f"{key}_sub"] = pd.Categorical(
        parts, categories=_in_place(adata.obs[key], labels, name, result.n_clusters)
    )
    return result


def _in_place(column: pd.Series, labels: np.ndarray, name: str, n_parts: int) -> list[str]:
    """The old categories in their order, with the parts where the cluster was."""
    old = (
        [str(value) for value in column.cat.categories]
        if isinstance(column.dtype, pd.CategoricalDtype)
        else sorted(set(labels))
    )
    parts = [f"{name}.{part + 1}" for part in range(n_parts)]
    place = old.index(name)
    return [*old[:place], *parts, *old[place + 1 :]]
