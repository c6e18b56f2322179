"""Each corruption does what its name says, at the strength requested for."""

import numpy as np
import pytest
import torch

from scinno import Settings
from scinno._nn.noise import KINDS, corrupt, hits, uniform, within_batch

ZERO = torch.full((30,), -2.0)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def x() -> torch.Tensor:
    return torch.randn(500, 30, generator=generator(1))


def test_no_noise_changes_nothing(x):
    assert torch.equal(corrupt(x, (), ZERO, generator()), x)


def test_same_generator_state_same_noise(x):
    noise = (("uniform", 0.2), ("swap", 0.3))
    first, again = (corrupt(x, noise, ZERO, generator(5)) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, corrupt(x, noise, ZERO, generator(6)))


def test_gaussian_has_the_requested_deviation(x):
    change = corrupt(x, (("gaussian", 0.4),), ZERO, generator()) - x
    assert float(change.std()) == pytest.approx(0.4, rel=0.05)


def test_mask_sets_the_requested_share_to_not_expressed(x):
    noisy = corrupt(x, (("mask", 0.25),), ZERO, generator())
    hit = noisy != x
    assert float(hit.float().mean()) == pytest.approx(0.25, abs=0.02)
    assert torch.all(noisy[hit] == -2.0)


def test_swap_takes_values_of_the_same_gene_from_other_cells(x):
    noisy = corrupt(x, (("swap", 0.3),), ZERO, generator())
    hit = noisy != x
    assert float(hit.float().mean()) == pytest.approx(0.3, abs=0.02)
    for gene in range(3):
        assert set(noisy[:, gene].tolist()) <= set(x[:, gene].tolist())


def test_each_cell_is_hit_with_its_own_probability_also_at_the_ends():
    x = torch.zeros(3, 9999)  # four values share a random number, and no multiple of four is here
    probability = torch.tensor([[0.0], [0.4], [1.0]])
    hit = hits(x, probability, torch.Generator().manual_seed(0))
    assert set(hit.unique().tolist()) == {0, 1}
    none, some, all_of_it = hit.mean(1).tolist()
    assert none == 0
    assert some == pytest.approx(0.4, abs=0.02)
    assert all_of_it == 1


def test_adaptive_noise_is_stronger_in_sparse_cells():
    x = torch.ones(400, 30)
    x[:200, :24] = ZERO[0]  # the first half is sparse
    x[200:, :6] = ZERO[0]
    change = corrupt(x, (("uniform", 0.3),), ZERO, generator(), adaptive=True) - x
    assert float(change[:200].std()) > 2 * float(change[200:].std())


@pytest.mark.parametrize("kind", KINDS)
def test_the_settings_know_every_kind(kind):
    assert Settings(noise=f"{kind}:0.5+mask:0.1").noise.startswith(kind)


def test_equation_1_uniform_noise():
    x = torch.zeros(400, 50)
    noisy = uniform(x, torch.tensor(0.3), torch.zeros(50), torch.Generator().manual_seed(0))
    values = noisy.numpy()
    assert np.abs(values).max() <= 0.3
    assert abs(values.mean()) < 0.01
    # A uniform on (−ε, ε) has standard deviation ε/√3.
    assert values.std() == pytest.approx(0.3 / np.sqrt(3), rel=0.02)


def test_values_are_swapped_within_a_batch():
    batch = torch.arange(400) % 3
    x = batch[:, None] * 100 + torch.rand(400, 30, generator=generator(2))
    noisy = corrupt(x, (("swap", 0.5),), ZERO, generator(), batch=batch)
    assert torch.equal((noisy // 100).long(), batch[:, None].expand(400, 30))
    assert float((noisy != x).float().mean()) == pytest.approx(0.5, abs=0.02)


def test_each_cell_is_the_partner_of_one_other_of_its_batch():
    batch = torch.tensor([0, 1, 0, 2, 1, 0, 0, 1])
    partner = within_batch(torch.randperm(8, generator=generator()), batch)
    assert sorted(partner.tolist()) == list(range(8))
    assert torch.equal(batch[partner], batch)
