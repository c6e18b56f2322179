"""Equations (3), (4) and (10) against an independent computation in NumPy, float64."""

import numpy as np
import pytest
import torch
from equations import distances, softmax

from scinno._nn.losses import (
    fuzzy_scatter,
    info_nce,
    mask_prediction,
    negative_entropy,
    reconstruction,
    squared_distances,
)

RNG = np.random.default_rng(7)


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
    assert float(negative_entropy(one)) == pytest.approx(0, abs=1e-30)


def test_a_cluster_that_no_cell_of_the_batch_is_near_gives_no_infinite_gradient():
    scores = torch.tensor([[5.0, 1.0, -1e4], [1.0, 4.0, -1e4]], requires_grad=True)
    memberships = torch.softmax(scores, dim=1)
    assert memberships[:, 2].tolist() == [0, 0]
    negative_entropy(memberships).backward()
    assert scores.grad is not None
    assert torch.isfinite(scores.grad).all()
    assert scores.grad[:, :2].abs().min() > 0


def test_squared_distances():
    z, centers = RNG.normal(size=(10, 4)), RNG.normal(size=(3, 4))
    got = squared_distances(torch.from_numpy(z), torch.from_numpy(centers))
    np.testing.assert_allclose(got, distances(z, centers), rtol=1e-10)
