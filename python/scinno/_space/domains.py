"""Domains of a tissue: clusters of cells by their code and those around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp

from scinno._clusters.k_choice import KChoice
from scinno._clusters.requested_k import RequestedK, check_n_clusters
from scinno._clusters.subsample import MAX_SAMPLE, subsample
from scinno._result.fit import Fit
from scinno._runtime.validate import check_integer, check_seed, checked
from scinno._space.neighbors import (
    check_coordinates,
    check_slices,
    given_neighbors,
    spatial_neighbors,
)
from scinno._space.smoothing import MAX_ROUNDS, smoothed, smoothing_table

# Rounds of smoothing that may be requested.
MOST_ROUNDS = 100
# The number of domains is estimated from so many cells at least.
LEAST_CELLS = 100


@dataclass(frozen=True, eq=False, repr=False)
class Domains:
    """Domains of the cells of a fit; nothing in it changes any more.

    Attributes
    ----------
    labels : ndarray of int32, (cells,)
        Domain of each cell, 0 for the largest.
    memberships : ndarray of float32, (cells, k)
        Fuzzy memberships, equation (9), in the smoothed embedding; rows sum to 1.
    embedding : ndarray of float32, (cells, latent)
        The embedding of the fit, smoothed over neighbors in space.
    smoothing : int
        Rounds of smoothing: in each a cell is averaged with its neighbors, half and half.
    smoothing_table : DataFrame or None
        Why so many, one row per number of rounds: rounds, own_weight (of a cell in its average),
        error (expected, in shares of the variance of the embedding), chosen. None where it was
        given.
    k_evidence : DataFrame or None
        As in `Fit`, for the number of domains; None where it was given.
    warnings : tuple of str
    """

    labels: np.ndarray
    memberships: np.ndarray
    embedding: np.ndarray
    smoothing: int
    smoothing_table: pd.DataFrame | None
    k_evidence: pd.DataFrame | None
    warnings: tuple[str, ...]

    @property
    def n_domains(self) -> int:
        """Number of domains, k."""
        return int(self.memberships.shape[1])

    @property
    def confidence(self) -> np.ndarray:
        """Membership of each cell in its own domain, float32 (cells,)."""
        return self.memberships.max(axis=1)

    def __repr__(self) -> str:
        return (
            f"scinno.Domains: {len(self.labels)} cells in {self.n_domains} domains, "
            f"{self.smoothing} rounds of smoothing"
        )


@checked
def domains(
    fit: Fit,
    coordinates: Any,
    n_domains: int | tuple[int, int] | None = None,
    *,
    slices: Any = None,
    neighbors: Any = None,
    smoothing: int | Literal["auto"] = "auto",
    seed: int = 0,
) -> Domains:
    """Domains of a tissue: regions of cells whose surroundings are alike.

    Types of cells (`Fit.labels`) and domains are two answers about the same cells: a domain holds
    several types, and one type may be in several domains. The network is that of the fit; its codes
    are averaged over neighbors in space before domains are looked for.

    Parameters
    ----------
    fit : Fit
        Of these cells, in their order.
    coordinates : ndarray of float, (cells, 2 or 3)
        Places in the tissue, in any unit. Neighbors are the spots around a spot where the places
        are a grid, else the 15 nearest cells.
    n_domains : int or (int, int), optional
        How many, or a range; default estimated.
    slices : sequence, (cells,), optional
        The slice of each cell; cells of different slices are never neighbors.
    neighbors : sparse matrix, (cells, cells), optional
        Weights of neighbors, in place of those found from the coordinates.
    smoothing : int or "auto"
        Rounds, from 0 (domains of single cells as they are) to 100; "auto" chooses without labels.
    seed : int

    Returns
    -------
    Domains

    Raises
    ------
    TypeError, ValueError
        Coordinates, slices or neighbors that are not of these cells; a number out of range; a fit
        that holds no cells.

    Notes
    -----
    A domain depends on all cells around a cell, so that new cells have none without these.
    """
    if not isinstance(fit, Fit):
        raise TypeError(f"fit must be a scinno.Fit, got {type(fit).__name__}")
    n_cells = len(fit.labels)
    if not n_cells:
        raise ValueError("fit holds no cells, as the model of a run in blocks: domains need them")
    graph = tissue_graph(n_cells, coordinates, slices, neighbors)
    k = check_n_clusters(n_domains, n_cells, "n_domains")
    return domains_of(fit, graph, k, check_rounds(smoothing), check_seed(seed))


def check_rounds(smoothing: Any) -> int | None:
    """Rounds of smoothing; None for "auto".

    Raises
    ------
    TypeError, ValueError
        Neither "auto" nor a whole number from 0 to `MOST_ROUNDS`.
    """
    if isinstance(smoothing, str):
        if smoothing != "auto":
            raise ValueError(f"smoothing must be 'auto' or a number of rounds, got {smoothing!r}")
        return None
    return check_integer(smoothing, "smoothing", 0, MOST_ROUNDS)


def tissue_graph(
    n_cells: int, coordinates: Any, slices: Any = None, neighbors: Any = None
) -> sp.csr_matrix:
    """Weights of the neighbors of each cell; arguments and errors as `domains`."""
    places, of_slice = check_coordinates(coordinates, n_cells), check_slices(slices, n_cells)
    if neighbors is not None:
        return given_neighbors(neighbors, of_slice)
    return spatial_neighbors(places, of_slice)


def domains_of(
    fit: Fit, graph: sp.csr_matrix, k: RequestedK, rounds: int | None, seed: int
) -> Domains:
    """Domains by checked arguments; `domains` describes them."""
    from scinno._clusters.diagnostics import cluster_warnings
    from scinno._clusters.initial_centers import consensus_of
    from scinno._clusters.microclusters import cluster_means
    from scinno._nn.inference import view_codes
    from scinno._result.levels import recluster
    from scinno._runtime.threads import one_thread

    with one_thread():
        rng = np.random.default_rng(seed)
        table = smoothing_table(fit.embedding, graph, rng.spawn(1)[0])
        chosen = rounds is None
        if rounds is None:
            rounds = int(table["rounds"][table["chosen"]].iloc[0])
        # Of many cells a sample stands for all where partitions are compared, as in a fit.
        cells = subsample(np.arange(len(fit.labels)), MAX_SAMPLE)
        p = fit.network.n_pcs
        embedding = smoothed(fit.embedding, graph, rounds)
        views = smoothed(view_codes(fit.network, fit.latent), graph, rounds)[cells]
        components = smoothed(fit.latent[:, :p] if p else fit.latent, graph, rounds)
        choice = None
        if not isinstance(k, int):
            share = float(table["own_weight"][min(rounds, MAX_ROUNDS)])
            choice = _choose(views, components[cells], share, k, rng)
            k = choice.n_clusters
        some = embedding[cells]
        groups = consensus_of(some, [views, some, views[:, p:]], k, rng)
        centers = cluster_means(some, groups)
        _, memberships, labels = recluster(fit.network, embedding, centers)
    doubts = tuple(
        text.replace("cluster", "domain") for text in cluster_warnings(components, labels)
    )
    if chosen and table["error"].isna().all():
        doubts = (
            "cells are no more like their neighbors in space than like any other: nothing was "
            "smoothed, and the domains are clusters of single cells. Are the coordinates in the "
            "order of the cells?",
            *doubts,
        )
    return Domains(
        labels=labels,
        memberships=memberships,
        embedding=embedding,
        smoothing=rounds,
        smoothing_table=table if chosen else None,
        k_evidence=None if choice is None else choice.table,
        warnings=doubts,
    )


def _choose(
    views: np.ndarray,
    components: np.ndarray,
    own_weight: float,
    within: tuple[int, int] | None,
    rng: np.random.Generator,
) -> KChoice:
    """How many domains: as for clusters, of so many cells that their averages hardly overlap."""
    from scinno._clusters.n_clusters import estimate_n_clusters

    n = len(views)
    wanted = min(n, max(LEAST_CELLS, int(n * own_weight)))
    cells = np.sort(rng.choice(n, wanted, replace=False))
    return estimate_n_clusters(views[cells], components[cells], rng, within)
