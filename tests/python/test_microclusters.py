"""Merging microclusters, and means of clusters."""

import numpy as np
import pytest
from conftest import blobs
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from scinno._clusters.microclusters import (
    SEEDING_CELLS,
    agglomerate,
    cluster_means,
    microclusters,
)


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


def test_means_of_clusters():
    x, labels = blobs([5, 7])
    np.testing.assert_allclose(cluster_means(x, labels)[1], x[5:].mean(0), rtol=1e-5)


def test_first_centers_from_a_sample_are_as_good_as_from_all_cells():
    sizes = [400] * 9 + [40]
    x, truth = blobs(sizes)
    n = len(sizes) * 4
    assert len(x) > SEEDING_CELLS * n
    centers, found, groups = microclusters(x, n, 2, np.random.default_rng(0))
    assert (np.bincount(groups) == found).all()
    inertia = ((x - centers[groups]) ** 2).sum()
    assert inertia < 1.05 * KMeans(n, n_init=1, random_state=0).fit(x).inertia_
    # Each group is of one blob, also of the rare one.
    assert all(len(np.unique(truth[groups == group])) == 1 for group in range(len(centers)))
