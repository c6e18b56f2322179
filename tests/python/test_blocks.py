"""Lazy matrices in `fit`: the same labels, the same errors, and what is looked at of many cells."""

import anndata as ad
import h5py
import numpy as np
import pytest
from conftest import QUICK, prepared, simulate
from sklearn.metrics import adjusted_rand_score

import scinno
from scinno._train import batches


@pytest.fixture(autouse=True, scope="module")
def small_blocks():
    """So small that the cells are in many blocks, and that arrays of a fit lie on the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scinno._data.blocks.BLOCK", 64)
        patch.setattr("scinno._data.csc.VALUES", 500)
        patch.setattr("scinno._runtime.scratch.MAX_BYTES_IN_MEMORY", 1000)
        yield


def test_a_real_set_gets_the_same_labels(data_folder):
    path = data_folder / "pbmc_facs_zheng.h5ad"
    backed, whole = ad.read_h5ad(path, backed="r"), ad.read_h5ad(path)
    short = {"pretrain_epochs": 1, "joint_epochs": 1, "n_genes": 300}
    streamed = scinno.fit(backed.X, 10, genes=backed.var_names, **short)
    fit = scinno.fit(whole.X, 10, genes=whole.var_names, **short)
    backed.file.close()
    np.testing.assert_array_equal(streamed.labels, fit.labels)
    np.testing.assert_array_equal(streamed.preprocessing.selected, fit.preprocessing.selected)


def test_genes_are_those_of_scanpy_on_real_sets(data_folder):
    import scanpy as sc

    for name in ("kang_pbmc_1267g", "pbmc_symphony_log1767", "mixology_dropseq_3cl"):
        data = ad.read_h5ad(data_folder / f"{name}.h5ad")
        log = data.uns["x_kind"] == "log"
        inputs = prepared(data.X, input="log" if log else "counts", n_genes=500)
        floor = max(3, int(np.ceil(0.005 * data.n_obs)))
        usable = np.flatnonzero(data.X.getnnz(axis=0) >= floor)
        if not log:
            sc.pp.normalize_total(data)
            sc.pp.log1p(data)
        part = ad.AnnData(data.X[:, usable])
        sc.pp.highly_variable_genes(part, n_top_genes=500)
        chosen = usable[part.var["highly_variable"].to_numpy()]
        np.testing.assert_array_equal(inputs.preprocessing.selected, chosen, err_msg=name)


@pytest.mark.parametrize(
    ("value", "input", "words"),
    [
        (np.nan, "auto", "at least 1 NaN or infinite value(s): NaN at cell 70, gene 7 (G7)"),
        (-3, "auto", "at least 1 negative value(s): -3 at cell 70, gene 7 (G7)"),
        (0.5, "counts", "whole counts, got 0.5 at cell 70, gene 7 (G7)"),
    ],
)
def test_errors_say_where_in_the_file(value, input, words, simulated, names, tmp_path):
    x = simulated[0].toarray().astype(np.float32)
    x[70, 7] = value
    with h5py.File(tmp_path / "x.h5", "w") as file:
        lazy = file.create_dataset("x", data=x)
        with pytest.raises(ValueError, match="x must") as refused:
            scinno.fit(lazy, 3, genes=names, input=input)
    assert words in str(refused.value)
    with pytest.raises(ValueError, match="x must") as whole:
        scinno.fit(x, 3, genes=names, input=input)
    assert str(whole.value) == str(refused.value).replace("at least ", "")


def test_a_late_fraction_makes_all_of_it_log_values(simulated, tmp_path, caplog):
    x = simulated[0].toarray().astype(np.float32)
    x[140, 3] = 0.5
    with h5py.File(tmp_path / "x.h5", "w") as file:
        fit = scinno.fit(file.create_dataset("x", data=x), 3, **QUICK)
    assert fit.preprocessing.kind == "log"
    assert "taken as log-normalized values" in caplog.text
    np.testing.assert_array_equal(fit.embedding, scinno.fit(x, 3, **QUICK).embedding)


def test_of_many_cells_a_sample_stands_for_all_between_steps(monkeypatch, caplog):
    monkeypatch.setattr(batches, "MAX_SAMPLE", 120)
    seen, real = [], batches.Batches.sample_codes

    def codes(self):
        seen.append(len(real(self)))
        return real(self)

    monkeypatch.setattr(batches.Batches, "sample_codes", codes)
    caplog.set_level("INFO", "scinno")
    counts, types = simulate(cells=400)
    fit = scinno.fit(counts, 3, **QUICK)
    assert set(seen) == {120}
    assert "clusters start from a random sample of 120 of 400 cells" in caplog.text
    assert len(fit.labels) == 400
    assert adjusted_rand_score(types, fit.labels) > 0.9
    assert np.array_equal(fit.predict(counts), fit.labels)
