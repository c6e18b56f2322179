"""Values that lie on the device: here the CPU in the place of a GPU."""

import logging
from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import QUICK, prepared
from sklearn.metrics import adjusted_rand_score

import scinno
from scinno._preprocess import gpu_values
from scinno._preprocess.gpu_values import GpuValues
from scinno._preprocess.inputs import Inputs
from scinno._preprocess.pca import pca_loadings
from scinno._preprocess.prepare import move_to_gpu

CPU = torch.device("cpu")


@pytest.fixture
def inputs(simulated):
    return prepared(simulated[0])


def on_device(inputs: Inputs) -> Inputs:
    """The same inputs with their values "on the GPU"."""
    fixed = inputs.preprocessing
    return replace(inputs, gpu_values=GpuValues(inputs.values, fixed.center, fixed.scale, CPU))


def test_gpu_values_are_those_of_the_matrix_to_half_precision(inputs, monkeypatch):
    monkeypatch.setattr(gpu_values, "BLOCK", 40)  # four blocks, the last one smaller
    moved = on_device(inputs)
    rows = np.array([149, 0, 77, 0])
    for sample in (rows, slice(30, 60)):
        exact = torch.from_numpy(inputs.dense(sample))
        np.testing.assert_allclose(moved.tensor(sample, CPU), exact, rtol=0, atol=0.02)
        torch.testing.assert_close(inputs.tensor(sample, CPU), exact, rtol=0, atol=0)


def test_axes_of_gpu_values_are_those_of_the_matrix(inputs, monkeypatch):
    monkeypatch.setattr(gpu_values, "BLOCK", 40)
    moved = on_device(inputs)
    np.testing.assert_allclose(pca_loadings(moved, 3), pca_loadings(inputs, 3), atol=2e-3)


def test_a_fit_on_gpu_values_finds_the_types(simulated, monkeypatch):
    made = []

    def move(inputs, device):
        moved = on_device(inputs)
        made.append(moved.gpu_values)
        return moved

    monkeypatch.setattr("scinno._fit.move_to_gpu", move)
    # Values of the matrix are not needed any more.
    monkeypatch.setattr("scinno._preprocess.inputs.Inputs.dense", None)
    fit = scinno.fit(simulated[0], 3, **QUICK)
    assert len(made) == 1
    assert made[0].values.dtype == torch.float16
    assert adjusted_rand_score(simulated[1], fit.labels) > 0.95


def test_a_gpu_without_free_memory_gets_mini_batches_and_the_processor_nothing(
    inputs, monkeypatch, caplog
):
    assert move_to_gpu(inputs, CPU) is inputs
    needed = 2 * inputs.n_cells * inputs.n_genes
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (needed, needed))
    with caplog.at_level(logging.INFO, "scinno"):
        assert move_to_gpu(inputs, torch.device("cuda")) is inputs
    assert "mini-batches are sent one by one" in caplog.text
