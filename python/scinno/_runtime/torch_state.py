"""PyTorch's global state: set to what a fit needs, and given back after it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch


class _ProcessState:
    """Default dtype and precision, of which the process has one, whatever the number of threads.

    Fits in several threads overlap: the first to come sets them, the last to go gives them back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before = torch.float32, "highest"

    @contextmanager
    def plain(self) -> Iterator[None]:
        with self._lock:
            if self._inside == 0:
                self._before = torch.get_default_dtype(), torch.get_float32_matmul_precision()
                torch.set_default_dtype(torch.float32)
                torch.set_float32_matmul_precision("highest")
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if self._inside == 0:
                    torch.set_default_dtype(self._before[0])
                    torch.set_float32_matmul_precision(self._before[1])

    def renew_engine(self) -> None:
        """Let one thread alone be the first to record an operation.

        In a forked process PyTorch makes its engine anew at that moment; the parts of a mini-batch,
        which are two threads, would do so at the same time and end the process now and then.
        """
        with self._lock:
            torch.ones((), requires_grad=True, device="cpu").square()


_process = _ProcessState()


@contextmanager
def plain_torch() -> Iterator[None]:
    """float32, gradients, the CPU as default device, full precision and no autocast inside.

    A default dtype, device or autocast of the caller would change numbers or end in errors.
    """
    with ExitStack() as stack:
        stack.enter_context(_process.plain())
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        for device in ("cpu", "cuda"):
            if torch.is_autocast_enabled(device):
                stack.enter_context(torch.autocast(device, enabled=False, cache_enabled=False))
        if torch.get_default_device().type != "cpu":  # else it would slow down every call
            stack.enter_context(torch.device("cpu"))
        _process.renew_engine()
        yield
