"""The two training loops: DN alone, then DN and CN together."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from scinno._batches import Batches
from scinno._fuzzy import memberships_of
from scinno._losses import (
    fuzzy_scatter,
    imbalance,
    info_nce,
    reconstruction,
    spotting,
    squared_distances,
)
from scinno._network import Network

logger = logging.getLogger("scinno")

Row = dict[str, Any]

# How often a loss that is no number may be answered by a step back before training ends.
MOST_STEPS_BACK = 3


@dataclass
class Training:
    """What both loops share: data, one generator, the log, and the last good state."""

    network: Network
    batches: Batches
    callback: Callable[[Row], None] | None
    steps: int
    epochs: int
    history: list[Row] = field(default_factory=list)
    interrupted: bool = False

    @contextmanager
    def ending_on_interrupt(self, good: LastGood) -> Iterator[None]:
        """Ctrl-C inside ends the loop with the last good state."""
        try:
            yield
        except KeyboardInterrupt:
            good.restore()
            self.interrupted = True

    def record(self, phase: str, start: float, parts: dict[str, float], changed: float) -> Row:
        row: Row = {"epoch": len(self.history) + 1, "epochs": self.epochs, "phase": phase}
        row |= parts | {"changed": changed, "seconds": time.perf_counter() - start}
        self.history.append(row)
        if self.callback is not None:
            self.callback(dict(row))
        return row


class LastGood:
    """A copy of weights and optimiser to return to when a loss is no number any more."""

    def __init__(self, network: Network, optimiser: torch.optim.Optimizer) -> None:
        self.network, self.optimiser = network, optimiser
        self.steps_back = 0
        self.keep()

    def keep(self) -> None:
        self._weights = copy.deepcopy(self.network.state_dict())
        self._state = copy.deepcopy(self.optimiser.state_dict())

    def restore(self) -> None:
        self.network.load_state_dict(self._weights)
        self.optimiser.load_state_dict(self._state)

    def step_back(self, peak_rate: float) -> float:
        """Return to the last good state; give the smaller learning rate to go on with."""
        self.restore()
        self.steps_back += 1
        logger.warning(
            "the loss was not finite: went back to the last good epoch, learning rate %g -> %g",
            peak_rate,
            peak_rate / 10,
        )
        return peak_rate / 10


def denoise(training: Training) -> None:
    """Train DN alone: both reconstructions and InfoNCE, equations (1) to (5), and spotting."""
    network, settings = training.network, training.network.settings
    optimiser = torch.optim.Adam(network.dn.parameters(), lr=settings.learning_rate, fused=True)
    good, peak_rate = LastGood(network, optimiser), settings.learning_rate
    steps, epoch = training.steps, 0
    names = ("loss", "reconstruction", "contrast", "spotting")
    with training.ending_on_interrupt(good):
        while epoch < settings.epochs:
            start, sums = time.perf_counter(), np.zeros(4)
            for step in range(steps):
                _set_rate(optimiser, peak_rate, epoch * steps + step, settings.epochs * steps)
                clean, noisy = training.batches.draw()
                # Both paths in one pass.
                deep = network.dn.trained(network.dn.encoder, torch.cat([clean, noisy]))
                # Without noise to undo, the clean path would teach the encoder to copy.
                coded = deep if settings.clean_path else deep[len(clean) :]
                rebuilt = network.dn.trained(network.dn.decoder, coded)
                parts = _denoising_parts(network, clean, noisy, deep, rebuilt)
                loss = _denoising_loss(network, parts)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                sums += [loss.item(), *(part.item() for part in parts)]
            if not np.isfinite(sums).all():
                peak_rate = good.step_back(peak_rate)
                if good.steps_back > MOST_STEPS_BACK:
                    break
                continue
            good.keep()
            epoch += 1
            means = dict(zip(names, (sums / steps).tolist(), strict=True))
            training.record("denoise", start, means, np.nan)


def _denoising_parts(
    network: Network, clean: Tensor, noisy: Tensor, deep: Tensor, decoded: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Equations (4) and (3) for stacked clean and noisy paths, and how well noise is spotted.

    ``decoded`` is of both paths, or of the noisy one alone.
    """
    b, settings, dn = len(clean), network.settings, network.dn
    changed = clean != noisy
    from_clean = decoded[:-b] if len(decoded) > b else None
    rebuilt = reconstruction(clean, from_clean, decoded[-b:], changed, settings.noise_focus)
    contrast = spotted = torch.zeros((), device=clean.device)
    if settings.contrastive:
        projected = dn.trained(dn.projection, deep)
        contrast = info_nce(projected[:b], projected[b:], settings.temperature)
    if dn.spotter is not None:
        spotted = spotting(dn.trained(dn.spotter, deep[b:]), changed)
    return rebuilt, contrast, spotted


def _denoising_loss(network: Network, parts: tuple[Tensor, ...]) -> Tensor:
    """DN's share of equation (11)."""
    rebuilt, contrast, spotted, *_ = parts
    settings = network.settings
    return rebuilt + settings.contrast_weight * contrast + settings.spot_weight * spotted


def _set_rate(optimiser: torch.optim.Optimizer, peak: float, step: int, steps: int) -> None:
    """A short rise, then a cosine down to 5 % of the peak."""
    rise = min(1.0, (step + 1) / 20)
    fall = 0.05 + 0.95 * 0.5 * (1 + np.cos(np.pi * step / steps))
    for group in optimiser.param_groups:
        group["lr"] = peak * rise * fall


def refine(training: Training) -> None:
    """Train DN and CN together, equation (11); the cluster weight grows from 0 to λ₂.

    With the collapse guard, distances are in units of the spread within clusters, memberships
    are fixed targets of each step, and training returns to the last good epoch and ends as soon as
    a cluster has no cell left or more than `Settings.most_moved` of the cells changed cluster.
    """
    network, settings = training.network, training.network.settings
    optimiser = torch.optim.Adam(network.parameters(), lr=settings.joint_learning_rate, fused=True)
    good, peak_rate = LastGood(network, optimiser), settings.joint_learning_rate
    steps, epoch = training.steps, 0
    names = ("loss", "reconstruction", "contrast", "spotting", "scatter", "imbalance")
    with training.ending_on_interrupt(good):
        first = before = assign(training)
        while epoch < settings.joint_epochs:
            start, sums = time.perf_counter(), np.zeros(6)
            for step in range(steps):
                done = (epoch * steps + step) / (settings.joint_epochs * steps)
                _set_rate(optimiser, peak_rate, epoch * steps + step, settings.joint_epochs * steps)
                clean, noisy = training.batches.draw()
                parts = _joint_parts(network, clean, noisy)
                cluster = parts[3] + settings.entropy_weight * parts[4]
                loss = _denoising_loss(network, parts) + settings.cluster_weight * done * cluster
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                sums += [loss.item(), *(part.item() for part in parts)]
            if not np.isfinite(sums).all():
                peak_rate = good.step_back(peak_rate)
                if good.steps_back > MOST_STEPS_BACK:
                    break
                continue
            now = assign(training)
            if settings.collapse_guard and _strays(first, now, settings.most_moved):
                logger.info("joint training ends before epoch %d, which moved too much", epoch + 1)
                good.restore()
                break
            good.keep()
            epoch += 1
            means = dict(zip(names, (sums / steps).tolist(), strict=True))
            training.record("cluster", start, means, float(np.mean(now != before)))
            before = now


def _strays(first: np.ndarray, now: np.ndarray, most_moved: float) -> bool:
    """Whether a cluster has died, or more cells changed cluster than the joint phase may move."""
    died = len(np.unique(now)) < len(np.unique(first))
    return died or float(np.mean(now != first)) > most_moved


def _joint_parts(network: Network, clean: Tensor, noisy: Tensor) -> tuple[Tensor, ...]:
    """DN's parts, then both terms of equation (10), for a mini-batch."""
    settings, b = network.settings, len(clean)
    deep = network.dn.trained(network.dn.encoder, torch.cat([clean, noisy]))
    code = network.join(clean, deep[:b])
    # Without the guard the batch attends to itself: the tokens the paper's prose speaks of.
    z = network.attend(code, None if settings.collapse_guard else code)
    decoded = network.dn.trained(network.dn.decoder, deep)
    if settings.collapse_guard:
        # The clean path passes through attention, so that what cells attend to must explain them.
        decoded = torch.cat([network.decode_attended(z, deep[:b]), decoded[b:]])
    memberships = memberships_of(z, network.centres, settings.gamma, network.unit)
    distances = squared_distances(z, network.centres) / network.unit
    target = memberships.detach() if settings.collapse_guard else memberships
    return (
        *_denoising_parts(network, clean, noisy, deep, decoded),
        fuzzy_scatter(distances, target, settings.m),
        imbalance(memberships),
    )


def assign(training: Training) -> np.ndarray:
    """Current cluster of each cell, int (cells,)."""
    embedding = training.network.attended(training.batches.codes())
    return training.network.memberships(embedding).argmax(axis=1)
