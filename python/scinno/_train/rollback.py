"""The last good state of a training loop, to return to or to go on from."""

from __future__ import annotations

import copy
import logging
from typing import Any

import torch
from torch import Tensor

from scinno._nn.network import Network

logger = logging.getLogger("scinno")

# How often a loss that is no number may be answered by a step back before training ends.
MOST_STEPS_BACK = 3


class LastGood:
    """A copy of weights and optimiser to return to when a loss is no number any more.

    Parameters
    ----------
    network, optimiser
        What is trained.
    peak_rate : float
        Highest learning rate; a step back makes it smaller.

    Attributes
    ----------
    epoch : int
        Epochs done.
    more : dict of Tensor
        What else the loop needs to go on.
    """

    def __init__(
        self, network: Network, optimiser: torch.optim.Optimizer, peak_rate: float
    ) -> None:
        self.network, self.optimiser, self.peak_rate = network, optimiser, peak_rate
        self.epoch = self.steps_back = 0
        self.more: dict[str, Tensor] = {}
        self.keep()

    def keep(self) -> None:
        self._weights = copy.deepcopy(self.network.state_dict())
        self._state = copy.deepcopy(self.optimiser.state_dict())

    def restore(self) -> None:
        self.network.load_state_dict(self._weights)
        # A copy: the optimiser would go on with these very tensors.
        self.optimiser.load_state_dict(copy.deepcopy(self._state))

    def step_back(self) -> bool:
        """Return to the last good state with a smaller learning rate; False if often enough."""
        self.restore()
        self.steps_back += 1
        logger.warning(
            "the loss was not finite: went back to the last good epoch, learning rate %g -> %g",
            self.peak_rate,
            self.peak_rate / 10,
        )
        self.peak_rate /= 10
        return self.steps_back <= MOST_STEPS_BACK

    def state(self) -> dict[str, Any]:
        """Everything as tensors and plain values."""
        return {
            "weights": self._weights,
            "optimiser": self._state,
            "peak_rate": self.peak_rate,
            "epoch": self.epoch,
            "steps_back": self.steps_back,
            "more": self.more,
        }

    def go_on(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        self._weights, self._state, self.more = state["weights"], state["optimiser"], state["more"]
        self.peak_rate, self.epoch = state["peak_rate"], state["epoch"]
        self.steps_back = state["steps_back"]
        self.restore()
