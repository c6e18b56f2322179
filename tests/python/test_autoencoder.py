"""Equations (2) and (5) against an independent computation in NumPy, float64."""

import numpy as np
import torch
from equations import leaky

from scinno import Settings
from scinno._nn.autoencoder import Autoencoder

RNG = np.random.default_rng(7)


def paper_autoencoder(genes: int = 12) -> Autoencoder:
    settings = Settings.paper().replace({"n_hidden": 7, "n_latent": 5})
    return Autoencoder(genes, settings, torch.Generator().manual_seed(1)).double()


def test_equation_2_encoder_activates_both_layers():
    dn, x = paper_autoencoder(), RNG.normal(size=(6, 12))
    w = {name: value.detach().numpy() for name, value in dn.named_parameters()}
    hidden = leaky(x @ w["encoder.0.weight"].T + w["encoder.0.bias"])
    expected = leaky(hidden @ w["encoder.2.weight"].T + w["encoder.2.bias"])
    np.testing.assert_allclose(dn.encoder(torch.from_numpy(x)).detach(), expected, rtol=1e-12)


def test_equation_5_decoder_ends_linear():
    dn, z = paper_autoencoder(), RNG.normal(size=(6, 5))
    w = {name: value.detach().numpy() for name, value in dn.named_parameters()}
    hidden = leaky(z @ w["decoder.0.weight"].T + w["decoder.0.bias"])
    expected = hidden @ w["decoder.2.weight"].T + w["decoder.2.bias"]
    np.testing.assert_allclose(dn.decoder(torch.from_numpy(z)).detach(), expected, rtol=1e-12)
