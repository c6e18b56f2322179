"""Losses in the form in which PyTorch averages their gradients over ranks."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from scinno._distributed.group import ProcessGroup

BatchLosses = Callable[[Tensor, Tensor], tuple[Tensor, ...]]


class _LossModule(nn.Module):
    """Parts of a loss as a module's output: DDP looks at what a module returns."""

    def __init__(self, trained: nn.Module, batch_losses: BatchLosses) -> None:
        super().__init__()
        # Parameters alone: fixed buffers need not be sent again at every step.
        self.weights, self._losses = nn.ParameterList(trained.parameters()), batch_losses

    def forward(self, clean: Tensor, noisy: Tensor) -> tuple[Tensor, ...]:
        return tuple(self._losses(clean, noisy))


def wrap_in_ddp(
    trained: nn.Module, batch_losses: BatchLosses, group: ProcessGroup, unused: bool = False
) -> BatchLosses:
    """``batch_losses``, whose gradients in ``trained`` are averaged over the ranks.

    Parameters
    ----------
    trained : Module
        What has the weights.
    batch_losses : callable
        From clean and noisy cells, each (b, g), to the parts of the loss.
    group : ProcessGroup
    unused : bool
        Whether some weights may have no share in the loss.
    """
    if group.is_single:
        return batch_losses
    return DistributedDataParallel(
        _LossModule(trained, batch_losses), find_unused_parameters=unused
    )
