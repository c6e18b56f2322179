"""The precision of the networks in training, and the axes of the linear path."""

import pytest
import torch
from conftest import QUICK
from sklearn.metrics import adjusted_rand_score

import scinno
from scinno._nn.autoencoder import Autoencoder, has_native_bfloat16


def autoencoder(precision: str) -> Autoencoder:
    settings = scinno.Settings().replace({"precision": precision})
    return Autoencoder(60, settings, torch.Generator().manual_seed(0))


@torch.no_grad()
def test_bfloat16_is_used_in_training_and_only_there():
    x = torch.randn(32, 60, generator=torch.Generator().manual_seed(1))
    full, low = autoencoder("float32"), autoencoder("bfloat16")
    exact = full.in_training_precision(full.encoder, x)
    rounded = low.in_training_precision(low.encoder, x)
    assert rounded.dtype == exact.dtype == torch.float32
    torch.testing.assert_close(exact, full.encoder(x), rtol=0, atol=0)
    torch.testing.assert_close(low.encoder(x), exact, rtol=0, atol=0)  # codes are float32
    assert 0 < float((rounded - exact).abs().max()) < 0.05 * float(exact.abs().max())


def test_auto_follows_the_processor():
    x = torch.randn(32, 60, generator=torch.Generator().manual_seed(1))
    auto = autoencoder("auto")
    same = torch.equal(auto.in_training_precision(auto.encoder, x), auto.encoder(x))
    assert same != has_native_bfloat16(torch.device("cpu"))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_either_precision_finds_the_types(simulated, precision):
    fit = scinno.fit(simulated[0], 3, precision=precision, **QUICK)
    assert adjusted_rand_score(simulated[1], fit.labels) > 0.95
