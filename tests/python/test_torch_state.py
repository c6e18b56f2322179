"""PyTorch's global state changes nothing in a fit, and a fit changes nothing in it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from conftest import QUICK

import scinno
from scinno._runtime.torch_state import plain_torch


@contextmanager
def default_dtype() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@contextmanager
def low_precision() -> Iterator[None]:
    torch.set_float32_matmul_precision("medium")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision("highest")


STATES = {
    "float64 as default": default_dtype,
    "no gradients": torch.no_grad,
    "inference mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
    "low matmul precision": low_precision,
    "a default device": lambda: torch.device("meta"),
}


def state() -> tuple:
    return (
        torch.get_default_dtype(), torch.get_float32_matmul_precision(),
        torch.is_grad_enabled(), torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"), torch.get_default_device(),
    )  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_the_callers_state_changes_nothing_and_is_kept(name, simulated, small_fit, names):
    with STATES[name]():
        before = state()
        fit = scinno.fit(simulated[0], 3, genes=names, **QUICK)
        predicted = small_fit.transform(simulated[0][:20], names)
        assert state() == before
    np.testing.assert_array_equal(fit.embedding, small_fit.embedding)
    np.testing.assert_array_equal(predicted, small_fit.embedding[:20])


def test_fits_that_overlap_in_threads_give_back_what_was_before_the_first():
    """The first ends while the second is at work, which must not get the caller's state back."""
    with default_dtype(), low_precision():
        before, inside = state()[:2], []
        first_in, second_in, first_out = (threading.Event() for _ in range(3))

        def first():
            with plain_torch():
                first_in.set()
                second_in.wait(60)
            first_out.set()

        def second():
            first_in.wait(60)
            with plain_torch():
                second_in.set()
                first_out.wait(60)
                inside.append(state()[:2])

        threads = [threading.Thread(target=work) for work in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert inside == [(torch.float32, "highest")]
        assert state()[:2] == before


def test_an_operation_is_recorded_before_a_fit_has_threads():
    """PyTorch renews its engine in a forked process at the first one; two threads must not."""
    recorded = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        recorded.append(threading.current_thread())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor), plain_torch():
        assert recorded == [threading.current_thread()]
