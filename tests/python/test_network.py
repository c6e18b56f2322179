"""The network's precision in training, and the axes of its linear path."""

import numpy as np
import pytest
import torch
from conftest import QUICK
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score

import scinno
from scinno._data.counts import as_counts
from scinno._nn.network import Autoencoder, has_bfloat16
from scinno._preprocess.inputs import prepare
from scinno._preprocess.pca import principal_axes


def autoencoder(precision: str) -> Autoencoder:
    settings = scinno.Settings.make("default", {"precision": precision})
    return Autoencoder(60, settings, torch.Generator().manual_seed(0))


@torch.no_grad()
def test_bfloat16_is_used_in_training_and_only_there():
    x = torch.randn(32, 60, generator=torch.Generator().manual_seed(1))
    full, low = autoencoder("float32"), autoencoder("bfloat16")
    exact = full.trained(full.encoder, x)
    rounded = low.trained(low.encoder, x)
    assert rounded.dtype == exact.dtype == torch.float32
    torch.testing.assert_close(exact, full.encoder(x), rtol=0, atol=0)
    torch.testing.assert_close(low.encoder(x), exact, rtol=0, atol=0)  # codes are float32
    assert 0 < float((rounded - exact).abs().max()) < 0.05 * float(exact.abs().max())


def test_auto_follows_the_processor():
    x = torch.randn(32, 60, generator=torch.Generator().manual_seed(1))
    auto = autoencoder("auto")
    same = torch.equal(auto.trained(auto.encoder, x), auto.encoder(x))
    assert same != has_bfloat16(torch.device("cpu"))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_either_precision_finds_the_types(simulated, precision):
    fit = scinno.fit(simulated[0], 3, precision=precision, **QUICK)
    assert adjusted_rand_score(simulated[1], fit.labels) > 0.95


@pytest.mark.parametrize("scale", [False, True])
def test_axes_are_those_of_scikit_learn(simulated, monkeypatch, scale):
    monkeypatch.setattr(
        "scinno._preprocess.pca.CELLS_PER_BLOCK", 40
    )  # four blocks, the last one smaller
    inputs = prepare(as_counts(simulated[0]), scinno.Settings(scale=scale))
    axes = principal_axes(inputs, 10)
    model = PCA(10, svd_solver="full").fit(inputs.dense(slice(None)).astype(np.float64))
    turned = model.components_.T * np.sign((axes * model.components_.T).sum(axis=0))
    np.testing.assert_allclose(axes, turned, atol=1e-4)
    assert (axes[np.abs(axes).argmax(axis=0), np.arange(10)] > 0).all()


@pytest.mark.parametrize(("cells", "p"), [(5, 4), (150, 50)])
def test_there_are_never_more_axes_than_the_cells_span(simulated, cells, p):
    inputs = prepare(as_counts(simulated[0][:cells]), scinno.Settings(min_cells=1))
    assert principal_axes(inputs, 50).shape == (inputs.n_kept, p)
