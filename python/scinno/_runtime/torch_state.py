"""PyTorch's global state: set to what a fit needs, and given back after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch


@contextmanager
def plain_torch() -> Iterator[None]:
    """float32, gradients, the CPU as default device, full precision and no autocast inside.

    A default dtype, device or autocast of the caller would change numbers or end in errors.
    """
    dtype, precision = torch.get_default_dtype(), torch.get_float32_matmul_precision()
    with ExitStack() as stack:
        stack.callback(torch.set_default_dtype, dtype)
        stack.callback(torch.set_float32_matmul_precision, precision)
        torch.set_default_dtype(torch.float32)
        torch.set_float32_matmul_precision("highest")
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        for device in ("cpu", "cuda"):
            if torch.is_autocast_enabled(device):
                stack.enter_context(torch.autocast(device, enabled=False, cache_enabled=False))
        if torch.get_default_device().type != "cpu":  # else it would slow down every call
            stack.enter_context(torch.device("cpu"))
        yield
