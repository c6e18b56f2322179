"""The tree of a fit: nested levels, names, evidence for splits, and what refuses a level."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, is_valid_linkage
from threadpoolctl import threadpool_info, threadpool_limits

import scinno
from scinno import Fit


@pytest.fixture(scope="module")
def fit(small_fit) -> Fit:
    return small_fit


def test_the_fits_own_level_is_the_fit(fit):
    tree = fit.tree
    assert tree.n_clusters == fit.n_clusters == 3
    np.testing.assert_array_equal(tree.cut(3), fit.labels)
    np.testing.assert_array_equal(tree.cut(resolution=1), fit.labels)
    assert tree.names(3) == ["0", "1", "2"]
    assert fit.cut(3) is fit
    assert fit.tree is tree
    assert repr(tree).startswith("scinno.ClusterTree: 150 cells, 3 clusters, up to ")


def test_levels_are_nested_and_numbered_by_size(fit):
    tree = fit.tree
    assert tree.n_leaves > 5
    finer = tree.cut(tree.n_leaves)
    for k in range(tree.n_leaves - 1, 0, -1):
        labels = tree.cut(k)
        sizes = np.bincount(labels)
        assert len(sizes) == len(tree.names(k)) == len(set(tree.names(k))) == k
        assert (np.diff(sizes) <= 0).all()
        # Each finer cluster lies in one coarser one.
        assert all(len(np.unique(labels[finer == j])) == 1 for j in range(k + 1))
        finer = labels


def test_names_tell_where_a_cluster_comes_from(fit):
    tree = fit.tree
    (joined,) = (name for name in tree.names(2) if "+" in name)
    (alone,) = (name for name in tree.names(2) if "+" not in name)
    assert {*joined.split("+"), alone} == {"0", "1", "2"}
    for k in range(4, tree.n_leaves + 1):
        for label, name in enumerate(tree.names(k)):
            cells = tree.cut(k) == label
            assert set(fit.labels[cells].astype(str)) == {name.split(".")[0]}
    first = tree.splits.set_index("node")
    assert (first["n_left"] >= first["n_right"]).all()
    halves = first.drop(index=[n for n in first.index if "+" in n])
    assert [f"{n}.1" for n in halves.index] == halves["left"].tolist()


def test_merges_are_scipys(fit):
    tree = fit.tree
    assert is_valid_linkage(tree.merges)
    heights = tree.merges[:, 2]
    assert (np.diff(heights) >= 0).all()
    assert heights[-2] == 1
    assert heights[-3] < 1
    leaves = fcluster(tree.merges, 3, "maxclust")
    assert len({*zip(leaves[tree.leaf_of_cell], fit.labels, strict=True)}) == 3
    assert is_valid_linkage(tree.above(3))
    np.testing.assert_array_equal(tree.above(3)[:, 2], heights[-2:])


def test_a_real_split_is_supported_and_half_a_cloud_is_not(fit):
    splits = fit.tree.splits
    assert splits["n_clusters"].tolist() == list(range(2, fit.tree.n_leaves + 1))
    real, cut = splits.iloc[:2], splits.iloc[2:]
    assert real["support"].min() > 0.9
    assert real["stability"].min() > 0.8
    assert cut["support"].max() < 0.9
    assert cut["stability"].median() < 0.5
    assert (splits[["n_left", "n_right"]].sum(axis=1) <= 150).all()
    np.testing.assert_array_equal(splits.iloc[0][["n_left", "n_right"]].sum(), 150)


def test_genes_of_a_split_differ_between_its_sides(fit):
    row = fit.tree.splits.iloc[0]
    sides = [fit.labels[np.isin(fit.labels.astype(str), row[side].split("+"))] for side in
             ("left", "right")]  # fmt: skip
    left, right = (fit.denoised(np.isin(fit.labels, np.unique(side))).mean(0) for side in sides)
    for column, higher in (("genes_left", left - right), ("genes_right", right - left)):
        named = [g for g in row[column].split(", ") if g]
        assert all(higher[fit.genes.tolist().index(gene)] > 0.3 for gene in named)


def test_a_cut_is_a_fit_that_predicts_and_is_saved(fit, simulated, tmp_path):
    for k in (2, 5):
        cut = fit.cut(k)
        assert cut.n_clusters == k
        assert (np.bincount(cut.labels, minlength=k) > 0).all()
        np.testing.assert_array_equal(cut.labels, cut.memberships.argmax(1))
        np.testing.assert_array_equal(cut.predict(simulated[0]), cut.labels)
        assert cut.embedding is fit.embedding
        cut.save(tmp_path / "cut")
        np.testing.assert_array_equal(scinno.load(tmp_path / "cut").tree.cut(k), cut.labels)
    assert fit.n_clusters == 3
    assert len(fit.network.centers) == 3


def test_the_same_fit_gives_the_same_tree(fit):
    again = scinno.from_bytes(fit.to_bytes()).tree
    np.testing.assert_array_equal(again.merges, fit.tree.merges)
    assert again.splits.equals(fit.tree.splits)
    assert again.nodes == fit.tree.nodes


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({}, TypeError, "give either n_clusters or resolution"),
        ({"n_clusters": 2, "resolution": 1.0}, TypeError, "give either n_clusters or resolution"),
        ({"n_clusters": 0}, ValueError, "n_clusters must be from 1 to "),
        ({"n_clusters": 999}, ValueError, "n_clusters must be from 1 to .*, got 999"),
        ({"n_clusters": float("nan")}, TypeError, "n_clusters must be a whole number, got nan"),
        ({"n_clusters": 2.5}, TypeError, "n_clusters must be a whole number, got 2.5"),
        ({"n_clusters": True}, TypeError, "n_clusters must be a whole number or None, got True"),
        ({"n_clusters": "3"}, TypeError, "n_clusters must be a whole number or None, got '3'"),
        ({"resolution": "1"}, TypeError, "resolution must be a number or None, got '1'"),
        ({"resolution": 0}, ValueError, "resolution must be a positive number, got 0"),
        ({"resolution": float("nan")}, ValueError, "resolution must be a positive number, got nan"),
        ({"n_clusters": 1}, ValueError, "a fit has 2 clusters or more, and this level has 1"),
    ],
)
def test_what_is_not_a_level_is_refused(fit, given, error, message):
    with pytest.raises(error, match=message):
        fit.cut(**given)


def test_a_model_without_cells_says_why_it_has_no_tree(fit):
    from dataclasses import replace

    names = ("labels", "memberships", "embedding", "latent")
    bare = replace(fit, **{name: getattr(fit, name)[:0] for name in names})
    with pytest.raises(ValueError, match="the fit holds no cells, as the model of a run in blocks"):
        _ = bare.tree


def test_it_is_made_in_one_thread_so_that_it_is_the_same_everywhere(fit, monkeypatch):
    seen = []
    decode = Fit.denoised

    def look(self, cells=None):
        seen.append(max(pool["num_threads"] for pool in threadpool_info()))
        return decode(self, cells)

    monkeypatch.setattr(Fit, "denoised", look)
    with threadpool_limits(2):
        assert max(pool["num_threads"] for pool in threadpool_info()) == 2
        again = replace(fit).tree
    assert set(seen) == {1}
    assert again.splits.equals(fit.tree.splits)
