"""Values that lie on the device: here the CPU in the place of a GPU."""

import numpy as np
import pytest
import torch
from conftest import QUICK, on_device, prepared
from sklearn.metrics import adjusted_rand_score

import scinno
from scinno._preprocess import gpu_values

CPU = torch.device("cpu")


@pytest.fixture
def inputs(simulated):
    return prepared(simulated[0])


def test_gpu_values_are_those_of_the_matrix_to_half_precision(inputs, monkeypatch):
    monkeypatch.setattr(gpu_values, "BLOCK", 40)  # four blocks, the last one smaller
    moved = on_device(inputs)
    rows = np.array([149, 0, 77, 0])
    for sample in (rows, slice(30, 60)):
        exact = torch.from_numpy(inputs.dense(sample))
        np.testing.assert_allclose(moved.tensor(sample, CPU), exact, rtol=0, atol=0.02)
        torch.testing.assert_close(inputs.tensor(sample, CPU), exact, rtol=0, atol=0)


def test_gpu_values_have_the_centers_of_batches(simulated):
    inputs = prepared(simulated[0], batch=list("abb") * 50)
    moved = on_device(inputs)
    rows = np.array([149, 0, 77, 0])
    for sample in (rows, slice(30, 60)):
        exact = torch.from_numpy(inputs.dense(sample))
        np.testing.assert_allclose(moved.tensor(sample, CPU), exact, rtol=0, atol=0.02)
    assert np.abs(inputs.preprocessing.center[0] - inputs.preprocessing.center[1]).max() > 0.1
    whole = inputs.dense(slice(None)).astype(np.float64)
    np.testing.assert_allclose(moved.gpu_values.gram_matrix(), whole.T @ whole, atol=0.5)


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
