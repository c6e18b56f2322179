"""Where the cells of an AnnData lie in their tissue, and its domains written back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from scinno._clusters.requested_k import RequestedK, check_n_clusters
from scinno._runtime.suggest import did_you_mean
from scinno._space.domains import Domains, check_rounds, tissue_graph

# Where squidpy puts the neighbors in space.
CONNECTIVITIES = "spatial_connectivities"


@dataclass(frozen=True)
class Tissue:
    """What domains are looked for with, checked before a fit.

    Attributes
    ----------
    graph : csr_matrix of float32, (cells, cells)
        Weights of the neighbors of each cell.
    n_domains : int, (int, int) or None
    rounds : int or None
        Of smoothing; None chooses.
    spatial_key : str
    library_key : str or None
    given : bool
        Whether the neighbors are those that the object holds.
    """

    graph: sp.csr_matrix
    n_domains: RequestedK
    rounds: int | None
    spatial_key: str
    library_key: str | None
    given: bool


def tissue_of(
    adata: ad.AnnData,
    spatial_key: str | None,
    library_key: str | None = None,
    n_domains: Any = None,
    smoothing: int | Literal["auto"] = "auto",
    n_clusters: Any = None,
    called: str = "",
) -> Tissue | None:
    """The places of the cells in ``obsm``, their slices in ``obs``; None without a key.

    Parameters
    ----------
    n_clusters : int or (int, int), optional
        As many domains, where ``n_domains`` is None.
    called : str
        Put before the names of arguments in errors, and dashes within: "--" for the command line.

    Raises
    ------
    TypeError
        Other arguments without ``spatial_key``.
    KeyError
        No such places or column.
    ValueError
        Places or slices that are not of these cells; a number out of range.
    """

    def named(argument: str) -> str:
        return called + argument.replace("_", "-") if called else argument

    if spatial_key is None:
        others = {"library_key": library_key, "n_domains": n_domains}
        extra = [name for name, value in others.items() if value is not None]
        extra += ["smoothing"] if smoothing != "auto" else []
        if extra:
            raise TypeError(
                f"{named(extra[0])} is for the domains of a tissue: give "
                f"{named('spatial_key')}, the entry of obsm with the coordinates"
            )
        return None
    if spatial_key not in adata.obsm:
        hint = did_you_mean(spatial_key, list(adata.obsm))
        raise KeyError(f"{named('spatial_key')} {spatial_key!r} is not in obsm: {hint}")
    if library_key is not None and library_key not in adata.obs:
        hint = did_you_mean(library_key, list(adata.obs))
        raise KeyError(f"{named('library_key')} {library_key!r} is not in obs: {hint}")
    slices = None if library_key is None else adata.obs[library_key].to_numpy()
    given = CONNECTIVITIES in adata.obsp
    graph = tissue_graph(
        adata.n_obs, adata.obsm[spatial_key], slices, adata.obsp[CONNECTIVITIES] if given else None
    )
    n_domains = n_clusters if n_domains is None else n_domains
    k = check_n_clusters(n_domains, adata.n_obs, named("n_domains"))
    return Tissue(graph, k, check_rounds(smoothing), spatial_key, library_key, given)


def store_domains(adata: ad.AnnData, key: str, found: Domains, tissue: Tissue) -> None:
    """Write domains into ``adata`` beside the clusters under ``key``, as `scinno.cluster` does."""
    levels = [str(j) for j in range(found.n_domains)]
    adata.obs[f"{key}_domain"] = pd.Categorical(found.labels.astype(str), categories=levels)
    adata.obs[f"{key}_domain_confidence"] = found.confidence
    about: dict[str, Any] = {
        "n_domains": found.n_domains,
        "smoothing": found.smoothing,
        "spatial_key": tissue.spatial_key,
        "neighbors": CONNECTIVITIES if tissue.given else "coordinates",
        "warnings": np.array(found.warnings, dtype=str),
    }
    if tissue.library_key is not None:
        about["library_key"] = tissue.library_key
    for name in ("smoothing_table", "k_evidence"):
        table = getattr(found, name)
        if table is not None:
            about[name] = table.copy()
            about[name].attrs = {}  # which files do not hold
    adata.uns[key]["domains"] = about
