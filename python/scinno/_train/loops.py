"""The two training loops: DN alone, then DN and CN together."""

from __future__ import annotations

import functools
import logging
from typing import Any

import numpy as np
import torch
from torch import Tensor

from scinno._nn.adam import Adam
from scinno._nn.inference import embed, memberships
from scinno._nn.network import Network
from scinno._train.batch_losses import joint_losses, pretrain_losses
from scinno._train.parts import parts_of
from scinno._train.phase import Phase, Training

logger = logging.getLogger("scinno")


def pretrain(training: Training) -> None:
    """Train DN alone: reconstruction and InfoNCE, equations (1) to (5), and mask prediction."""
    network, settings, group = training.network, training.network.settings, training.context.group
    batches = training.batches
    optimizer = Adam(network.dn.parameters(), lr=settings.learning_rate, fused=True)
    phase = Phase(training, "pretrain", optimizer, settings.learning_rate, settings.pretrain_epochs)

    def part_loss(network: Network, part: int) -> tuple[Tensor, Any]:
        losses = pretrain_losses(network, group, *batches.draw(part))
        loss = (
            losses.reconstruction
            + settings.contrastive_loss_weight * losses.contrastive
            + settings.mask_loss_weight * losses.mask_prediction
        )
        return loss, losses

    with phase.ending_on_interrupt(), parts_of(network, batches.n_parts, group) as parts:
        for epoch in phase.epochs():
            for _ in epoch.steps():
                losses = parts.gradients(part_loss)
                optimizer.step()
                epoch.add(losses)


def refine(training: Training) -> None:
    """Train DN and CN together, equation (11); the cluster weight grows from 0 to λ₂.

    With the collapse guard, distances are in units of the mean within-cluster distance, memberships
    are fixed targets of each step, and training returns to the last good epoch and ends as soon as
    a cluster has no cell left, or more than `Settings.max_label_change` of the cells have changed
    cluster.
    """
    network, settings, group = training.network, training.network.settings, training.context.group
    optimizer = Adam(network.parameters(), lr=settings.joint_learning_rate, fused=True)
    phase = Phase(training, "joint", optimizer, settings.joint_learning_rate, settings.joint_epochs)
    batches, labels = training.batches, phase.rollback.extra

    def part_loss(share_done: float, network: Network, part: int) -> tuple[Tensor, Any]:
        losses = joint_losses(network, group, *batches.draw(part))
        cluster = losses.scatter + settings.entropy_loss_weight * losses.negative_entropy
        loss = (
            losses.reconstruction
            + settings.contrastive_loss_weight * losses.contrastive
            + settings.mask_loss_weight * losses.mask_prediction
            + settings.cluster_loss_weight * share_done * cluster
        )
        return loss, losses

    with phase.ending_on_interrupt(), parts_of(network, batches.n_parts, group) as parts:
        if not labels:
            labels |= dict.fromkeys(("first", "last"), torch.from_numpy(assign_sample(training)))
        first = labels["first"].numpy()
        for epoch in phase.epochs():
            for share_done in epoch.steps():
                losses = parts.gradients(functools.partial(part_loss, share_done))
                optimizer.step()
                epoch.add(losses)
            if not epoch.is_finite:
                continue  # which is undone
            now = assign_sample(training)
            if settings.collapse_guard and _collapses(first, now, settings.max_label_change):
                logger.info(
                    "joint training ends before epoch %d, which changed too many labels",
                    phase.rollback.epoch + 1,
                )
                phase.rollback.restore()
                break
            epoch.label_change = float(np.mean(now != labels["last"].numpy()))
            labels["last"] = torch.from_numpy(now)


def assign_sample(training: Training) -> np.ndarray:
    """Current label of each cell of the sample, int (cells,), of all ranks."""
    embedding = embed(training.network, training.batches.local_codes())
    own = memberships(training.network, embedding).argmax(axis=1)
    return training.context.group.all_gather_rows(own)


def _collapses(first: np.ndarray, now: np.ndarray, max_label_change: float) -> bool:
    """Whether a cluster has died, or more cells changed cluster than the joint phase may move."""
    died = len(np.unique(now)) < len(np.unique(first))
    return died or float(np.mean(now != first)) > max_label_change
