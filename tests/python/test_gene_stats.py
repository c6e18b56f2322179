"""The first reading of all cells."""

import numpy as np
from conftest import source_of

from scinno._preprocess.gene_stats import compute_gene_stats


def test_moments_are_those_of_the_whole_matrix(simulated):
    x = simulated[0].toarray()
    found = compute_gene_stats(source_of(simulated[0]))
    share = x / x.sum(1, keepdims=True)
    np.testing.assert_allclose(found.mean, share.mean(0))
    np.testing.assert_allclose(found.variance, share.var(0, ddof=1))
    np.testing.assert_array_equal(found.expressed_in, (x > 0).sum(0))
    np.testing.assert_array_equal(found.library, x.sum(1))
