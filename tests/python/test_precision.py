"""The precision of the networks in training, and the axes of the linear path."""

import pytest
import torch
from conftest import QUICK
from sklearn.metrics import adjusted_rand_score

import scinno
from scinno._nn.autoencoder import has_native_bfloat16, training_dtype


def test_auto_follows_the_processor():
    cpu = torch.device("cpu")
    assert (training_dtype("auto", cpu) == torch.bfloat16) == has_native_bfloat16(cpu)
    assert training_dtype("bfloat16", cpu) == torch.bfloat16
    assert training_dtype("float32", cpu) == torch.float32


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_either_precision_finds_the_types(simulated, precision):
    fit = scinno.fit(simulated[0], 3, precision=precision, **QUICK)
    assert adjusted_rand_score(simulated[1], fit.labels) > 0.95
