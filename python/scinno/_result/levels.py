"""Other levels of a fit: its tree, and its clusters where that is cut."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from scinno._clusters.subsample import subsample
from scinno._runtime.threads import one_thread
from scinno._tree.cluster_tree import ClusterTree, node_names
from scinno._tree.linkage import grow
from scinno._tree.splits import split_table

if TYPE_CHECKING:
    from scinno._nn.network import Network

# Cells of a leaf whose denoised expression is averaged.
FOR_MEANS = 50


def make_tree(
    embedding: np.ndarray,
    labels: np.ndarray,
    components: np.ndarray,
    denoised: Callable[[np.ndarray], np.ndarray],
    genes: np.ndarray,
    seed: int,
) -> ClusterTree:
    """The tree of a fit; the same fit always gives the same tree.

    Parameters
    ----------
    embedding, labels, genes, seed
        Of the fit.
    components : ndarray of float32, (cells, any width)
        Where splits are judged.
    denoised : callable
        Denoised expression, float32 (any, genes), of cells by their places.

    Raises
    ------
    ValueError
        The fit holds no cells.
    """
    if not len(labels):
        raise ValueError(
            "the fit holds no cells, as the model of a run in blocks, so it has no tree: cluster "
            "in memory, or a sample of the cells"
        )
    # Hundreds of small k-means: several threads are slower, and give other last digits.
    with one_thread():
        linkage = grow(embedding, labels, seed)
        names = node_names(linkage)
        means = np.stack([
            denoised(subsample(np.flatnonzero(linkage.leaf_of_cell == leaf), FOR_MEANS)).mean(0)
            for leaf in range(linkage.n_leaves)
        ])  # fmt: skip
        splits = split_table(linkage, names, components, means, genes, seed)
    return ClusterTree(linkage, names, splits)


def recluster(
    network: Network, embedding: np.ndarray, centers: np.ndarray
) -> tuple[Network, np.ndarray, np.ndarray]:
    """A copy of a network with other centers; memberships and labels by them.

    Parameters
    ----------
    network : Network
        Left as it is.
    embedding : ndarray of float32, (cells, latent)
    centers : ndarray, (k, latent)
    """
    from scinno._nn.inference import assign_cells
    from scinno._nn.memberships import order_by_size
    from scinno._run import RunContext
    from scinno._runtime.scratch import ScratchSpace

    centers = centers.astype(np.float32)
    network = copy.deepcopy(network)
    network.set_centers(centers, embedding)
    context = RunContext(ScratchSpace())
    _, labels = assign_cells(network, embedding, context)
    network.reorder_clusters(order_by_size(labels, len(centers)))
    memberships, labels = assign_cells(network, embedding, context)
    return network.eval().requires_grad_(False), memberships, labels
