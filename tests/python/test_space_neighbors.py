"""Neighbors in a tissue: grids of spots, single cells, slices, graphs that are given."""

import numpy as np
import pytest
import scipy.sparse as sp

from scinno._space.neighbors import (
    check_coordinates,
    check_slices,
    given_neighbors,
    spatial_neighbors,
)


def square(n: int = 6) -> np.ndarray:
    x, y = np.meshgrid(np.arange(n), np.arange(n))
    return np.column_stack([x.ravel(), y.ravel()]).astype(float)


def hexagonal(n: int = 8) -> np.ndarray:
    x, y = np.meshgrid(np.arange(n), np.arange(n))
    return np.column_stack([(x + 0.5 * (y % 2)).ravel(), (y * np.sqrt(3) / 2).ravel()])


def one_slice(n: int) -> np.ndarray:
    return np.zeros(n, dtype=int)


def degrees(graph: sp.csr_matrix) -> np.ndarray:
    return np.diff(graph.indptr)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 5e4])
@pytest.mark.parametrize(("places", "inner"), [(square(), 8), (hexagonal(), 6)])
def test_all_spots_around_a_spot_are_its_neighbors(places, inner, scale):
    noise = np.random.default_rng(0).normal(0, 0.02, places.shape)
    graph = spatial_neighbors((places + noise) * scale, one_slice(len(places)))
    middle = np.abs(places - places.mean(axis=0)).max(axis=1) < 2
    assert (degrees(graph)[middle] == inner).all()
    assert degrees(graph).min() >= 2
    np.testing.assert_allclose(np.asarray(graph.sum(axis=1)).ravel(), 1, rtol=1e-6)


def test_single_cells_have_their_fifteen_nearest():
    places = np.random.default_rng(0).uniform(size=(300, 2))
    graph = spatial_neighbors(places, one_slice(300))
    assert (degrees(graph) == 15).all()
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    for cell in (0, 100, 299):
        expected = set(np.argsort(apart[cell])[1:16])
        assert set(graph[cell].indices) == expected


def test_slices_are_never_joined_and_a_lonely_cell_has_no_neighbor():
    places = np.random.default_rng(1).uniform(size=(81, 2))
    slices = np.array([0, 1] * 40 + [2])
    graph = spatial_neighbors(places, slices).tocoo()
    assert (slices[graph.row] == slices[graph.col]).all()
    assert 80 not in graph.row
    assert len(np.unique(graph.row)) == 80


def test_many_cells_at_one_place_are_not_their_own_neighbors():
    places = np.repeat(np.random.default_rng(2).uniform(size=(10, 2)), 20, axis=0)
    graph = spatial_neighbors(places, one_slice(200)).tocoo()
    assert (graph.row != graph.col).all()
    assert np.isfinite(graph.data).all()


def test_a_given_graph_keeps_its_weights_within_slices():
    weights = sp.csr_matrix(np.array([[5.0, 1, 3, 0], [1, 0, 0, 2], [3, 0, 0, 0], [0, 2, 0, 0]]))
    graph = given_neighbors(weights, np.array([0, 0, 0, 1])).toarray()
    np.testing.assert_allclose(graph[0], [0, 0.25, 0.75, 0])
    np.testing.assert_allclose(graph[1], [1, 0, 0, 0])
    np.testing.assert_allclose(graph[3], 0)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones((3, 4)), r"must be \(4, 4\), one row per cell, got shape \(3, 4\)"),
        (-np.ones((4, 4)), "weights of 0 or more"),
        (np.full((4, 4), np.nan), "weights of 0 or more"),
        (np.eye(4), "link no cells of the same slice"),
    ],
)
def test_a_wrong_graph_is_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        given_neighbors(weights, one_slice(4))


@pytest.mark.parametrize(
    ("coordinates", "error", "message"),
    [
        (np.zeros((4, 2)), ValueError, "the same for all cells"),
        (np.ones(4), ValueError, r"got shape \(4,\)"),
        (np.ones((4, 5)), ValueError, r"\(cells, 2 or 3\), got shape \(4, 5\)"),
        (np.ones((3, 2)), ValueError, "of 3 cells, and there are 4"),
        ([[0, 1], [1, 2], [3, np.nan], [1, 1]], ValueError, r"\[3.0, nan\] at cell 2"),
        ([["a", "b"]] * 4, TypeError, "must be numbers"),
        (None, TypeError, None),
    ],
)
def test_wrong_coordinates_are_refused(coordinates, error, message):
    if coordinates is None:
        error, message = ValueError, "got shape"
    with pytest.raises(error, match=message):
        check_coordinates(coordinates, 4)


def test_wrong_slices_are_refused():
    with pytest.raises(ValueError, match="of 3 cells, and there are 4"):
        check_slices(["a"] * 3, 4)
    with pytest.raises(ValueError, match="cell 2 has none"):
        check_slices(["a", "b", None, "a"], 4)
    assert check_slices([1, "1", 2.5, "x"], 4).tolist() == [0, 0, 1, 2]
