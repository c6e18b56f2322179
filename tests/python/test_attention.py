"""Equations (6) to (8) against an independent computation in NumPy, float64."""

import numpy as np
import torch
from equations import softmax

from scinno import Settings
from scinno._nn.attention import Attention

RNG = np.random.default_rng(7)


def test_equations_6_to_8_multi_head_attention():
    settings = Settings.paper().replace({"n_heads": 4, "head_dim": 3, "n_latent": 12})
    attention = Attention(12, settings, torch.Generator().manual_seed(2)).double()
    z, anchors = RNG.normal(size=(5, 12)), RNG.normal(size=(8, 12))
    w = {name: value.detach().numpy() for name, value in attention.named_parameters()}
    q = z @ w["query.weight"].T + w["query.bias"]
    k = anchors @ w["key.weight"].T + w["key.bias"]
    v = anchors @ w["value.weight"].T + w["value.bias"]
    heads = []
    for h in range(4):
        part = slice(3 * h, 3 * h + 3)
        heads.append(softmax(q[:, part] @ k[:, part].T / np.sqrt(3)) @ v[:, part])
    expected = np.concatenate(heads, axis=1) @ w["out.weight"].T + w["out.bias"]
    got = attention(torch.from_numpy(z), torch.from_numpy(anchors)).detach()
    np.testing.assert_allclose(got, expected, rtol=1e-10)
