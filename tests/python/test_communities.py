"""Communities of the graph of shared neighbors, and how many of them there are."""

import numpy as np
import pytest
from conftest import blobs

from scinno._clusters.communities import (
    MIN_JACCARD,
    NEIGHBORS,
    RESOLUTIONS,
    community_counts,
    shared_neighbor_graph,
)


def test_the_graph_holds_the_jaccard_index_of_neighbors():
    x, _ = blobs([30, 20], gap=2.0)
    distances = ((x[:, None].astype(np.float64) - x) ** 2).sum(-1)
    near = np.argsort(distances, axis=1, kind="stable")[:, :NEIGHBORS]
    sets = [set(row.tolist()) for row in near]
    expected = np.array([[len(a & b) / len(a | b) for b in sets] for a in sets])
    expected[expected < MIN_JACCARD] = 0
    np.fill_diagonal(expected, 0)
    found = shared_neighbor_graph(x)
    np.testing.assert_allclose(found.toarray(), expected)
    assert (found != found.T).nnz == 0


@pytest.mark.parametrize("size", [30, 100, 700])
def test_the_number_does_not_grow_with_the_number_of_cells(size):
    x, _ = blobs([size] * 6)
    counts = community_counts(x, np.random.default_rng(0))
    assert len(counts) == len(RESOLUTIONS)
    assert np.median(counts) == 6


def test_cells_that_share_no_neighbor_are_no_community():
    assert community_counts(np.zeros((1, 3), np.float32), np.random.default_rng(0)) == [0] * 6
    # In 50 dimensions nearly all of 40 cells of one cloud are alone.
    x, _ = blobs([40], dims=50)
    assert max(community_counts(x, np.random.default_rng(0))) <= 3


def test_the_same_generator_gives_the_same_numbers_and_no_global_state_is_used():
    x = np.random.default_rng(1).normal(size=(400, 8)).astype(np.float32)
    # NPY002 forbids NumPy's global generator; here it is what is tested.
    np.random.seed(7)  # noqa: NPY002  sets the state that must stay
    before = np.random.get_state()[1].tolist()  # noqa: NPY002  reads the state that must stay
    first, again = (community_counts(x, np.random.default_rng(3)) for _ in range(2))
    assert first == again
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002  reads the state that stayed
