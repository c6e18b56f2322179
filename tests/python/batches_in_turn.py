"""The mini-batches of two processes, drawn by one."""

from dataclasses import replace

import torch

from scinno._distributed.group import ProcessGroup
from scinno._train.batches import Batches


class InTurn:
    """Draws what the ranks of a process group would draw, one after the other."""

    def __init__(self, network, inputs, seed, group):
        self.whole, n = Batches(network, inputs, seed, group), inputs.n_cells
        self.parts = []
        for rank in (0, 1):
            two = ProcessGroup(rank, 2)
            own = two.shard(n)
            codes = None if inputs.batch is None else inputs.batch[own.start : own.stop]
            part = replace(inputs, values=inputs.values[own.start : own.stop], batch=codes)
            self.parts.append(Batches(network, part, seed, two))

    n_parts = 1

    def draw(self, part=0):
        drawn = [part.draw() for part in self.parts]
        return tuple(torch.cat(tensors) for tensors in zip(*drawn, strict=True))

    def __getattr__(self, name):
        return getattr(self.whole, name)
