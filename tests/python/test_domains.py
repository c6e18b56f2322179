"""`scinno.domains`: regions of a tissue, beside the types of its cells."""

import numpy as np
import pytest
import scipy.sparse as sp
from conftest import QUICK, simulate
from sklearn.metrics import adjusted_rand_score

import scinno

# Types in each of three stripes of the tissue: all occur everywhere, in other proportions.
SHARES = np.array([[0.7, 0.2, 0.1], [0.1, 0.7, 0.2], [0.2, 0.1, 0.7]])


@pytest.fixture(scope="module")
def tissue() -> tuple:
    """Counts, places, slices and stripes of 900 cells of three types in two slices."""
    rng = np.random.default_rng(0)
    x, types = simulate(cells=900, genes=120)
    by_type = [list(np.flatnonzero(types == t)) for t in range(3)]
    places, order, stripes = [], [], []
    for cell in range(900):
        stripe = cell % 3
        wanted = rng.choice(3, p=SHARES[stripe])
        left = [t for t in (wanted, *range(3)) if by_type[t]]
        order.append(by_type[left[0]].pop())
        places.append((stripe + rng.uniform(), rng.uniform(0, 3)))
        stripes.append(stripe)
    slices = np.where(rng.uniform(size=900) < 0.5, "left", "right")
    return x[order], np.array(places), slices, np.array(stripes)


@pytest.fixture(scope="module")
def fit(tissue) -> scinno.Fit:
    return scinno.fit(tissue[0], 3, **QUICK)


@pytest.fixture(scope="module")
def found(fit, tissue) -> scinno.Domains:
    return scinno.domains(fit, tissue[1], 3, slices=tissue[2])


def test_domains_are_the_regions_and_not_the_types(fit, found, tissue):
    stripes = tissue[3]
    of_domains = adjusted_rand_score(stripes, found.labels)
    assert of_domains > adjusted_rand_score(stripes, fit.labels) + 0.2
    assert of_domains > 0.6
    assert found.smoothing > 0


def test_what_is_returned(fit, found):
    assert found.labels.dtype == np.int32
    assert found.labels.shape == (900,)
    assert found.memberships.shape == (900, 3)
    np.testing.assert_allclose(found.memberships.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(found.memberships.argmax(axis=1), found.labels)
    np.testing.assert_array_equal(found.confidence, found.memberships.max(axis=1))
    assert found.embedding.shape == fit.embedding.shape
    sizes = np.bincount(found.labels)
    assert (np.diff(sizes) <= 0).all()
    assert found.k_evidence is None
    assert found.smoothing_table is not None
    assert int(found.smoothing_table["rounds"][found.smoothing_table["chosen"]].iloc[0]) == (
        found.smoothing
    )
    assert "3 domains" in repr(found)


def test_the_same_seed_gives_the_same_domains_and_the_fit_stays_as_it_is(fit, found, tissue):
    before = fit.to_bytes()
    again = scinno.domains(fit, tissue[1], 3, slices=tissue[2])
    np.testing.assert_array_equal(again.memberships, found.memberships)
    assert fit.to_bytes() == before


def test_the_unit_and_the_direction_of_places_do_not_matter(fit, found, tissue):
    turned = np.column_stack([-tissue[1][:, 1], tissue[1][:, 0]]) * 1024
    again = scinno.domains(fit, turned, 3, slices=tissue[2])
    np.testing.assert_array_equal(again.labels, found.labels)


def test_without_smoothing_domains_are_clusters_of_single_cells(fit, tissue):
    plain = scinno.domains(fit, tissue[1], 3, smoothing=0)
    assert plain.smoothing_table is None
    np.testing.assert_array_equal(plain.embedding, fit.embedding)
    assert adjusted_rand_score(plain.labels, fit.labels) > 0.8


def test_given_neighbors_take_the_place_of_those_by_coordinates(fit, tissue):
    x = tissue[1]
    nearest = np.argsort(np.linalg.norm(x[:, None] - x, axis=2), axis=1)[:, 1:16]
    rows = np.repeat(np.arange(900), 15)
    graph = sp.csr_matrix((np.ones(13500), (rows, nearest.ravel())), shape=(900, 900))
    by_graph = scinno.domains(fit, x, 3, neighbors=graph, smoothing=3)
    by_places = scinno.domains(fit, x, 3, smoothing=3)
    np.testing.assert_array_equal(by_graph.labels, by_places.labels)


def test_the_number_of_domains_is_estimated(fit, tissue):
    free = scinno.domains(fit, tissue[1])
    assert free.k_evidence is not None
    assert 2 <= free.n_domains <= 10
    within = scinno.domains(fit, tissue[1], (2, 4))
    assert 2 <= within.n_domains <= 4


def test_the_number_is_the_same_whether_the_smoothing_is_chosen_or_given(fit, tissue):
    """Averages that overlap must not count as many alike cells, wherever the rounds come from."""
    chosen = scinno.domains(fit, tissue[1])
    given = scinno.domains(fit, tissue[1], smoothing=chosen.smoothing)
    assert given.smoothing_table is None
    np.testing.assert_array_equal(given.labels, chosen.labels)


def test_places_in_another_order_are_said_to_tell_nothing(fit, tissue):
    for seed in range(5):
        mixed = np.random.default_rng(seed).permutation(tissue[1])
        found = scinno.domains(fit, mixed, 3)
        if found.smoothing == 0:
            assert "in the order of the cells" in found.warnings[0]
            return
    raise AssertionError("five random orders were taken for a tissue")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"coordinates": np.ones((899, 2))}, ValueError, "of 899 cells, and there are 900"),
        ({"slices": ["a"] * 10}, ValueError, "slices are of 10 cells"),
        ({"n_domains": 1}, ValueError, "n_domains"),
        ({"n_domains": 2000}, ValueError, "n_domains=2000 is more than the 900 cells"),
        ({"smoothing": -1}, ValueError, "smoothing must be"),
        ({"smoothing": 101}, ValueError, "smoothing must be"),
        ({"smoothing": 1.5}, TypeError, "smoothing"),
        ({"smoothing": "much"}, ValueError, "'auto' or a number of rounds, got 'much'"),
        ({"neighbors": np.ones((3, 3))}, ValueError, r"must be \(900, 900\)"),
        ({"fit": "a fit"}, TypeError, "fit"),
    ],
)
def test_wrong_arguments_are_refused(fit, tissue, change, error, message):
    arguments = {"fit": fit, "coordinates": tissue[1], "n_domains": 3} | change
    with pytest.raises(error, match=message):
        scinno.domains(**arguments)
