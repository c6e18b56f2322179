"""Copies of a network in which the parts of a mini-batch are computed side by side."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from scinno._distributed.group import ProcessGroup
from scinno._nn.autoencoder import training_dtype
from scinno._nn.network import Network
from scinno._runtime.memory import available_threads

# The loss of one part of a mini-batch, by a network, and what it is made of, as a NamedTuple.
PartLoss = Callable[[Network, int], tuple[Tensor, Any]]


class Replicas:
    """Copies of a network, one for each part of a mini-batch.

    The parts are the same with any number of processors, and gradients are added in their order: so
    is the result. Copies have the weights of DN in training's precision; the small steps of the
    optimizer are added to the network's own, which are float32 (Micikevicius et al., ICLR 2018).

    Parameters
    ----------
    network : Network
        What is trained.
    n : int
        Parts.
    group : ProcessGroup
    pool : ThreadPoolExecutor, optional
        Computes all parts but the first; without one they are computed one after the other.
    """

    def __init__(
        self, network: Network, n: int, group: ProcessGroup, pool: ThreadPoolExecutor | None = None
    ) -> None:
        self._group, self._pool = group, pool
        self._copies = [copy.deepcopy(network) for _ in range(n)]
        dtype = training_dtype(network.settings.precision, network.device)
        for replica in self._copies:
            replica.dn.to(dtype)
        # To ask modules for their weights takes longer than to copy them.
        self._weights = list(network.parameters())
        self._copied = [list(replica.parameters()) for replica in self._copies]

    def gradients(self, part_loss: PartLoss) -> dict[str, float]:
        """Set the gradients of the network's weights, and give the losses by name.

        Both are means over parts and, for the gradients, ranks.
        """
        others = range(1, len(self._copies))
        if self._pool is None:
            found = [self._compute(part_loss, part) for part in (0, *others)]
        else:
            running = [self._pool.submit(self._compute, part_loss, part) for part in others]
            found = [self._compute(part_loss, 0), *(one.result() for one in running)]
        self._collect()
        return {name: sum(one[name] for one in found) / len(found) for name in found[0]}

    def _compute(self, part_loss: PartLoss, part: int) -> dict[str, float]:
        with torch.no_grad():
            for own, weight in zip(self._copied[part], self._weights, strict=True):
                own.copy_(weight)
                own.grad = None
        loss, losses = part_loss(self._copies[part], part)
        loss.backward()
        return {"loss": loss.item()} | {name: x.item() for name, x in losses._asdict().items()}

    def _collect(self) -> None:
        reached = []
        for weight, *copies in zip(self._weights, *self._copied, strict=True):
            first, *others = (own.grad for own in copies)
            weight.grad = None
            if first is None:  # it has no share in the loss
                continue
            total = first.to(weight.dtype, copy=True)
            for gradient in others:
                total += gradient
            weight.grad = total.div_(len(copies))
            reached.append(total)
        self._group.all_reduce_mean(reached)


@contextmanager
def replicas(network: Network, n: int, group: ProcessGroup) -> Iterator[Replicas]:
    """`Replicas` with the threads that they need."""
    threads = min(n, available_threads()) - 1
    if threads < 1:
        yield Replicas(network, n, group)
        return
    # The number of threads that torch uses is each thread's own.
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        yield Replicas(network, n, group, pool)
