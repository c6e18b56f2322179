"""The two training loops: DN alone, then DN and CN together."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from scinno._distributed.ddp import spread
from scinno._distributed.group import Team
from scinno._nn.losses import (
    fuzzy_scatter,
    imbalance,
    info_nce,
    reconstruction,
    spotting,
    squared_distances,
)
from scinno._nn.memberships import memberships_of
from scinno._nn.network import Network
from scinno._train.batches import Batches
from scinno._train.checkpoint import NOWHERE, Checkpoint
from scinno._train.rollback import LastGood

logger = logging.getLogger("scinno")

Row = dict[str, Any]


@dataclass
class Training:
    """What both loops share: data, one generator, the log, and where checkpoints go."""

    network: Network
    batches: Batches
    callback: Callable[[Row], None] | None
    steps: int
    epochs: int
    checkpoint: Checkpoint = NOWHERE
    history: list[Row] = field(default_factory=list)
    interrupted: bool = False

    @property
    def team(self) -> Team:
        return self.batches.team

    def resume(self, loop: str, good: LastGood) -> None:
        """Go on from the loop's checkpoint, if there is one."""
        state = self.checkpoint.load(loop)
        if state is not None:
            good.go_on(state)
            self.history[:] = state["history"]
            self.batches.go_on(state["generator"], good.epoch)

    def save(self, loop: str, good: LastGood, last: bool) -> None:
        """A checkpoint after a good epoch, if it is time to, and always after the ``last``."""
        state = good.state() | {"history": self.history, "generator": self.batches.state()}
        self.checkpoint.save(loop, state, now=last)

    @contextmanager
    def ending_on_interrupt(self, good: LastGood) -> Iterator[None]:
        """Ctrl-C inside ends the loop with the last good state."""
        try:
            yield
        except KeyboardInterrupt:
            if not self.team.alone:  # each process would end at another step
                raise
            good.restore()
            self.interrupted = True

    def record(self, phase: str, start: float, parts: dict[str, float], changed: float) -> Row:
        row: Row = {"epoch": len(self.history) + 1, "epochs": self.epochs, "phase": phase}
        row |= parts | {"changed": changed, "seconds": time.perf_counter() - start}
        self.history.append(row)
        if self.callback is not None:
            self.callback(dict(row))
        return row


def denoise(training: Training) -> None:
    """Train DN alone: both reconstructions and InfoNCE, equations (1) to (5), and spotting."""
    network, settings = training.network, training.network.settings
    optimiser = torch.optim.Adam(network.dn.parameters(), lr=settings.learning_rate, fused=True)
    good = LastGood(network, optimiser, settings.learning_rate)
    training.resume("denoise", good)
    steps, team = training.steps, training.team
    names = ("loss", "reconstruction", "contrast", "spotting")
    # Without InfoNCE nothing is projected.
    of_batch = spread(
        network.dn,
        functools.partial(_alone_parts, network, team),
        team,
        unused=not settings.contrastive,
    )
    with training.ending_on_interrupt(good):
        while good.epoch < settings.epochs:
            start, sums = time.perf_counter(), np.zeros(4)
            for step in range(steps):
                done = good.epoch * steps + step
                _set_rate(optimiser, good.peak_rate, done, settings.epochs * steps)
                parts = of_batch(*training.batches.draw())
                loss = _denoising_loss(network, parts)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                sums += [loss.item(), *(part.item() for part in parts)]
            sums = team.sum(sums) / team.size
            if not np.isfinite(sums).all():
                if not good.step_back():
                    break
                continue
            good.keep()
            good.epoch += 1
            means = dict(zip(names, (sums / steps).tolist(), strict=True))
            training.record("denoise", start, means, np.nan)
            training.save("denoise", good, good.epoch == settings.epochs)


def _alone_parts(
    network: Network, team: Team, clean: Tensor, noisy: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The parts of DN's loss for a mini-batch, both paths in one pass."""
    deep = network.dn.trained(network.dn.encoder, torch.cat([clean, noisy]))
    # Without noise to undo, the clean path would teach the encoder to copy.
    coded = deep if network.settings.clean_path else deep[len(clean) :]
    rebuilt = network.dn.trained(network.dn.decoder, coded)
    return _denoising_parts(network, team, clean, noisy, deep, rebuilt)


def _denoising_parts(
    network: Network, team: Team, clean: Tensor, noisy: Tensor, deep: Tensor, decoded: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Equations (4) and (3) for stacked clean and noisy paths, and how well noise is spotted.

    ``decoded`` is of both paths, or of the noisy one alone. A clean code must be told from the
    noisy copies of the whole team.
    """
    b, settings, dn = len(clean), network.settings, network.dn
    changed = clean != noisy
    from_clean = decoded[:-b] if len(decoded) > b else None
    rebuilt = reconstruction(clean, from_clean, decoded[-b:], changed, settings.noise_focus)
    contrast = spotted = torch.zeros((), device=clean.device)
    if settings.contrastive:
        projected = dn.trained(dn.projection, deep)
        others = team.gathered(projected[b:])
        contrast = info_nce(projected[:b], others, settings.temperature, team.rank * b)
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
        group["lr"] = float(peak * rise * fall)


def refine(training: Training) -> None:
    """Train DN and CN together, equation (11); the cluster weight grows from 0 to λ₂.

    With the collapse guard, distances are in units of the spread within clusters, memberships
    are fixed targets of each step, and training returns to the last good epoch and ends as soon as
    a cluster has no cell left or more than `Settings.most_moved` of the cells changed cluster.
    """
    network, settings = training.network, training.network.settings
    optimiser = torch.optim.Adam(network.parameters(), lr=settings.joint_learning_rate, fused=True)
    good = LastGood(network, optimiser, settings.joint_learning_rate)
    training.resume("cluster", good)
    steps, team = training.steps, training.team
    names = ("loss", "reconstruction", "contrast", "spotting", "scatter", "imbalance")
    of_batch = spread(
        network,
        functools.partial(_joint_parts, network, team),
        team,
        unused=not settings.contrastive,
    )
    with training.ending_on_interrupt(good):
        if not good.more:
            good.more = dict.fromkeys(("first", "before"), torch.from_numpy(assign(training)))
        first = good.more["first"].numpy()
        while good.epoch < settings.joint_epochs:
            start, sums = time.perf_counter(), np.zeros(6)
            for step in range(steps):
                done, of = good.epoch * steps + step, settings.joint_epochs * steps
                _set_rate(optimiser, good.peak_rate, done, of)
                parts = of_batch(*training.batches.draw())
                cluster = parts[3] + settings.entropy_weight * parts[4]
                weight = settings.cluster_weight * (done / of)
                loss = _denoising_loss(network, parts) + weight * cluster
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                sums += [loss.item(), *(part.item() for part in parts)]
            sums = team.sum(sums) / team.size
            if not np.isfinite(sums).all():
                if not good.step_back():
                    break
                continue
            now = assign(training)
            if settings.collapse_guard and _strays(first, now, settings.most_moved):
                logger.info(
                    "joint training ends before epoch %d, which moved too much", good.epoch + 1
                )
                good.restore()
                break
            good.keep()
            good.epoch += 1
            means = dict(zip(names, (sums / steps).tolist(), strict=True))
            changed = float(np.mean(now != good.more["before"].numpy()))
            training.record("cluster", start, means, changed)
            good.more = good.more | {"before": torch.from_numpy(now)}
            training.save("cluster", good, good.epoch == settings.joint_epochs)


def _strays(first: np.ndarray, now: np.ndarray, most_moved: float) -> bool:
    """Whether a cluster has died, or more cells changed cluster than the joint phase may move."""
    died = len(np.unique(now)) < len(np.unique(first))
    return died or float(np.mean(now != first)) > most_moved


def _joint_parts(network: Network, team: Team, clean: Tensor, noisy: Tensor) -> tuple[Tensor, ...]:
    """DN's parts, then both terms of equation (10), for a mini-batch."""
    settings, b = network.settings, len(clean)
    deep = network.dn.trained(network.dn.encoder, torch.cat([clean, noisy]))
    code = network.join(clean, deep[:b])
    # Without the guard the batch attends to itself: the tokens the paper's prose speaks of.
    z = network.attend(code, None if settings.collapse_guard else team.gathered(code))
    decoded = network.dn.trained(network.dn.decoder, deep)
    if settings.collapse_guard:
        # The clean path passes through attention, so that what cells attend to must explain them.
        decoded = torch.cat([network.decode_attended(z, deep[:b]), decoded[b:]])
    memberships = memberships_of(z, network.centres, settings.gamma, network.unit)
    distances = squared_distances(z, network.centres) / network.unit
    target = memberships.detach() if settings.collapse_guard else memberships
    return (
        *_denoising_parts(network, team, clean, noisy, deep, decoded),
        fuzzy_scatter(distances, target, settings.m),
        imbalance(team.gathered(memberships)),
    )


def assign(training: Training) -> np.ndarray:
    """Current cluster of each cell that is looked at, int (cells,)."""
    embedding = training.network.attended(training.batches.own_codes())
    return training.team.rows(training.network.memberships(embedding).argmax(axis=1))
