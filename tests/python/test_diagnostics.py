"""Clusters that deserve a second look: those of a few cells, and near-duplicates."""

import numpy as np
import pytest
from conftest import blobs

from scinno._clusters.diagnostics import FEW_CELLS, NEAR, cluster_warnings, separation


def test_the_halves_of_a_cloud_are_near_duplicates():
    x = np.random.default_rng(0).normal(size=(400, 5)).astype(np.float32)
    halves = (x[:, 0] > 0).astype(int)
    [warning] = cluster_warnings(x, halves)
    assert warning.startswith("clusters 0 and 1 are near-duplicates")
    assert separation(x[halves == 0], x[halves == 1]) == pytest.approx(1.32, abs=0.1)
    assert separation(x[:1], x[:1]) == 0
    assert separation(x[:1], x[1:2]) == np.inf
    two, types = blobs([100, 100])
    assert separation(two[types == 0], two[types == 1]) > 3 > NEAR
    assert cluster_warnings(two, types) == ()


def test_clusters_of_a_few_cells_are_named():
    x, labels = blobs([50, FEW_CELLS, FEW_CELLS - 1, 1])
    warnings = cluster_warnings(x, labels)
    assert warnings == (
        f"cluster 2 has {FEW_CELLS - 1} cells only: look whether it is a type of its own",
        "cluster 3 has 1 cell only: look whether it is a type of its own",
    )
    assert cluster_warnings(x, np.where(labels == 3, 7, labels))[1].startswith("cluster 7 has 1")
