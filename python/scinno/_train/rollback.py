"""The last good state of a training phase, to return to or to resume from."""

from __future__ import annotations

import copy
import logging
from typing import Any

import torch
from torch import Tensor, nn

logger = logging.getLogger("scinno")

# How often a loss that is not finite may be answered by a rollback before the phase ends.
MAX_ROLLBACKS = 3


class Rollback:
    """A copy of weights and optimizer to return to when a loss is not finite any more.

    Parameters
    ----------
    network, optimizer
        What is trained.
    peak_rate : float
        Highest learning rate; a rollback divides it by ten.

    Attributes
    ----------
    epoch : int
        Epochs done.
    extra : dict of Tensor
        What else the phase needs to resume.
    """

    def __init__(
        self, network: nn.Module, optimizer: torch.optim.Optimizer, peak_rate: float
    ) -> None:
        self.network, self.optimizer, self.peak_rate = network, optimizer, peak_rate
        self.epoch = self.n_rollbacks = 0
        self.extra: dict[str, Tensor] = {}
        self.keep()

    def keep(self) -> None:
        """Take the present state as the last good one."""
        self._weights = copy.deepcopy(self.network.state_dict())
        self._state = copy.deepcopy(self.optimizer.state_dict())

    def restore(self) -> None:
        """Return to the last good state."""
        self.network.load_state_dict(self._weights)
        # A copy: the optimizer would continue with these very tensors.
        self.optimizer.load_state_dict(copy.deepcopy(self._state))

    def roll_back(self) -> bool:
        """Return to the last good state with a smaller learning rate; False if often enough."""
        self.restore()
        self.n_rollbacks += 1
        logger.warning(
            "the loss was not finite: rolled back to the last good epoch, learning rate %g -> %g",
            self.peak_rate,
            self.peak_rate / 10,
        )
        self.peak_rate /= 10
        return self.n_rollbacks <= MAX_ROLLBACKS

    def state_dict(self) -> dict[str, Any]:
        """Everything as tensors and plain values."""
        return {
            "weights": self._weights,
            "optimizer": self._state,
            "peak_rate": self.peak_rate,
            "epoch": self.epoch,
            "n_rollbacks": self.n_rollbacks,
            "extra": self.extra,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what `state_dict` gave."""
        self._weights, self._state = state["weights"], state["optimizer"]
        self.extra = state["extra"]
        self.peak_rate, self.epoch = state["peak_rate"], state["epoch"]
        self.n_rollbacks = state["n_rollbacks"]
        self.restore()
