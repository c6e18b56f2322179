"""Initial centers and the number of clusters, on shapes whose answer is known."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from scinno._clusters.initial_centers import consensus_partition, initial_centers, partitions
from scinno._clusters.microclusters import agglomerate, cluster_means
from scinno._clusters.n_clusters import estimate_n_clusters
from scinno._nn.losses import squared_distances


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


@pytest.mark.parametrize("exponent", [0.35, 1.0])
def test_merging_is_that_of_a_plain_computation(exponent):
    rng = np.random.default_rng(0)
    centers, sizes = rng.normal(size=(9, 3)), rng.integers(1, 20, 9).astype(float)
    groups = {i: [i] for i in range(9)}
    while len(groups) > 4:
        best = None
        for i in groups:
            for j in groups:
                if i < j:
                    wi, wj = sizes[groups[i]].sum(), sizes[groups[j]].sum()
                    ci = np.average(centers[groups[i]], axis=0, weights=sizes[groups[i]])
                    cj = np.average(centers[groups[j]], axis=0, weights=sizes[groups[j]])
                    cost = (wi * wj / (wi + wj)) ** exponent * ((ci - cj) ** 2).sum()
                    if best is None or cost < best[0]:
                        best = cost, i, j
        groups[best[1]] += groups.pop(best[2])
    expected = np.empty(9, dtype=int)
    for label, members in enumerate(groups.values()):
        expected[members] = label
    merged = agglomerate(centers, sizes, [4], exponent)[4]
    assert adjusted_rand_score(expected, merged) == 1


def test_fewer_distinct_cells_than_clusters():
    x = np.repeat(np.eye(3, 5, dtype=np.float32), 10, axis=0)
    centers = initial_centers(x, [x, x], 6, np.random.default_rng(0))
    assert centers.shape == (6, 5)
    assert np.isfinite(centers).all()


def test_means_and_distances():
    x, labels = blobs([5, 7])
    np.testing.assert_allclose(cluster_means(x, labels)[1], x[5:].mean(0), rtol=1e-5)
    import torch

    got = squared_distances(torch.from_numpy(x).double(), torch.from_numpy(x[:3]).double())
    np.testing.assert_allclose(got, ((x[:, None] - x[None, :3]) ** 2).sum(2), atol=1e-4)


@pytest.mark.parametrize("k", [2, 3, 5, 8])
def test_separate_blobs_are_counted(k):
    x, _ = blobs([80] * k, seed=k, gap=20.0)
    choice = estimate_n_clusters(x, x, np.random.default_rng(0))
    evidence = choice.table
    assert choice.n_clusters == k
    assert evidence.loc[evidence["chosen"], "n_clusters"].tolist() == [k]
    assert evidence["n_clusters"].tolist() == list(range(2, 31 if k >= 4 else 80 * k // 10 + 1))


def test_the_estimate_is_repeatable():
    x, _ = blobs([60, 40, 30])
    first, again = (estimate_n_clusters(x, x, np.random.default_rng(3)).table for _ in range(2))
    assert first.equals(again)
