"""Mini-batches of clean and noisy cells for training."""

from __future__ import annotations

import logging

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import RandomSampler

from scinno._clusters.subsample import MAX_SAMPLE
from scinno._distributed.group import ProcessGroup
from scinno._nn.inference import latent_codes
from scinno._nn.network import Network
from scinno._nn.noise import corrupt
from scinno._preprocess.inputs import Inputs
from scinno._settings.noise import parse_noise

logger = logging.getLogger("scinno")


class Batches:
    """Random mini-batches, made dense one at a time, with fresh noise in each.

    Cells are drawn with replacement, so an epoch is as many cells as there are, or as
    ``Settings.steps_per_epoch`` asks for, but not one pass over them. Each rank of a process group
    draws its share of a batch from its own cells.

    Parameters
    ----------
    network : Network
        For its settings, device and codes.
    inputs : Inputs
    seed : int
    group : ProcessGroup
    max_sample : int, optional
        Cells that `sample_codes` looks at, at most; default `MAX_SAMPLE`.

    Raises
    ------
    ValueError
        A process group that cannot share out the batch, or has no more cells than that.
    """

    def __init__(
        self,
        network: Network,
        inputs: Inputs,
        seed: int,
        group: ProcessGroup,
        max_sample: int | None = None,
    ) -> None:
        max_sample = MAX_SAMPLE if max_sample is None else max_sample
        fixed, settings = inputs.preprocessing, network.settings
        self._network, self._inputs, self.group = network, inputs, group
        self._seed = seed
        # Elsewhere one part is quicker: ranks have a part each, and GPUs no threads to be shared.
        on_cpu = network.device.type == "cpu"
        self.n_parts = settings.batch_parts if group.is_single and on_cpu else 1
        # Of each part: rows are drawn on the CPU, noise on the device of the values.
        self._row_generators = [torch.Generator() for _ in range(self.n_parts)]
        self._noise_generators = self._row_generators
        if not on_cpu:
            self._noise_generators = [torch.Generator(network.device) for _ in range(self.n_parts)]
        self._seed_generators(0)
        uneven = settings.batch_size % group.size or inputs.n_all <= settings.batch_size
        if uneven and not group.is_single:
            raise ValueError(
                f"{group.size} processes need more cells than batch_size, which must be a multiple "
                f"of {group.size}: got {inputs.n_all} cells and batch_size={settings.batch_size}"
            )
        self._size = max(2, settings.batch_size // (group.size * self.n_parts))
        self._adaptive = settings.adaptive_noise
        self._noise = parse_noise(settings.noise)
        # "Not expressed", in the units of the scaled values.
        self._zero = torch.from_numpy(-fixed.center / fixed.scale).to(network.device)
        self._batch = None
        if inputs.batch is not None:
            self._batch = torch.from_numpy(inputs.batch).to(network.device)
        # Cells that are embedded now and then.
        self.n_sample = min(inputs.n_all, max_sample)
        self._sample: np.ndarray | None = None
        if inputs.n_all > max_sample:
            # A generator of its own: the mini-batches do not depend on the sample.
            random = np.random.default_rng(seed)
            sample = np.sort(random.choice(inputs.n_all, max_sample, replace=False))
            self._sample = group.local_rows(sample, inputs.n_all)
            logger.info(
                "clusters start from a random sample of %d of %d cells", max_sample, inputs.n_all
            )

    def draw(self, part: int = 0) -> tuple[Tensor, Tensor]:
        """Scaled values of a part's cells and of their noisy copies, each (b, g).

        Parts may be drawn at the same time: each has random numbers of its own.
        """
        rows = self._rows(self._row_generators[part])
        x = self._inputs.tensor(rows, self._network.device)
        batch, zero = None, self._zero
        if self._batch is not None:
            batch = self._batch[rows]
            zero = zero[batch]
        generator = self._noise_generators[part]
        return x, corrupt(x, self._noise, zero, generator, self._adaptive, batch)

    def sample_codes(self) -> np.ndarray:
        """z_clean by the network as it is now, float32 (cells, latent), of all or of the sample."""
        return self.group.all_gather_rows(self.local_codes())

    def local_codes(self) -> np.ndarray:
        """The part of `sample_codes` that is this rank's."""
        return latent_codes(self._network, self._inputs, self._sample)

    def random_state(self) -> Tensor:
        """State of this rank's random numbers, uint8."""
        return torch.cat([generator.get_state() for generator in self._generators()])

    def resume(self, state: Tensor | None, epoch: int) -> None:
        """Continue from a `random_state`; without one, with new numbers for this epoch."""
        if state is None or len(state) != len(self.random_state()):  # of another device
            self._seed_generators(epoch)
            return
        for generator in self._generators():
            length = len(generator.get_state())
            generator.set_state(state[:length].clone())
            state = state[length:]

    def _seed_generators(self, epoch: int) -> None:
        """Seed the generators, by rank, epoch and part."""
        for part in range(self.n_parts):
            mixed = np.random.SeedSequence([self._seed, self.group.rank, epoch, part])
            seed = int(mixed.generate_state(1, np.uint64)[0]) >> 1  # NumPy 1 cannot shift its own
            self._row_generators[part].manual_seed(seed)
            self._noise_generators[part].manual_seed(seed)

    def _generators(self) -> list[torch.Generator]:
        """All of them, each once."""
        own, noise = self._row_generators, self._noise_generators
        return own if noise is own else [*own, *noise]

    def _rows(self, generator: torch.Generator) -> np.ndarray:
        n = self._inputs.n_cells
        if n <= self._size and self.group.is_single:
            return np.arange(n)
        drawn = RandomSampler(
            range(n), replacement=True, num_samples=self._size, generator=generator
        )
        return np.fromiter(drawn, np.int64, self._size)
