"""Initial centers, on shapes whose answer is known."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from scinno._clusters.initial_centers import consensus_partition, initial_centers, partitions


def blobs(sizes: list[int], seed: int = 0, gap: float = 12.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(len(sizes), 8))
    centers *= gap / np.linalg.norm(centers, axis=1, keepdims=True)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    return (centers[labels] + rng.normal(size=(len(labels), 8))).astype(np.float32), labels


@pytest.mark.parametrize("sizes", [[100, 100, 100], [600, 40, 20], [300, 200, 100, 50, 25]])
@pytest.mark.parametrize("seed", range(3))
def test_rare_types_get_centers_of_their_own(sizes, seed):
    x, truth = blobs(sizes, seed)
    centers = initial_centers(x, [x], len(sizes), np.random.default_rng(seed))
    assert centers.shape == (len(sizes), 8)
    labels = ((x[:, None] - centers[None]) ** 2).sum(2).argmin(1)
    assert adjusted_rand_score(truth, labels) > 0.95


def test_each_view_is_clustered_in_several_ways():
    x, truth = blobs([600, 40, 20])
    found = partitions(x, 3, np.random.default_rng(0))
    assert len(found) == 4
    for labels in found[:2]:  # those that keep rare types apart
        assert adjusted_rand_score(truth, labels) > 0.95


def test_the_consensus_partition_wins_over_the_odd_one_out():
    rng = np.random.default_rng(1)
    truth = np.repeat([0, 1, 2], 50)
    slips = [np.where(rng.random(150) < 0.05, (truth + 1) % 3, truth) for _ in range(3)]
    odd = rng.integers(0, 3, 150)
    names = (slips[1] + 1) % 3  # the same partition by other names counts as agreement
    found = consensus_partition([odd, slips[0], names, slips[2], odd[::-1]])
    assert adjusted_rand_score(truth, found) > 0.8


def test_fewer_distinct_cells_than_clusters():
    x = np.repeat(np.eye(3, 5, dtype=np.float32), 10, axis=0)
    centers = initial_centers(x, [x, x], 6, np.random.default_rng(0))
    assert centers.shape == (6, 5)
    assert np.isfinite(centers).all()
