"""Mini-batches of clean and noisy cells for training."""

from __future__ import annotations

import logging

import numpy as np
import torch
from torch import Tensor

from scinno._nn.network import Network
from scinno._nn.noise import corrupt, parse_noise
from scinno._preprocess.inputs import Inputs

logger = logging.getLogger("scinno")


# Of more cells than these a random part stands for all in whatever looks at all cells between
# training steps: first centres, the number of clusters, and how many cells change cluster.
MOST_CODES = 50_000


class Batches:
    """Random mini-batches, made dense one at a time, with fresh noise in each.

    Each process of a team draws its share of a batch from its own cells.

    Raises
    ------
    ValueError
        A team that cannot share out the batch, or has no more cells than that.
    """

    def __init__(self, network: Network, inputs: Inputs, seed: int) -> None:
        fixed, settings, team = inputs.preprocessing, network.settings, inputs.team
        self._network, self._inputs, self.team = network, inputs, team
        self._seed, self._generator = seed, torch.Generator(network.device)
        self._start_anew(0)
        uneven = settings.batch_size % team.size or inputs.n_all <= settings.batch_size
        if uneven and not team.alone:
            raise ValueError(
                f"{team.size} processes need more cells than batch_size, which must be a multiple "
                f"of {team.size}: got {inputs.n_all} cells and batch_size={settings.batch_size}"
            )
        self._size, self._adaptive = settings.batch_size // team.size, settings.adaptive_noise
        self._noise = parse_noise(settings.noise)
        # "Not expressed", in the units of the scaled values.
        self._zero = torch.from_numpy(-fixed.centre / fixed.scale).to(network.device)
        self._some: np.ndarray | None = None
        if inputs.n_all > MOST_CODES:
            # A generator of its own: the mini-batches do not depend on what is looked at.
            random = np.random.default_rng(seed)
            some = np.sort(random.choice(inputs.n_all, MOST_CODES, replace=False))
            self._some = team.mine(some, inputs.n_all)
            logger.info(
                "clusters start from %d of %d cells, drawn at random", MOST_CODES, inputs.n_all
            )

    def draw(self) -> tuple[Tensor, Tensor]:
        """Scaled values of some cells and of their noisy copies, each (b, g)."""
        device = self._network.device
        x = self._inputs.tensor(self._rows(), device)
        return x, corrupt(x, self._noise, self._zero, self._generator, self._adaptive)

    def codes(self) -> np.ndarray:
        """z_clean by the network as it is now, float32 (cells, latent), of all or `MOST_CODES`."""
        return self.team.rows(self.own_codes())

    def own_codes(self) -> np.ndarray:
        """The part of `codes` that is this process's."""
        return self._network.codes_of(self._inputs, self._some)

    def state(self) -> Tensor:
        """Where the random numbers of this process are, uint8."""
        return self._generator.get_state()

    def go_on(self, state: Tensor | None, epoch: int) -> None:
        """Go on from there; another number of processes than before draws new ones."""
        if state is None:
            self._start_anew(epoch)
        else:
            self._generator.set_state(state)

    def _start_anew(self, epoch: int) -> None:
        """Seed the generator; one process that begins has the run's own seed."""
        seed, rank = self._seed, self.team.rank
        if rank or epoch:
            mixed = np.random.SeedSequence([seed, rank, epoch]).generate_state(1, np.uint64)
            seed = int(mixed[0] >> 1)
        self._generator.manual_seed(seed)

    def _rows(self) -> np.ndarray:
        n, device = self._inputs.n_cells, self._generator.device
        if n <= self._size and self.team.alone:
            return np.arange(n)
        return (
            torch.randint(n, (self._size,), generator=self._generator, device=device).cpu().numpy()
        )
