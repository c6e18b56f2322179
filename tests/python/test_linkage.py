"""From cells and clusters to merges."""

import numpy as np
from conftest import blobs

from scinno._tree import linkage
from scinno._tree.linkage import grow


def test_clusters_are_nodes_even_where_their_leaves_are_nearer_to_others():
    x, _ = blobs([80, 80], gap=1.0)
    labels = np.arange(160) % 3  # clusters that the distances do not know
    found = grow(x, labels, 0)
    node = found.cut(3)
    assert len({*zip(node, found.cluster_of_leaf, strict=True)}) == 3
    np.testing.assert_array_equal(found.cluster_of_leaf[found.leaf_of_cell], labels)
    assert found.sizes.sum() == 160


def test_an_outlier_is_no_leaf():
    x, labels = blobs([300, 200])
    x[7] += 500
    found = grow(x, labels, 0)
    assert found.sizes.min() >= linkage.FEW_CELLS


def test_near_clusters_merge_first():
    centers = np.array([[0, 0], [10, 0], [100, 0], [115, 0]], dtype=np.float32)
    labels = np.repeat(np.arange(4), 50)
    x = centers[labels] + np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
    found = grow(x, labels, 0)
    owners = [
        set(found.cluster_of_leaf[leaves].tolist()) for leaves in found.leaves_of_nodes()[-3:]
    ]
    assert owners == [{0, 1}, {2, 3}, {0, 1, 2, 3}]


def test_more_cells_than_are_sampled_get_the_same_kind_of_leaves(monkeypatch):
    monkeypatch.setattr(linkage, "MAX_SAMPLE", 100)
    x, labels = blobs([400, 300])
    found = grow(x, labels, 0)
    np.testing.assert_array_equal(found.cluster_of_leaf[found.leaf_of_cell], labels)
    assert found.sizes.sum() == 700


def test_one_cluster_and_single_cells_have_a_tree():
    x, _ = blobs([50])
    assert grow(x, np.zeros(50, int), 0).merges.shape[1] == 4
    tiny = grow(x[:2], np.array([0, 1]), 0)
    assert tiny.merges.tolist() == [[0, 1, 1, 2]]
