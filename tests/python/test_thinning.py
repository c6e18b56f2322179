"""Count splitting: two halves that add up, and know nothing of each other."""

import numpy as np
import scipy.sparse as sp

from scinno._tune.thinning import split_counts


def test_the_halves_add_up_and_share_their_structure(simulated):
    counts = sp.csr_matrix(simulated[0], dtype=np.float32)
    before = counts.copy()
    one, other = split_counts(counts, 3, 0).halves
    assert (one + other != counts).nnz == 0
    assert (counts != before).nnz == 0
    assert one.data.min() >= 0
    assert (one.data == np.round(one.data)).all()
    np.testing.assert_array_equal(one.indices, other.indices)
    assert abs(one.sum() / counts.sum() - 0.5) < 0.01


def test_each_seed_and_number_has_a_split_of_its_own(simulated):
    counts = sp.csr_matrix(simulated[0])
    same, again, number, seed = (
        split_counts(counts, s, n) for s, n in ((3, 1), (3, 1), (3, 2), (4, 1))
    )
    assert (same.halves[0] != again.halves[0]).nnz == 0
    assert same.seed == again.seed
    for other in (number, seed):
        assert (same.halves[0] != other.halves[0]).nnz > 1000
        assert same.seed != other.seed


def test_halves_of_poisson_counts_are_independent():
    counts = sp.csr_matrix(np.random.default_rng(0).poisson(4.0, size=(400, 100)))
    one, other = (half.toarray().ravel() for half in split_counts(counts, 0, 0).halves)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.02
    doubled = sp.csr_matrix(2 * counts.toarray())  # not Poisson: a check that the test can fail
    one, other = (half.toarray().ravel() for half in split_counts(doubled, 0, 0).halves)
    assert abs(np.corrcoef(one, other)[0, 1]) > 0.2
