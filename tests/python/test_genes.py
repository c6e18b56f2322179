"""Aligning the genes of new cells with those of a fit."""

import numpy as np
import pytest
from conftest import prepared

from scinno import Settings
from scinno._preprocess.genes import align_genes, select_genes, select_genes_within


def test_too_few_matching_genes_are_refused(simulated, names):
    x, _ = simulated
    fitted = prepared(x, names).preprocessing
    with pytest.raises(ValueError, match=r"at least 50% of the 183 genes.* like 'G0'.* got 'A'"):
        align_genes(fitted.genes, np.array(["A", "B", "C"]), 3, fitted.selected, 0.5)
    with pytest.raises(ValueError, match="x has 7 genes but the fit was made with 200: pass"):
        align_genes(fitted.genes, None, 7, fitted.selected, 0.5)


def test_genes_that_differ_between_batches_only_are_not_selected():
    """Gene 0 varies within batches, gene 1 between them; the others hardly vary."""
    rng = np.random.default_rng(0)
    x = rng.poisson(5, size=(400, 60)).astype(float)
    x[:, 0] = rng.poisson(rng.choice([1, 9], 400))
    x[:, 1] = rng.poisson(np.repeat([8, 2], 200))
    parts = x[:200], x[200:]
    within = select_genes_within(
        np.stack([(part > 0).sum(0) for part in parts]),
        np.stack([part.mean(0) for part in parts]),
        np.stack([part.var(0) for part in parts]),
        np.array([200, 200]),
        Settings(n_genes=5),
    )
    whole = select_genes((x > 0).sum(0), x.mean(0), x.var(0), 400, Settings(n_genes=5))
    assert 0 in within
    assert 1 not in within
    assert 1 in whole


def test_a_gene_must_be_expressed_in_half_of_the_batches():
    expressed_in = np.array([[50, 50, 1], [50, 1, 1], [50, 1, 50], [50, 50, 1]])
    moments = np.ones((4, 3))
    found = select_genes_within(
        expressed_in, moments, moments, np.full(4, 100), Settings(n_genes=3)
    )
    assert found.tolist() == [0, 1]


ROUNDED = 1.2e-15  # what is left of the variance of twelve ones when each is divided by their sum


@pytest.mark.parametrize("variance", [0.0, ROUNDED])
def test_values_that_differ_by_rounding_only_do_not_differ(variance):
    many, some = np.full(12, 24), np.full(12, variance)
    with pytest.raises(ValueError, match="x must differ between cells, but none of its 12 genes"):
        select_genes(many, np.ones(12), some, 24, Settings(n_genes=10))


def test_of_genes_that_vary_alike_none_is_left_out():
    one = np.full(12, 1 / 12)
    found = select_genes(np.full(12, 2), one, one * 11 / 12, 24, Settings(n_genes=10, min_cells=1))
    assert found.tolist() == list(range(12))
