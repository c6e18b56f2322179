"""The parts of the loss of one mini-batch, for each phase."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from scinno._distributed.group import ProcessGroup
from scinno._nn.losses import (
    fuzzy_scatter,
    info_nce,
    mask_prediction,
    negative_entropy,
    reconstruction,
    squared_distances,
)
from scinno._nn.network import Network


class PretrainLosses(NamedTuple):
    """DN's losses, each a Tensor (): equations (4) and (3), and mask prediction."""

    reconstruction: Tensor
    contrastive: Tensor
    mask_prediction: Tensor


class JointLosses(NamedTuple):
    """DN's losses, then both terms of equation (10); each a Tensor ()."""

    reconstruction: Tensor
    contrastive: Tensor
    mask_prediction: Tensor
    scatter: Tensor
    negative_entropy: Tensor


def pretrain_losses(
    network: Network, group: ProcessGroup, clean: Tensor, noisy: Tensor
) -> PretrainLosses:
    """Losses of clean and noisy cells, each (b, g), while DN is trained alone."""
    dn = network.dn
    encoded = dn.through(dn.encoder, torch.cat([clean, noisy]))
    # Without noise to remove, the clean path would teach the encoder to copy.
    code = encoded if network.settings.reconstruct_clean else encoded[len(clean) :]
    decoded = dn.through(dn.decoder, code)
    return _denoising_losses(network, group, clean, noisy, encoded, decoded)


def joint_losses(
    network: Network, group: ProcessGroup, clean: Tensor, noisy: Tensor
) -> JointLosses:
    """Losses of clean and noisy cells, each (b, g), while DN and CN are trained together."""
    settings, dn, b = network.settings, network.dn, len(clean)
    encoded = dn.through(dn.encoder, torch.cat([clean, noisy]))
    code = network.concat_views(clean, encoded[:b])
    # Without the guard the batch attends to itself: the tokens the paper's prose speaks of.
    z = network.attend(code, None if settings.collapse_guard else group.all_gather(code))
    decoded = dn.through(dn.decoder, encoded)
    if settings.collapse_guard:
        # The clean path passes through attention, so that what cells attend to must explain them.
        decoded = torch.cat([network.decode_attended(z, encoded[:b]), decoded[b:]])
    memberships = network.memberships(z)
    distances = squared_distances(z, network.centers) / network.distance_scale
    target = memberships.detach() if settings.collapse_guard else memberships
    return JointLosses(
        *_denoising_losses(network, group, clean, noisy, encoded, decoded),
        fuzzy_scatter(distances, target, settings.fuzzifier),
        negative_entropy(group.all_gather(memberships)),
    )


def _denoising_losses(
    network: Network,
    group: ProcessGroup,
    clean: Tensor,
    noisy: Tensor,
    encoded: Tensor,
    decoded: Tensor,
) -> PretrainLosses:
    """Equations (4) and (3) for stacked clean and noisy paths, and mask prediction.

    ``decoded`` is of both paths, or of the noisy one alone. A clean code must be distinguished
    from the noisy copies of all ranks.
    """
    b, settings, dn = len(clean), network.settings, network.dn
    changed = clean != noisy
    from_clean = decoded[:-b] if len(decoded) > b else None
    error = reconstruction(clean, from_clean, decoded[-b:], changed, settings.corrupted_weight)
    contrastive = mask = torch.zeros((), device=clean.device)
    if settings.contrastive:
        projected = dn.through(dn.projection, encoded)
        candidates = group.all_gather(projected[b:])
        contrastive = info_nce(projected[:b], candidates, settings.temperature, group.rank * b)
    if dn.mask_predictor is not None:
        mask = mask_prediction(dn.through(dn.mask_predictor, encoded[b:]), changed)
    return PretrainLosses(error, contrastive, mask)
