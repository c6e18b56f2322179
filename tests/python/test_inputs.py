"""Preprocessing: the same numbers as scanpy gives, and the same treatment for new cells."""

import anndata as ad
import numpy as np
import pytest
import scanpy as sc
import scipy.sparse as sp
from conftest import prepared, prepared_new


def test_values_are_those_of_scanpy(simulated):
    x, _ = simulated
    inputs = prepared(x, n_genes=10_000, min_cells=1, min_cells_fraction=0)
    expected = ad.AnnData(x.astype(np.float32))
    sc.pp.normalize_total(expected)
    sc.pp.log1p(expected)
    selected = inputs.preprocessing.selected
    np.testing.assert_allclose(
        inputs.values.toarray(), expected.X.toarray()[:, selected], rtol=1e-5, atol=1e-6
    )


def test_variable_genes_are_those_of_scanpy(simulated):
    x, _ = simulated
    inputs = prepared(x, n_genes=40, min_cells=1, min_cells_fraction=0)
    expected = ad.AnnData(x.astype(np.float32))
    sc.pp.filter_genes(expected, min_cells=1)
    sc.pp.normalize_total(expected)
    sc.pp.log1p(expected)
    sc.pp.highly_variable_genes(expected, n_top_genes=40)
    chosen = expected.var_names[expected.var["highly_variable"]].astype(int)
    assert len(set(chosen) & set(inputs.preprocessing.selected)) >= 39


def test_rare_genes_are_dropped_at_the_floor():
    x = np.zeros((100, 4), dtype=int)
    for gene, cells in enumerate((4, 5, 60, 100)):
        x[:cells, gene] = 1 + np.arange(cells) % 3
    assert prepared(x, min_cells_fraction=0.05).preprocessing.selected.tolist() == [1, 2, 3]


def test_center_and_scale_are_moments_of_the_values(simulated):
    x, _ = simulated
    inputs = prepared(x, scale=True)
    dense = inputs.dense(slice(None))
    np.testing.assert_allclose(dense.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(dense.std(0), 1, rtol=1e-4)
    unscaled = prepared(x).dense(slice(None))
    assert np.mean(unscaled**2) == pytest.approx(1, rel=1e-4)
    assert unscaled.std(0).std() > 0.1  # one scale for all genes, not one each


def test_an_all_zero_cell_is_kept_with_a_warning(simulated, caplog):
    x = simulated[0].toarray()
    x[5] = 0
    inputs = prepared(x)
    assert inputs.n_cells == len(x)
    assert np.isfinite(inputs.dense(slice(0, 10))).all()
    assert "first: cell 5" in caplog.text


def test_new_cells_get_the_same_treatment(simulated):
    x, _ = simulated
    inputs = prepared(x, n_genes=60)
    fitted = inputs.preprocessing
    new = prepared_new(x[20:40], fitted)
    np.testing.assert_array_equal(new.dense(slice(None)), inputs.dense(slice(20, 40)))


def test_shuffled_genes_are_put_back_in_order(simulated, names):
    x, _ = simulated
    inputs = prepared(x, names, n_genes=60)
    fitted, order = inputs.preprocessing, np.random.default_rng(0).permutation(x.shape[1])
    new = prepared_new(x[:, order], fitted, names[order])
    np.testing.assert_allclose(new.dense(slice(9)), inputs.dense(slice(9)), rtol=1e-5)


def test_missing_genes_count_as_zero_and_are_reported(simulated, names, caplog):
    x, _ = simulated
    fitted = prepared(x, names, n_genes=60).preprocessing
    present = np.setdiff1d(np.arange(x.shape[1]), fitted.selected[:10])
    new = prepared_new(x[:, present], fitted, names[present])
    zero = -fitted.center[:10] / fitted.scale[:10]
    np.testing.assert_allclose(new.dense(slice(3))[:, :10], np.tile(zero, (3, 1)), rtol=1e-5)
    assert "10 of the 60 genes" in caplog.text


def test_nothing_of_cells_by_all_genes_is_made_dense(monkeypatch):
    """Every dense array made on the way is far smaller than cells × genes."""
    x = sp.random(3000, 2000, density=0.02, random_state=0, format="csr")
    x.data = np.ceil(x.data * 5)
    largest, real = [0], sp.csr_matrix.toarray

    def watched(self, *args, **kwargs):
        largest[0] = max(largest[0], self.shape[0] * self.shape[1])
        return real(self, *args, **kwargs)

    monkeypatch.setattr(sp.csr_matrix, "toarray", watched)
    monkeypatch.setattr(sp.csr_matrix, "todense", watched)
    inputs = prepared(x, n_genes=500)
    inputs.dense(np.arange(256))
    assert 0 < largest[0] <= 256 * 500
