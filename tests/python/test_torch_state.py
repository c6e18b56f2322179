"""PyTorch's global state changes nothing in a fit, and a fit changes nothing in it."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from conftest import QUICK

import scinno


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
