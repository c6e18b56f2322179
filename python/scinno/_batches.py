"""Mini-batches of clean and noisy cells for training."""

from __future__ import annotations

import logging

import numpy as np
import torch
from torch import Tensor

from scinno._inputs import Inputs
from scinno._network import Network
from scinno._noise import corrupt, parse_noise

logger = logging.getLogger("scinno")


# Of more cells than these a random part stands for all in whatever looks at all cells between
# training steps: first centres, the number of clusters, and how many cells change cluster.
MOST_CODES = 50_000


class Batches:
    """Random mini-batches, made dense one at a time, with fresh noise in each."""

    def __init__(self, network: Network, inputs: Inputs, generator: torch.Generator) -> None:
        fixed, settings = inputs.preprocessing, network.settings
        self._network, self._inputs, self._generator = network, inputs, generator
        self._size, self._adaptive = settings.batch_size, settings.adaptive_noise
        self._noise = parse_noise(settings.noise)
        # "Not expressed", in the units of the scaled values.
        self._zero = torch.from_numpy(-fixed.centre / fixed.scale).to(network.device)
        self._some: np.ndarray | None = None
        if inputs.n_cells > MOST_CODES:
            # A generator of its own: the mini-batches do not depend on what is looked at.
            random = np.random.default_rng(generator.initial_seed())
            self._some = np.sort(random.choice(inputs.n_cells, MOST_CODES, replace=False))
            logger.info(
                "clusters start from %d of %d cells, drawn at random", MOST_CODES, inputs.n_cells
            )

    def draw(self) -> tuple[Tensor, Tensor]:
        """Scaled values of some cells and of their noisy copies, each (b, g)."""
        device = self._network.device
        x = self._inputs.tensor(self._rows(), device)
        return x, corrupt(x, self._noise, self._zero, self._generator, self._adaptive)

    def codes(self) -> np.ndarray:
        """z_clean by the network as it is now, float32 (cells, latent), of all or `MOST_CODES`."""
        return self._network.codes_of(self._inputs, self._some)

    def _rows(self) -> np.ndarray:
        n, device = self._inputs.n_cells, self._generator.device
        if n <= self._size:
            return np.arange(n)
        return (
            torch.randint(n, (self._size,), generator=self._generator, device=device).cpu().numpy()
        )
