"""Other levels of a fit: its tree, and the same fit with fewer or more clusters."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scinno._clusters.diagnostics import cluster_warnings
from scinno._clusters.microclusters import cluster_means
from scinno._clusters.subsample import subsample
from scinno._tree.cluster_tree import ClusterTree, node_names
from scinno._tree.linkage import grow
from scinno._tree.splits import split_table

if TYPE_CHECKING:
    from scinno._result.fit import Fit

# Cells of a leaf whose denoised expression is averaged.
FOR_MEANS = 50


def tree_of(fit: Fit) -> ClusterTree:
    """The tree of a fit; the same fit always gives the same tree."""
    linkage = grow(fit.embedding, fit.labels, fit.seed)
    names = node_names(linkage)
    means = np.stack([
        fit.denoised(subsample(np.flatnonzero(linkage.leaf_of_cell == leaf), FOR_MEANS)).mean(0)
        for leaf in range(linkage.n_leaves)
    ])  # fmt: skip
    return ClusterTree(
        linkage,
        names,
        split_table(linkage, names, components_of(fit), means, fit.genes, fit.seed),
    )


def cut_fit(fit: Fit, n_clusters: int | None, resolution: float | None) -> Fit:
    """The fit with the clusters of another level of its tree; see `Fit.cut`."""
    from scinno._nn.inference import assign_cells
    from scinno._nn.memberships import order_by_size
    from scinno._run import RunContext
    from scinno._runtime.scratch import ScratchSpace

    k = fit.tree.level(n_clusters, resolution)
    if k == fit.n_clusters:
        return fit
    if k < 2:
        raise ValueError(f"a fit has 2 clusters or more, and this level has {k}")
    centers = cluster_means(fit.embedding, fit.tree.cut(k)).astype(np.float32)
    network = copy.deepcopy(fit.network)
    network.set_centers(centers, fit.embedding)
    context = RunContext(ScratchSpace())
    _, labels = assign_cells(network, fit.embedding, context)
    network.reorder_clusters(order_by_size(labels, k))
    memberships, labels = assign_cells(network, fit.embedding, context)
    return replace(
        fit,
        labels=labels,
        memberships=memberships,
        centers=network.centers.detach().numpy(),
        network=network.eval().requires_grad_(False),
        warnings=cluster_warnings(components_of(fit), labels),
    )


def components_of(fit: Fit) -> np.ndarray:
    """The principal components of each cell, or its code where there are none."""
    p = fit.network.n_pcs
    return fit.latent[:, :p] if p else fit.latent
