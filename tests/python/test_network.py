"""The network's views of a cell: what is compared, against NumPy."""

import numpy as np
import torch

from scinno import Settings
from scinno._nn.network import Network

RNG = np.random.default_rng(7)


def test_paper_preset_attends_without_residual_or_scaling():
    settings = Settings.paper().replace({"n_hidden": 6, "n_latent": 8, "n_heads": 2, "head_dim": 4})
    network = Network(torch.zeros(10, 0), settings, torch.Generator().manual_seed(3), 5, 2)
    z, anchors = torch.randn(4, 8), torch.randn(5, 8)
    torch.testing.assert_close(network.attend(z, anchors), network.attention(z, anchors))
    x = torch.randn(4, 10)
    torch.testing.assert_close(network.encode(x), network.dn.encoder(x))


def test_cells_are_compared_by_both_views():
    settings = Settings().replace({"n_hidden": 6, "n_latent": 3, "n_pcs": 2})
    network = Network(torch.zeros(7, 2), settings, torch.Generator().manual_seed(3), 4, 2)
    network.min_norm.fill_(1.5)
    scale = np.array([2.0, 2.0, 3.0, 3.0, 3.0])
    network.view_scale.copy_(torch.from_numpy(scale))
    z = RNG.normal(size=(9, 5)).astype(np.float32)
    norms = np.linalg.norm(z[:, :2], axis=1, keepdims=True)
    assert (norms < 1.5).any()
    assert (norms > 1.5).any()
    encoded = z[:, 2:] / np.linalg.norm(z[:, 2:], axis=1, keepdims=True)
    expected = np.hstack([z[:, :2] / np.maximum(norms, 1.5), encoded]) * scale
    np.testing.assert_allclose(network.scaled_views(torch.from_numpy(z)), expected, rtol=1e-5)
