"""Communities of cells that share their nearest neighbors, and how many there are."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sknetwork.clustering import Louvain

# Neighbors of a cell, itself among them: the default of scanpy.
NEIGHBORS = 15
# Cells that share less than this fraction of their neighbors are not connected: as in Seurat.
MIN_JACCARD = 1 / 15
# Resolutions for `REFERENCE_CELLS` cells. At one resolution modularity finds more communities in
# more cells of the same tissue; with the root of their number it does not (number-of-clusters.md).
RESOLUTIONS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
REFERENCE_CELLS = 1000
# Smaller communities are not counted: in a small set many cells share a neighbor with none.
LEAST_CELLS = 6


def community_counts(code: np.ndarray, rng: np.random.Generator) -> list[int]:
    """Number of communities of at least `LEAST_CELLS` cells at each of `RESOLUTIONS`.

    Parameters
    ----------
    code : ndarray of float32, (cells, any width)
        Where neighbors are found.
    rng : Generator
    """
    graph = shared_neighbor_graph(code)
    if not graph.nnz:
        return [0] * len(RESOLUTIONS)
    correction = (len(code) / REFERENCE_CELLS) ** -0.5
    found = [_communities(graph, resolution * correction, rng) for resolution in RESOLUTIONS]
    return [int((np.bincount(labels) >= LEAST_CELLS).sum()) for labels in found]


def shared_neighbor_graph(code: np.ndarray) -> sparse.csr_matrix:
    """Jaccard index of the neighbors of two cells, float64 (cells, cells), without the diagonal.

    Parameters
    ----------
    code : ndarray of float32, (cells, any width)
    """
    n = len(code)
    k = min(NEIGHBORS, n)
    near = NearestNeighbors(n_neighbors=k).fit(code).kneighbors(code, return_distance=False)
    knows = sparse.csr_matrix((np.ones(n * k), near.ravel(), np.arange(0, n * k + 1, k)), (n, n))
    shared = (knows @ knows.T).tocsr()
    shared.data /= 2 * k - shared.data
    shared.data[shared.data < MIN_JACCARD] = 0
    shared.setdiag(0)
    shared.eliminate_zeros()
    shared.sort_indices()
    return shared


def _communities(
    graph: sparse.csr_matrix, resolution: float, rng: np.random.Generator
) -> np.ndarray:
    """Community of each cell by modularity (Blondel et al., J. Stat. Mech. P10008, 2008)."""
    model = Louvain(
        resolution=resolution,
        modularity="newman",
        shuffle_nodes=True,
        random_state=int(rng.integers(2**31)),
    )
    labels: np.ndarray = model.fit_predict(graph)
    return labels
