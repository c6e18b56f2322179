"""Gradients of the parts of a mini-batch, computed side by side."""

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
# Losses by name, and the gradient of each weight; none where it has no share in the loss.
Computed = tuple[dict[str, float], tuple[Tensor | None, ...]]


class Parts:
    """The parts of a mini-batch.

    They are the same with any number of processors, and gradients are added in their order: so is
    the result. Where training's precision is lower, a copy of the network has DN's weights in it;
    the small steps of the optimizer are added to the network's own, which are float32 (Micikevicius
    et al., ICLR 2018).

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
        self._n, self._group, self._pool = n, group, pool
        dtype = training_dtype(network.settings.precision, network.device)
        self._rounded = network
        if dtype != torch.float32:
            self._rounded = copy.deepcopy(network)
            self._rounded.dn.to(dtype)
        # To ask modules for their weights takes longer than to copy them.
        self._weights = list(network.parameters())
        self._rounded_weights = list(self._rounded.parameters())

    def gradients(self, part_loss: PartLoss) -> dict[str, float]:
        """Set the gradients of the network's weights, and give the losses by name.

        Both are means over parts and, for the gradients, ranks.
        """
        if self._rounded_weights[0] is not self._weights[0]:
            with torch.no_grad():
                for rounded, weight in zip(self._rounded_weights, self._weights, strict=True):
                    rounded.copy_(weight)
        others = range(1, self._n)
        if self._pool is None:
            found = [self._compute(part_loss, part) for part in (0, *others)]
        else:
            running = [self._pool.submit(self._compute, part_loss, part) for part in others]
            found = [self._compute(part_loss, 0), *(one.result() for one in running)]
        self._collect([gradients for _, gradients in found])
        losses = [losses for losses, _ in found]
        return {name: sum(one[name] for one in losses) / self._n for name in losses[0]}

    def _compute(self, part_loss: PartLoss, part: int) -> Computed:
        loss, losses = part_loss(self._rounded, part)
        # Not backward(): parts share the weights, and so their place for a gradient.
        gradients = torch.autograd.grad(loss, self._rounded_weights, allow_unused=True)
        values = {"loss": loss.item()} | {name: x.item() for name, x in losses._asdict().items()}
        return values, gradients

    def _collect(self, of_parts: list[tuple[Tensor | None, ...]]) -> None:
        reached = []
        for weight, first, *others in zip(self._weights, *of_parts, strict=True):
            weight.grad = None
            if first is None:
                continue
            total = first.to(weight.dtype, copy=True)
            for gradient in others:
                total += gradient
            weight.grad = total.div_(self._n)
            reached.append(total)
        self._group.all_reduce_mean(reached)


@contextmanager
def parts_of(network: Network, n: int, group: ProcessGroup) -> Iterator[Parts]:
    """`Parts` with the threads that they need."""
    threads = min(n, available_threads()) - 1
    if threads < 1:
        yield Parts(network, n, group)
        return
    # The number of threads that torch uses is each thread's own.
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        yield Parts(network, n, group, pool)
