"""The parts of the loss, equations (3), (4), (10) and (11) of the paper: pure functions."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional


def info_nce(clean: Tensor, noisy: Tensor, temperature: float, first: int = 0) -> Tensor:
    """Equation (3): each clean code must find its own noisy copy among those of the batch.

    Parameters
    ----------
    clean : Tensor of float32, (b, width)
    noisy : Tensor of float32, (b or more, width)
        Both are brought to norm 1 here.
    temperature : float
        τ; smaller looks harder at the nearest wrong cells.
    first : int
        Row of ``noisy`` that belongs to the first of ``clean``, the next to the next.

    Returns
    -------
    Tensor, ()
        Mean over the batch, in nats.
    """
    similarity = functional.normalize(clean) @ functional.normalize(noisy).T / temperature
    own = torch.arange(first, first + len(clean), device=clean.device)
    return functional.cross_entropy(similarity, own)


def reconstruction(
    x: Tensor,
    from_clean: Tensor | None,
    from_noisy: Tensor,
    changed: Tensor | None = None,
    corrupted_weight: float = 0.5,
) -> Tensor:
    """Equation (4): mean squared error to the clean values, summed over both paths.

    Parameters
    ----------
    x, from_clean, from_noisy : Tensor, (b, g)
        Clean values, and what the decoder makes of each path; None leaves the clean path out.
    changed : Tensor of bool, (b, g), optional
        Which values the noise changed.
    corrupted_weight : float
        Share of those values in the noisy path's weights, 0 to 1; 0.5 is equation (4).
    """
    if changed is None:
        noisy = functional.mse_loss(from_noisy, x)
    else:
        # Square roots of the weights, on both sides of the difference: fewer passes over (b, g).
        low, high = math.sqrt(2 * (1 - corrupted_weight)), math.sqrt(2 * corrupted_weight)
        root = changed.to(x.dtype) * (high - low) + low
        noisy = functional.mse_loss(root * from_noisy, root * x)
    return noisy if from_clean is None else functional.mse_loss(from_clean, x) + noisy


def mask_prediction(scores: Tensor, changed: Tensor) -> Tensor:
    """How well ``scores`` (b, g), log odds, tell which values the noise changed, in nats."""
    return functional.binary_cross_entropy_with_logits(scores, changed.to(scores.dtype))


def squared_distances(z: Tensor, centers: Tensor) -> Tensor:
    """‖z_i − c_k‖², float (cells, k)."""
    products = z @ centers.T
    lengths = z.square().sum(1, keepdim=True) + centers.square().sum(1)
    return (lengths - 2 * products).clamp_min(0)


def fuzzy_scatter(distances: Tensor, memberships: Tensor, fuzzifier: float) -> Tensor:
    """First term of equation (10): Σ_k u_ik^m d²_ik, as a mean over cells.

    Parameters
    ----------
    distances : Tensor, (cells, k)
        Squared.
    memberships : Tensor, (cells, k)
        Rows sum to 1.
    fuzzifier : float
        m, above 1.
    """
    return (memberships**fuzzifier * distances).sum(1).mean()


def negative_entropy(memberships: Tensor) -> Tensor:
    """Entropy term of equation (10): Σ_k p_k log p_k of the mean membership p, in nats.

    Lowest (−log k) when clusters are of equal weight, 0 when one holds every cell. The paper gives
    neither the sign nor whether it is taken per cell; only this choice acts "against all cells
    joining one cluster".
    """
    share = memberships.mean(0)
    # A cluster that no cell of the batch is near has a share of exactly 0, where the slope of
    # p log p is infinite: it takes no part in the gradient.
    share = share.clamp_min(torch.finfo(share.dtype).tiny)
    return torch.xlogy(share, share).sum()
