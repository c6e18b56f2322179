"""The processes that train one network together: usually one alone.

``torchrun`` starts them and says to each which one it is. Each reads and keeps its own part of the
cells, gradients are averaged by PyTorch's `DistributedDataParallel`, and whatever is computed of
all cells is summed or gathered here. What only one process may decide, the first one does.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

from scinno._distributed.env import team_size
from scinno._distributed.rendezvous import meeting_store

T = TypeVar("T")

# Processes wait for the first one, which seeks centres and writes, and for slow disks.
PATIENCE = datetime.timedelta(hours=6)
# Rows that are sent at a time.
BLOCK = 65_536


@dataclass(frozen=True)
class Team:
    """Which process this is, of how many.

    Attributes
    ----------
    rank, size : int
        From 0; one process alone is 0 of 1.
    """

    rank: int = 0
    size: int = 1

    @property
    def alone(self) -> bool:
        return self.size == 1

    @property
    def first(self) -> bool:
        """Whether this process decides and writes."""
        return self.rank == 0

    def part(self, n: int) -> range:
        """Which of ``n`` cells are this process's: consecutive ones, as many as the others'."""
        return range(n * self.rank // self.size, n * (self.rank + 1) // self.size)

    def mine(self, rows: np.ndarray, n: int) -> np.ndarray:
        """Of some of all ``n`` rows, those that lie in `part`, counted from its start."""
        part = self.part(n)
        return rows[(rows >= part.start) & (rows < part.stop)] - part.start

    def sum(self, own: np.ndarray) -> np.ndarray:
        """Sum of everyone's array of one shape, float64 or int64."""
        if self.alone:
            return own
        total = torch.from_numpy(own.copy())
        dist.all_reduce(total)
        return total.numpy()

    def rows(self, own: np.ndarray) -> np.ndarray:
        """Everyone's rows, one below the other in the order of the processes."""
        if self.alone:
            return own
        lengths = self._lengths(len(own))
        padded = torch.zeros((max(lengths), *own.shape[1:]), dtype=torch.from_numpy(own).dtype)
        padded[: len(own)] = torch.from_numpy(own)
        everyone = [torch.empty_like(padded) for _ in lengths]
        dist.all_gather(everyone, padded)
        parts = zip(everyone, lengths, strict=True)
        return torch.cat([part[:length] for part, length in parts]).numpy()

    def to_first(self, own: np.ndarray, whole: np.ndarray) -> np.ndarray:
        """The first process fills ``whole`` with everyone's rows; the others give theirs away.

        Block by block: ``whole`` may lie on the disk.
        """
        if self.alone:
            return own
        lengths = self._lengths(len(own))
        if not self.first:
            for start in range(0, len(own), BLOCK):
                dist.send(torch.from_numpy(np.ascontiguousarray(own[start : start + BLOCK])), 0)
            return own[:0]
        whole[: len(own)] = own
        end = len(own)
        for rank, length in enumerate(lengths[1:], 1):
            for start in range(0, length, BLOCK):
                block = whole[end + start : end + min(start + BLOCK, length)]
                came = torch.empty(block.shape, dtype=torch.from_numpy(block[:0]).dtype)
                dist.recv(came, rank)
                block[:] = came.numpy()
            end += length
        return whole

    def from_first(self, make: Callable[[], T]) -> T:
        """What the first process makes, for all."""
        if self.alone:
            return make()
        held: list[Any] = [make() if self.first else None]
        dist.broadcast_object_list(held)
        return held[0]

    def same(self, module: nn.Module) -> None:
        """Give everyone the first one's weights and buffers."""
        if not self.alone:
            for value in module.state_dict().values():
                dist.broadcast(value, 0)

    def gathered(self, own: Tensor) -> Tensor:
        """Everyone's rows of one number, in order; gradients find their way back."""
        if self.alone:
            return own
        everyone: Tensor = _Gathered.apply(own, self)
        return everyone

    def _lengths(self, own: int) -> list[int]:
        every = np.zeros(self.size, dtype=np.int64)
        every[self.rank] = own
        return [int(length) for length in self.sum(every)]


ALONE = Team()


class _Gathered(torch.autograd.Function):
    """`Team.gathered`; the gradient of a row is the sum of what all processes make of it."""

    @staticmethod
    def forward(ctx: Any, own: Tensor, team: Team) -> Tensor:
        ctx.team, ctx.length = team, len(own)
        everyone = [torch.empty_like(own) for _ in range(team.size)]
        dist.all_gather(everyone, own.contiguous())
        return torch.cat(everyone)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        total = gradients[0].contiguous().clone()
        dist.all_reduce(total)
        start = ctx.team.rank * ctx.length
        return total[start : start + ctx.length], None


@contextmanager
def team_of_torchrun() -> Iterator[Team]:
    """The team that torchrun has started; one process alone without it."""
    if team_size() == 1:
        yield ALONE
        return
    gpus = torch.cuda.is_available()
    if gpus:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    # What lies in memory goes by gloo also where gradients go from card to card.
    backend = "cpu:gloo,cuda:nccl" if gpus else "gloo"
    rank, size = int(os.environ["RANK"]), team_size()
    store = meeting_store(rank, size)
    dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=PATIENCE)
    yield Team(rank, size)
    # Not after an error: the others may be gone, and torchrun ends this process anyway.
    dist.barrier()
    dist.destroy_process_group()
