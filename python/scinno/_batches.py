"""Mini-batches of clean and noisy cells for training."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from scinno._inputs import Inputs
from scinno._network import BLOCK, Network
from scinno._noise import corrupt, parse_noise

# With principal axes, noisy copies of the cells are drawn and projected once: this many in all,
# at least two of each cell, at most sixteen. Fresh noise in every step costs more than the
# network itself and did not cluster better.
NOISY_COPIES = 20_000


class Batches(Protocol):
    """A source of random mini-batches, and of all cells in order."""

    def draw(self) -> tuple[Tensor, Tensor]:
        """What the encoder reads of some cells, and of their noisy copies, each (b, r)."""
        ...

    def codes(self) -> np.ndarray:
        """z_clean of all cells by the network as it is now, float32 (cells, latent)."""
        ...


class _Rows:
    """Which cells come next."""

    def __init__(self, n_cells: int, size: int, generator: torch.Generator) -> None:
        self.n_cells, self.size, self.generator = n_cells, size, generator

    def next(self) -> Tensor:
        device = self.generator.device
        if self.n_cells <= self.size:
            return torch.arange(self.n_cells, device=device)
        return torch.randint(self.n_cells, (self.size,), generator=self.generator, device=device)


class _Corruption:
    """The noise of the settings, in the units of the scaled values."""

    def __init__(self, network: Network, inputs: Inputs, generator: torch.Generator) -> None:
        fixed = inputs.preprocessing
        self.generator = generator
        self.zero = torch.from_numpy(-fixed.centre / fixed.scale).to(network.device)
        self.noise = parse_noise(network.settings.noise)
        self.adaptive = network.settings.adaptive_noise

    def __call__(self, x: Tensor) -> Tensor:
        return corrupt(x, self.noise, self.zero, self.generator, self.adaptive)


class GeneBatches:
    """Cells as genes, made dense one mini-batch at a time, with fresh noise in each."""

    def __init__(self, network: Network, inputs: Inputs, generator: torch.Generator) -> None:
        self._network, self._inputs = network, inputs
        self._rows = _Rows(inputs.n_cells, network.settings.batch_size, generator)
        self._corrupt = _Corruption(network, inputs, generator)

    def draw(self) -> tuple[Tensor, Tensor]:
        rows = self._rows.next().cpu().numpy()
        x = torch.from_numpy(self._inputs.dense(rows)).to(self._network.device)
        return x, self._corrupt(x)

    def codes(self) -> np.ndarray:
        return self._network.codes_of(self._inputs)


class AxisBatches:
    """Cells on the principal axes: clean once, noisy several times, all projected beforehand."""

    def __init__(self, network: Network, inputs: Inputs, generator: torch.Generator) -> None:
        self._network = network
        self._scores = network.scores_of(inputs)
        self._clean = torch.from_numpy(self._scores).to(network.device)
        self._rows = _Rows(inputs.n_cells, network.settings.batch_size, generator)
        corruption = _Corruption(network, inputs, generator)
        copies = int(np.clip(NOISY_COPIES // inputs.n_cells, 2, 16))
        # (copies, cells, r)
        self._noisy = torch.stack([self._project(inputs, corruption) for _ in range(copies)])

    def _project(self, inputs: Inputs, corruption: _Corruption) -> Tensor:
        """A noisy copy of all cells on the axes, (cells, r).

        Cells are taken in random order: files are often sorted by type, and a value swapped with
        a cell of the same type is hardly noise.
        """
        device, size = self._network.device, 4 * BLOCK
        order = torch.randperm(inputs.n_cells, generator=corruption.generator, device=device)
        noisy = torch.empty_like(self._clean)
        for start in range(0, inputs.n_cells, size):
            rows = order[start : start + size]
            x = torch.from_numpy(inputs.dense(rows.cpu().numpy())).to(device)
            noisy[rows] = self._network.scores(corruption(x))
        return noisy

    def draw(self) -> tuple[Tensor, Tensor]:
        rows, generator = self._rows.next(), self._rows.generator
        copy = torch.randint(
            len(self._noisy), (len(rows),), generator=generator, device=generator.device
        )
        return self._clean[rows], self._noisy[copy, rows]

    def codes(self) -> np.ndarray:
        return self._network.codes(self._scores)


def batches_for(network: Network, inputs: Inputs, generator: torch.Generator) -> Batches:
    """The source that fits what the network's encoder reads: axes or genes."""
    kind = AxisBatches if network.axes.shape[1] else GeneBatches
    return kind(network, inputs, generator)
