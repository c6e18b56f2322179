"""Memberships (equation 9) against NumPy, and the order of clusters."""

import numpy as np
import pytest
import torch
from equations import distances, softmax

from scinno._nn.memberships import fuzzy_memberships, mean_within_distance, order_by_size

RNG = np.random.default_rng(7)


@pytest.mark.parametrize("distance_scale", [1.0, 3.5])
def test_equation_9_memberships(distance_scale):
    z, centers = RNG.normal(size=(10, 4)), RNG.normal(size=(3, 4))
    expected = softmax(-2.0 * distances(z, centers) / distance_scale)
    got = fuzzy_memberships(torch.from_numpy(z), torch.from_numpy(centers), 2.0, distance_scale)
    np.testing.assert_allclose(got, expected, rtol=1e-10)


def test_the_within_distance_is_the_mean_distance_to_the_nearest_center():
    z, centers = RNG.normal(size=(20, 4)), RNG.normal(size=(3, 4))
    expected = distances(z, centers).min(axis=1).mean()
    got = mean_within_distance(torch.from_numpy(z), torch.from_numpy(centers))
    assert got == pytest.approx(expected, rel=1e-10)


def test_clusters_are_numbered_by_size_then_by_first_cell():
    labels = np.array([3, 1, 1, 0, 0, 3, 1, 4])
    # sizes: 0 -> 2, 1 -> 3, 2 -> none, 3 -> 2, 4 -> 1; 3 stands before 0.
    assert order_by_size(labels, 5).tolist() == [1, 3, 0, 4, 2]
