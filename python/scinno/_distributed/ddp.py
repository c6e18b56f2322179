"""Losses in the form in which PyTorch spreads their gradients over processes."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from scinno._distributed.group import Team

Parts = Callable[[Tensor, Tensor], tuple[Tensor, ...]]


class _Loss(nn.Module):
    """Parts of a loss as a module's output: DDP looks at what a module returns."""

    def __init__(self, trained: nn.Module, parts: Parts) -> None:
        super().__init__()
        # Weights alone: fixed parts need not be sent again at every step.
        self.weights, self._parts = nn.ParameterList(trained.parameters()), parts

    def forward(self, clean: Tensor, noisy: Tensor) -> tuple[Tensor, ...]:
        return self._parts(clean, noisy)


def spread(trained: nn.Module, parts: Parts, team: Team, unused: bool = False) -> Parts:
    """``parts``, whose gradients in ``trained`` are averaged over the team.

    Parameters
    ----------
    trained : Module
        What has the weights.
    parts : callable
        From clean and noisy cells to the parts of the loss.
    unused : bool
        Whether some weights may have no share in the loss.
    """
    if team.alone:
        return parts
    return DistributedDataParallel(_Loss(trained, parts), find_unused_parameters=unused)
