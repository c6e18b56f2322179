"""Values that lie on the device: here the CPU in the place of a GPU."""

import logging
from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import QUICK
from sklearn.metrics import adjusted_rand_score

import scinno
from scinno._data.counts import as_counts
from scinno._preprocess import gpu_values
from scinno._preprocess.gpu_values import GpuValues, with_gpu_values
from scinno._preprocess.inputs import prepare
from scinno._preprocess.pca import principal_axes

CPU = torch.device("cpu")


@pytest.fixture
def inputs(simulated):
    return prepare(as_counts(simulated[0]), scinno.Settings())


def test_resident_values_are_those_of_the_matrix_to_half_precision(inputs, monkeypatch):
    monkeypatch.setattr(gpu_values, "BLOCK", 40)  # four blocks, the last one smaller
    there = replace(inputs, resident=GpuValues(inputs, CPU))
    rows = np.array([149, 0, 77, 0])
    for some in (rows, slice(30, 60)):
        exact = torch.from_numpy(inputs.dense(some))
        np.testing.assert_allclose(there.tensor(some, CPU), exact, rtol=0, atol=0.02)
        torch.testing.assert_close(inputs.tensor(some, CPU), exact, rtol=0, atol=0)


def test_axes_of_resident_values_are_those_of_the_matrix(inputs, monkeypatch):
    monkeypatch.setattr(gpu_values, "BLOCK", 40)
    there = replace(inputs, resident=GpuValues(inputs, CPU))
    np.testing.assert_allclose(principal_axes(there, 3), principal_axes(inputs, 3), atol=2e-3)


def test_a_fit_on_resident_values_finds_the_types(simulated, monkeypatch):
    made = []

    def on_device(inputs, device):
        made.append(GpuValues(inputs, device))
        return replace(inputs, resident=made[-1])

    monkeypatch.setattr("scinno._fit.with_gpu_values", on_device)
    # Nothing asks for values of the matrix any more.
    monkeypatch.setattr("scinno._preprocess.inputs.Inputs.dense", None)
    fit = scinno.fit(simulated[0], 3, **QUICK)
    assert len(made) == 1
    assert made[0].values.dtype == torch.float16
    assert adjusted_rand_score(simulated[1], fit.labels) > 0.95


def test_a_card_without_room_gets_mini_batches_and_the_processor_nothing(
    inputs, monkeypatch, caplog
):
    assert with_gpu_values(inputs, CPU) is inputs
    needed = 2 * inputs.n_cells * inputs.n_kept
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (needed, needed))
    with caplog.at_level(logging.INFO, "scinno"):
        assert with_gpu_values(inputs, torch.device("cuda")) is inputs
    assert "mini-batches are sent one by one" in caplog.text
