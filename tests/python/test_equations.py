"""Every equation of the paper against an independent computation in NumPy, float64."""

import numpy as np
import pytest
import torch

from scinno import Settings
from scinno._nn.attention import Attention
from scinno._nn.autoencoder import Autoencoder
from scinno._nn.losses import (
    fuzzy_scatter,
    info_nce,
    mask_prediction,
    negative_entropy,
    reconstruction,
    squared_distances,
)
from scinno._nn.memberships import fuzzy_memberships, mean_within_distance, order_by_size
from scinno._nn.network import Network
from scinno._nn.noise import uniform

RNG = np.random.default_rng(7)


def softmax(a: np.ndarray) -> np.ndarray:
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def leaky(a: np.ndarray) -> np.ndarray:
    return np.where(a > 0, a, 0.01 * a)


def test_equation_1_uniform_noise():
    x = torch.zeros(400, 50)
    noisy = uniform(x, torch.tensor(0.3), torch.zeros(50), torch.Generator().manual_seed(0))
    values = noisy.numpy()
    assert np.abs(values).max() <= 0.3
    assert abs(values.mean()) < 0.01
    # A uniform on (−ε, ε) has standard deviation ε/√3.
    assert values.std() == pytest.approx(0.3 / np.sqrt(3), rel=0.02)


def paper_autoencoder(genes: int = 12) -> Autoencoder:
    settings = Settings.paper().replace({"n_hidden": 7, "n_latent": 5})
    return Autoencoder(genes, settings, torch.Generator().manual_seed(1)).double()


def test_equation_2_encoder_activates_both_layers():
    dn, x = paper_autoencoder(), RNG.normal(size=(6, 12))
    w = {name: value.detach().numpy() for name, value in dn.named_parameters()}
    hidden = leaky(x @ w["encoder.0.weight"].T + w["encoder.0.bias"])
    expected = leaky(hidden @ w["encoder.2.weight"].T + w["encoder.2.bias"])
    np.testing.assert_allclose(dn.encoder(torch.from_numpy(x)).detach(), expected, rtol=1e-12)


def test_equation_3_info_nce():
    clean, noisy = RNG.normal(size=(9, 4)), RNG.normal(size=(9, 4))
    a = clean / np.linalg.norm(clean, axis=1, keepdims=True)
    b = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
    similarity = np.exp(a @ b.T / 0.5)
    expected = -np.mean(np.log(np.diag(similarity) / similarity.sum(axis=1)))
    got = info_nce(torch.from_numpy(clean), torch.from_numpy(noisy), 0.5)
    assert float(got) == pytest.approx(expected, rel=1e-12)


def test_equation_4_reconstruction_of_both_paths():
    x, clean, noisy = RNG.normal(size=(3, 8, 5))
    expected = ((x - clean) ** 2).mean() + ((x - noisy) ** 2).mean()
    got = reconstruction(*(torch.from_numpy(a) for a in (x, clean, noisy)))
    assert float(got) == pytest.approx(expected, rel=1e-12)


def test_the_default_error_looks_at_what_the_noise_changed():
    x, noisy = RNG.normal(size=(2, 8, 5))
    changed = RNG.random((8, 5)) < 0.4
    weights = np.where(changed, 1.4, 0.6)
    parts = [torch.from_numpy(a) for a in (noisy, changed)]
    got = reconstruction(torch.from_numpy(x), None, *parts, 0.7)
    assert float(got) == pytest.approx((weights * (x - noisy) ** 2).mean(), rel=1e-6)
    # A share of one half is equation (4).
    even = reconstruction(torch.from_numpy(x), None, *parts, 0.5)
    assert float(even) == pytest.approx(((x - noisy) ** 2).mean(), rel=1e-12)


def test_mask_prediction_is_the_log_loss():
    scores, changed = RNG.normal(size=(8, 5)), RNG.random((8, 5)) < 0.4
    chance = 1 / (1 + np.exp(-scores))
    expected = -np.where(changed, np.log(chance), np.log(1 - chance)).mean()
    got = mask_prediction(torch.from_numpy(scores), torch.from_numpy(changed))
    assert float(got) == pytest.approx(expected, rel=1e-10)


def test_equation_5_decoder_ends_linear():
    dn, z = paper_autoencoder(), RNG.normal(size=(6, 5))
    w = {name: value.detach().numpy() for name, value in dn.named_parameters()}
    hidden = leaky(z @ w["decoder.0.weight"].T + w["decoder.0.bias"])
    expected = hidden @ w["decoder.2.weight"].T + w["decoder.2.bias"]
    np.testing.assert_allclose(dn.decoder(torch.from_numpy(z)).detach(), expected, rtol=1e-12)


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


def distances(z: np.ndarray, centers: np.ndarray) -> np.ndarray:
    return ((z[:, None, :] - centers[None]) ** 2).sum(axis=2)


@pytest.mark.parametrize("distance_scale", [1.0, 3.5])
def test_equation_9_memberships(distance_scale):
    z, centers = RNG.normal(size=(10, 4)), RNG.normal(size=(3, 4))
    expected = softmax(-2.0 * distances(z, centers) / distance_scale)
    got = fuzzy_memberships(torch.from_numpy(z), torch.from_numpy(centers), 2.0, distance_scale)
    np.testing.assert_allclose(got, expected, rtol=1e-10)


def test_equation_10_scatter_and_entropy():
    z, centers = RNG.normal(size=(10, 4)), RNG.normal(size=(3, 4))
    d = distances(z, centers)
    u = softmax(-2.0 * d)
    got = fuzzy_scatter(torch.from_numpy(d), torch.from_numpy(u), 2.0)
    assert float(got) == pytest.approx((u**2 * d).sum(axis=1).mean(), rel=1e-12)
    p = u.mean(axis=0)
    assert float(negative_entropy(torch.from_numpy(u))) == pytest.approx(
        (p * np.log(p)).sum(), rel=1e-12
    )


def test_the_entropy_term_prefers_equal_clusters():
    equal = torch.full((6, 3), 1 / 3)
    one = torch.tensor([[1.0, 0, 0]]).repeat(6, 1)
    assert float(negative_entropy(equal)) == pytest.approx(-np.log(3), rel=1e-6)
    assert float(negative_entropy(one)) == 0


def test_equation_11_constants():
    paper = Settings.paper()
    assert (
        paper.contrastive_loss_weight,
        paper.cluster_loss_weight,
        paper.entropy_loss_weight,
    ) == (0.1, 0.5, 0.1)
    assert (paper.temperature, paper.batch_size, paper.gamma, paper.fuzzifier) == (
        0.5,
        128,
        2.0,
        2.0,
    )
    assert (paper.n_hidden, paper.n_latent, paper.n_heads, paper.head_dim) == (512, 512, 4, 128)
    assert (paper.n_genes, paper.noise) == (2500, "uniform:0.3")
    assert paper.min_cells_fraction == 0.05
    assert not paper.collapse_guard


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


def test_the_within_distance_is_the_mean_distance_to_the_nearest_center():
    z, centers = RNG.normal(size=(20, 4)), RNG.normal(size=(3, 4))
    expected = distances(z, centers).min(axis=1).mean()
    got = mean_within_distance(torch.from_numpy(z), torch.from_numpy(centers))
    assert got == pytest.approx(expected, rel=1e-10)


def test_clusters_are_numbered_by_size_then_by_first_cell():
    labels = np.array([3, 1, 1, 0, 0, 3, 1, 4])
    # sizes: 0 -> 2, 1 -> 3, 2 -> none, 3 -> 2, 4 -> 1; 3 stands before 0.
    assert order_by_size(labels, 5).tolist() == [1, 3, 0, 4, 2]


def test_squared_distances():
    z, centers = RNG.normal(size=(10, 4)), RNG.normal(size=(3, 4))
    got = squared_distances(torch.from_numpy(z), torch.from_numpy(centers))
    np.testing.assert_allclose(got, distances(z, centers), rtol=1e-10)
