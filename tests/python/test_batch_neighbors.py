"""Neighbors within a batch that stay, and neighbors of other batches."""

import numpy as np
import pytest
from conftest import blobs

from scinno._batch.neighbors import kept_neighbors, mixing, nearest, uncorrected


def test_all_neighbors_stay_where_nothing_moves():
    x, _ = blobs([100, 100])
    codes = np.arange(200) % 2
    np.testing.assert_allclose(kept_neighbors(x, 3 * x + 1, codes, 2), 1)


def test_none_stay_beyond_chance_where_all_is_shuffled():
    x, _ = blobs([400], gap=0)
    moved = x.copy()
    moved[::2] = np.random.default_rng(0).permutation(x[::2])
    kept = kept_neighbors(x, moved, np.arange(400) % 2, 2)
    assert kept[0] == pytest.approx(0, abs=0.05)
    assert kept[1] == 1


def test_a_batch_of_a_few_cells_is_not_judged():
    x, _ = blobs([100])
    codes = (np.arange(100) < 20).astype(int)
    assert kept_neighbors(x, np.random.default_rng(0).normal(size=x.shape), codes, 2)[1] == 1


def test_mixing_is_0_apart_and_1_together():
    x, labels = blobs([150, 150], gap=50)
    np.testing.assert_array_equal(mixing(x, labels), 0)
    assert mixing(x, np.arange(300) % 2).mean() == pytest.approx(0.9, abs=0.1)


def test_chance_depends_on_the_size_of_the_batch():
    x, _ = blobs([1000], gap=0)
    codes = (np.random.default_rng(0).random(1000) < 0.1).astype(int)
    found = mixing(x, codes)
    assert found[codes == 1].mean() > 0.9
    assert found[codes == 0].mean() > 0.5  # most have no neighbor of the small one: 1 is the limit


def test_uncorrected_distances_are_those_of_one_center():
    rng = np.random.default_rng(0)
    centered, codes = rng.normal(size=(60, 12)), rng.integers(3, size=60)
    offsets = rng.normal(size=(3, 12)) * 2
    loadings = np.linalg.qr(rng.normal(size=(12, 12)))[0]
    places = uncorrected(centered @ loadings, codes, offsets, loadings)
    np.testing.assert_array_equal(nearest(places), nearest(centered + offsets[codes]))
    # Of fewer components what is left of a center still sets its batch apart.
    few = uncorrected(centered @ loadings[:, :4], codes, offsets, loadings[:, :4])
    gaps = few[codes == 0].mean(0) - few[codes == 1].mean(0)
    true = (offsets[0] - offsets[1]) + (
        (centered[codes == 0].mean(0) - centered[codes == 1].mean(0)) @ loadings[:, :4]
    ) @ loadings[:, :4].T
    np.testing.assert_allclose(np.linalg.norm(gaps), np.linalg.norm(true), rtol=1e-5)
