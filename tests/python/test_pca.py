"""The principal axes of the linear path."""

import numpy as np
import pytest
from conftest import on_device, prepared
from sklearn.decomposition import PCA

from scinno._preprocess.pca import pca_loadings


@pytest.mark.parametrize("scale", [False, True])
def test_axes_are_those_of_scikit_learn(simulated, scale):
    inputs = prepared(simulated[0], scale=scale)
    axes = pca_loadings(inputs, 10, block=40)  # four blocks, the last one smaller
    model = PCA(10, svd_solver="full").fit(inputs.dense(slice(None)).astype(np.float64))
    turned = model.components_.T * np.sign((axes * model.components_.T).sum(axis=0))
    np.testing.assert_allclose(axes, turned, atol=1e-4)
    assert (axes[np.abs(axes).argmax(axis=0), np.arange(10)] > 0).all()


@pytest.mark.parametrize(("cells", "p"), [(5, 4), (150, 50)])
def test_there_are_never_more_axes_than_the_cells_span(simulated, cells, p):
    inputs = prepared(simulated[0][:cells], min_cells=1)
    assert pca_loadings(inputs, 50).shape == (inputs.n_genes, p)


def test_axes_of_gpu_values_are_those_of_the_matrix(simulated, monkeypatch):
    monkeypatch.setattr("scinno._preprocess.gpu_values.BLOCK", 40)
    inputs = prepared(simulated[0])
    moved = on_device(inputs)
    np.testing.assert_allclose(pca_loadings(moved, 3), pca_loadings(inputs, 3), atol=2e-3)
