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


def test_moments_of_each_batch_are_those_of_its_cells(simulated, monkeypatch):
    x, batch = simulated[0], np.array(list("ab") * 75)
    monkeypatch.setattr("scinno._data.blocks.BLOCK", 32)
    found = compute_gene_stats(source_of(x, batch=batch))
    whole = compute_gene_stats(source_of(x))
    for code, name in enumerate("ab"):
        own = compute_gene_stats(source_of(x[batch == name]))
        np.testing.assert_allclose(found.mean[code], own.mean)
        np.testing.assert_allclose(found.variance[code], own.variance, atol=1e-15)
        np.testing.assert_array_equal(found.expressed_in[code], own.expressed_in)
    np.testing.assert_array_equal(found.stored, whole.stored)
    np.testing.assert_array_equal(found.library, whole.library)
