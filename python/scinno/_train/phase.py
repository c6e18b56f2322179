"""What both training phases share: epochs, learning rate, history, rollback, checkpoints."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch.optim.lr_scheduler import LambdaLR

from scinno._nn.network import Network
from scinno._run import RunContext
from scinno._train.batches import Batches
from scinno._train.checkpoint import Checkpoint
from scinno._train.rollback import Rollback

Row = dict[str, Any]

# Steps in which the learning rate rises to its peak.
WARMUP = 20
# Share of the peak that the learning rate falls to.
FLOOR = 0.05


@dataclass
class Training:
    """A network in training, its data, and the history of all phases."""

    network: Network
    batches: Batches
    context: RunContext
    checkpoint: Checkpoint
    steps_per_epoch: int
    n_epochs: int
    history: list[Row] = field(default_factory=list)
    interrupted: bool = False


class Epoch:
    """One epoch of a phase: its steps, and the sums of their losses."""

    def __init__(self, phase: Phase) -> None:
        self._phase, self._number = phase, phase.rollback.epoch
        self._names: tuple[str, ...] = ()
        self._sums = np.zeros(0)
        self._means: dict[str, float] = {}
        self.label_change = float("nan")

    def steps(self) -> Iterator[float]:
        """Give each step the share of the phase that is done before it, from 0 to 1."""
        phase, n = self._phase, self._phase.training.steps_per_epoch
        done, total = self._number * n, phase.n_epochs * n
        scheduler = phase.scheduler(done, total)
        for step in range(n):
            yield (done + step) / total
            scheduler.step()

    def add(self, losses: Mapping[str, float]) -> None:
        """Add the loss of a step and its parts to the sums of the epoch."""
        values = np.array(list(losses.values()))
        self._sums = self._sums + values if len(self._sums) else values
        self._names = tuple(losses)

    @property
    def means(self) -> dict[str, float]:
        """Mean of each part of the loss, over steps and ranks."""
        if not self._means:
            training = self._phase.training
            sums = training.context.group.all_reduce_sum(self._sums) / training.context.group.size
            means = (sums / training.steps_per_epoch).tolist()
            self._means = dict(zip(self._names, means, strict=True))
        return self._means

    @property
    def is_finite(self) -> bool:
        return all(map(math.isfinite, self.means.values()))


class Phase:
    """One of the two phases of training.

    Parameters
    ----------
    training : Training
    name : str
        "pretrain" or "joint".
    optimizer : Optimizer
    peak_rate : float
        Highest learning rate.
    n_epochs : int
    """

    def __init__(
        self,
        training: Training,
        name: str,
        optimizer: torch.optim.Optimizer,
        peak_rate: float,
        n_epochs: int,
    ) -> None:
        self.training, self.name, self.n_epochs = training, name, n_epochs
        self.optimizer = optimizer
        self._done: dict[str, Any] = {}
        self.rollback = Rollback(training.network, optimizer, peak_rate)
        state = training.checkpoint.load(name, self.rollback, n_epochs, training.batches.n_sample)
        if state is not None:
            self.rollback.load_state_dict(state)
            training.history[:] = state["history"]
            training.batches.resume(state["random_state"], self.rollback.epoch)

    def epochs(self) -> Iterator[Epoch]:
        """Epochs that are still to do; what follows each one is done here.

        An epoch whose losses are not finite is undone and tried again with a smaller learning rate,
        `MAX_ROLLBACKS` times. Any other is kept, recorded and saved.
        """
        rollback, training = self.rollback, self.training
        while rollback.epoch < self.n_epochs:
            start = time.perf_counter()
            epoch = Epoch(self)
            yield epoch
            if not epoch.is_finite:
                if not rollback.roll_back():
                    return
                continue
            rollback.keep()
            rollback.epoch += 1
            row = self._record(epoch, time.perf_counter() - start)
            self._done = rollback.state_dict() | {
                "history": list(training.history),
                "random_state": training.batches.random_state(),
            }
            training.checkpoint.save(self.name, self._done, now=rollback.epoch == self.n_epochs)
            if training.context.callback is not None:
                training.context.callback(dict(row))

    @contextmanager
    def ending_on_interrupt(self) -> Iterator[None]:
        """Ctrl-C inside ends the phase with the last good state, which goes into the checkpoint."""
        try:
            yield
        except KeyboardInterrupt:
            if not self.training.context.group.is_single:  # each rank would end at another step
                raise
            self.rollback.restore()
            self.training.interrupted = True
            if self._done:
                self.training.checkpoint.save(self.name, self._done, now=True)

    def scheduler(self, done: int, total: int) -> LambdaLR:
        """PyTorch's scheduler of the optimizer, ``done`` of ``total`` steps into the phase."""
        for group in self.optimizer.param_groups:
            group["initial_lr"] = self.rollback.peak_rate
        return LambdaLR(self.optimizer, functools.partial(rate_factor, total=total), done - 1)

    def _record(self, epoch: Epoch, seconds: float) -> Row:
        training = self.training
        row: Row = {"epoch": len(training.history) + 1, "n_epochs": training.n_epochs}
        row |= {"phase": self.name} | epoch.means
        row |= {"label_change": epoch.label_change, "seconds": seconds}
        training.history.append(row)
        return row


def history_table(rows: list[Row]) -> pd.DataFrame:
    """`Fit.history`; with its columns also where the first epoch was interrupted."""
    always = ["epoch", "n_epochs", "phase", "loss", "label_change", "seconds"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=always)


def ended_early(history: pd.DataFrame) -> bool:
    """Whether `Fit.history` lacks epochs, as after an interrupt."""
    return not history.empty and len(history) < history["n_epochs"].iloc[-1]


def rate_factor(step: int, total: int) -> float:
    """Learning rate of a step over its peak: a short linear rise, then a cosine down to 5 %."""
    rise = min(1.0, (step + 1) / WARMUP)
    fall = FLOOR + (1 - FLOOR) * 0.5 * (1 + np.cos(np.pi * step / total))
    return float(rise * fall)
