"""t-SNE and UMAP: the same with any number of threads, with and without scranpy, for any cells."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from scinno._drawing import layout


@pytest.fixture(scope="module")
def groups():
    """300 points in 3 groups that are far apart, in 20 dimensions."""
    rng = np.random.default_rng(0)
    centers = rng.normal(scale=8, size=(3, 20))
    which = rng.integers(3, size=300)
    return (centers[which] + rng.normal(size=(300, 20))).astype(np.float32), which


def purity(flat, which):
    nearest = NearestNeighbors(n_neighbors=10).fit(flat).kneighbors(return_distance=False)
    return (which[nearest] == which[:, None]).mean()


@pytest.mark.parametrize("compiled", [True, False], ids=["scranpy", "scikit-learn and umap-learn"])
def test_groups_stay_together(compiled, groups, monkeypatch):
    points, which = groups
    assert layout.compiled()
    monkeypatch.setattr(layout, "compiled", lambda: compiled)
    for flat in layout.maps(points, 0).values():
        assert flat.shape == (300, 2)
        assert flat.dtype == np.float32
        assert purity(flat, which) > 0.98


def test_each_map_alone_is_that_of_both(groups):
    points, _ = groups
    both = layout.maps(points, 3)
    np.testing.assert_array_equal(layout.tsne(points, 3), both["X_tsne"])
    np.testing.assert_array_equal(layout.umap(points, 3), both["X_umap"])


@pytest.mark.parametrize("exact", [5_000, 100])
def test_maps_follow_the_seed_and_not_the_threads(exact, groups, monkeypatch):
    points, _ = groups
    monkeypatch.setattr(layout, "EXACT_CELLS", exact)
    made = []
    for threads, seed in (("1", 0), ("3", 0), ("1", 1)):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        made.append(layout.maps(points, seed))
    for name in ("X_tsne", "X_umap"):
        np.testing.assert_array_equal(made[0][name], made[1][name])
        assert not np.array_equal(made[0][name], made[2][name])


@pytest.mark.parametrize(
    "points",
    [
        np.random.default_rng(0).normal(size=(3, 20)),
        np.random.default_rng(0).normal(size=(40, 1)),
        np.ones((50, 20)),
        np.repeat(np.eye(2, 20), 30, axis=0),
        np.random.default_rng(0).normal(size=(60, 20)) * 1e30,
    ],
    ids=["three", "one dimension", "all equal", "two places", "huge"],
)
def test_every_cell_has_a_finite_place(points):
    for flat in layout.maps(points.astype(np.float32), 0).values():
        assert np.isfinite(flat).all()
        assert len(np.unique(flat, axis=0)) > 1
