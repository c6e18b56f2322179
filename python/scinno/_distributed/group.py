"""The process group that trains one network together: usually a single process.

``torchrun`` starts the processes and tells each its rank. Each reads and keeps its own part of the
cells, gradients are averaged after each step, and whatever is computed of all cells is summed or
gathered here. The main rank alone decides and writes.
"""

from __future__ import annotations

import datetime
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

# Documented, though not exported; a group has one timeout, for its beginning and for its work.
from torch.distributed.distributed_c10d import _set_pg_timeout

from scinno._distributed.env import world_size
from scinno._distributed.rendezvous import own_interface, rendezvous_store

T = TypeVar("T")

# Ranks wait for the main rank, which seeks centers and writes, and for slow disks.
TIMEOUT = datetime.timedelta(hours=6)
# The others have come by then, or will not: a rank whose launcher was killed would wait for hours.
JOIN = datetime.timedelta(minutes=5)
# What gloo says of a rank that has ended, by how far its socket was closed.
_LOST_PEER = re.compile(r"Connection (closed|reset) by peer|Broken pipe")
# Rows that are sent at a time.
BLOCK = 65_536


@dataclass(frozen=True)
class ProcessGroup:
    """Which process this is, of how many.

    Attributes
    ----------
    rank, size : int
        From 0; a single process is 0 of 1.
    """

    rank: int = 0
    size: int = 1

    @property
    def is_single(self) -> bool:
        return self.size == 1

    @property
    def is_main(self) -> bool:
        """Whether this process decides and writes."""
        return self.rank == 0

    def shard(self, n: int) -> range:
        """Which of ``n`` cells are this rank's: consecutive ones, as many as any other rank's."""
        return range(n * self.rank // self.size, n * (self.rank + 1) // self.size)

    def local_rows(self, rows: np.ndarray, n: int) -> np.ndarray:
        """Of some of all ``n`` rows, those of this rank's `shard`, counted from its start."""
        shard = self.shard(n)
        return rows[(rows >= shard.start) & (rows < shard.stop)] - shard.start

    def all_reduce_sum(self, own: np.ndarray) -> np.ndarray:
        """Sum of all ranks' arrays of one shape, float64 or int64."""
        if self.is_single:
            return own
        total = torch.from_numpy(own.copy())
        dist.all_reduce(total)
        return total.numpy()

    def all_reduce_mean(self, own: Sequence[Tensor]) -> None:
        """Replace tensors, of the same shapes on all ranks, by their means, in place."""
        if self.is_single:
            return
        flat = nn.utils.parameters_to_vector(own)
        dist.all_reduce(flat)
        nn.utils.vector_to_parameters(flat / self.size, own)

    def all_gather_rows(self, own: np.ndarray) -> np.ndarray:
        """All ranks' rows, one below the other in the order of the ranks."""
        if self.is_single:
            return own
        lengths = self._lengths(len(own))
        padded = torch.zeros((max(lengths), *own.shape[1:]), dtype=torch.from_numpy(own).dtype)
        padded[: len(own)] = torch.from_numpy(own)
        gathered = [torch.empty_like(padded) for _ in lengths]
        dist.all_gather(gathered, padded)
        parts = zip(gathered, lengths, strict=True)
        return torch.cat([part[:length] for part, length in parts]).numpy()

    def gather_rows_to_main(self, own: np.ndarray, whole: np.ndarray) -> np.ndarray:
        """The main rank fills ``whole`` with all ranks' rows; the others keep none.

        Block by block: ``whole`` may lie on the disk.
        """
        if self.is_single:
            return own
        lengths = self._lengths(len(own))
        if not self.is_main:
            for start in range(0, len(own), BLOCK):
                dist.send(torch.from_numpy(np.ascontiguousarray(own[start : start + BLOCK])), 0)
            return own[:0]
        whole[: len(own)] = own
        end = len(own)
        for rank, length in enumerate(lengths[1:], 1):
            for start in range(0, length, BLOCK):
                block = whole[end + start : end + min(start + BLOCK, length)]
                received = torch.empty(block.shape, dtype=torch.from_numpy(block[:0]).dtype)
                dist.recv(received, rank)
                block[:] = received.numpy()
            end += length
        return whole

    def broadcast_object(self, make: Callable[[], T]) -> T:
        """What ``make`` gives on the main rank, for all ranks."""
        if self.is_single:
            return make()
        held: list[Any] = [make() if self.is_main else None]
        dist.broadcast_object_list(held)
        return held[0]

    def broadcast_module(self, module: nn.Module) -> None:
        """Give all ranks the main rank's weights and buffers."""
        if not self.is_single:
            for value in module.state_dict().values():
                dist.broadcast(value, 0)

    def all_gather(self, own: Tensor) -> Tensor:
        """All ranks' rows, of equal number, in order; gradients reach the rank they came from."""
        if self.is_single:
            return own
        gathered: Tensor = _AllGather.apply(own, self)
        return gathered

    def _lengths(self, own: int) -> list[int]:
        every = np.zeros(self.size, dtype=np.int64)
        every[self.rank] = own
        return [int(length) for length in self.all_reduce_sum(every)]


SINGLE_PROCESS = ProcessGroup()


class _AllGather(torch.autograd.Function):
    """`ProcessGroup.all_gather`; a row's gradient is the sum of what all ranks make of it.

    torch.distributed.nn.functional.all_gather does the same, but PyTorch 2.13 deprecates it in
    favor of a private module.
    """

    @staticmethod
    def forward(ctx: Any, own: Tensor, group: ProcessGroup) -> Tensor:
        ctx.group, ctx.length = group, len(own)
        gathered = [torch.empty_like(own) for _ in range(group.size)]
        dist.all_gather(gathered, own.contiguous())
        return torch.cat(gathered)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        total = gradients[0].contiguous().clone()
        dist.all_reduce(total)
        start = ctx.group.rank * ctx.length
        return total[start : start + ctx.length], None


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the process inside, where there is nothing to put in order.

    PyTorch waits for the other ranks, for hours if need be, in compiled code, and Python's handlers
    only run when that returns.
    """
    if threading.current_thread() is not threading.main_thread():  # it may not change handlers
        yield
        return
    usual = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, usual)


def _join(backend: str, rank: int, size: int) -> None:
    """Begin the process group; ConnectionError if not all ranks come."""
    store = rendezvous_store(rank, size)
    try:
        dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=JOIN)
    except dist.DistStoreError as error:
        raise ConnectionError(
            f"rank {rank} has waited {JOIN} for all {size} ranks of this run, and not all have "
            "come: the others, or torchrun, have ended"
        ) from error
    _set_pg_timeout(TIMEOUT, dist.group.WORLD)


@contextmanager
def torchrun_process_group() -> Iterator[ProcessGroup]:
    """The process group that torchrun has started; a single process without it."""
    if world_size() == 1:
        yield SINGLE_PROCESS
        return
    gpus = torch.cuda.is_available()
    if gpus:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    # What lies in memory goes by gloo also where gradients go from GPU to GPU.
    backend = "cpu:gloo,cuda:nccl" if gpus else "gloo"
    rank, size = int(os.environ["RANK"]), world_size()
    with own_interface():
        try:
            with _ended_by_sigterm():
                _join(backend, rank, size)
            yield ProcessGroup(rank, size)
            # Not after an error: other ranks may be gone, and torchrun ends this process anyway.
            dist.barrier()
        except RuntimeError as error:
            if not _LOST_PEER.search(str(error)):
                raise
            raise ConnectionError(
                "another rank of this run has ended, so this one ends too: its output says why"
            ) from None
        dist.destroy_process_group()
