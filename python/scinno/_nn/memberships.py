"""Fuzzy k-means: memberships, distances within clusters, and the order of the clusters."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from scinno._nn.losses import squared_distances


def fuzzy_memberships(
    z: Tensor, centers: Tensor, gamma: float, distance_scale: Tensor | float = 1.0
) -> Tensor:
    """Equation (9): u_ik = softmax_k(−γ ‖z_i − c_k‖² / distance_scale).

    Parameters
    ----------
    z : Tensor, (cells, latent)
    centers : Tensor, (k, latent)
    gamma : float
        Larger is harder.
    distance_scale : float
        What squared distances are measured in. The paper has 1; the default preset has the mean
        squared distance of cells to their own center, so that γ means the same on any data.

    Returns
    -------
    Tensor, (cells, k)
        Rows sum to 1.
    """
    return torch.softmax(-gamma / distance_scale * squared_distances(z, centers), dim=1)


def mean_within_distance(z: Tensor, centers: Tensor) -> float:
    """Mean squared distance of cells to their nearest center; never 0."""
    return max(float(squared_distances(z, centers).min(1).values.mean()), 1e-12)


def order_by_size(labels: np.ndarray, k: int) -> np.ndarray:
    """Old cluster numbers in their new order: largest first, ties by first cell, empty last."""
    sizes = np.bincount(labels, minlength=k)
    first = np.full(k, len(labels))
    np.minimum.at(first, labels, np.arange(len(labels)))
    return np.lexsort((np.arange(k), first, -sizes))
