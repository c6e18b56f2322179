"""Cells that are read in blocks give the same fit, to the last bit, and the same errors."""

from pathlib import Path

import anndata as ad
import dask.array as dask
import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch
from conftest import QUICK, prepared, simulate

import scinno
from scinno._data import blocks, csc
from scinno._data.backed import open_cells
from scinno._data.counts import as_counts
from scinno._data.source import BlockSource, as_source
from scinno._fit import fit_cells
from scinno._preprocess.gene_stats import compute_gene_stats
from scinno._preprocess.prepare import prepare
from scinno._run import RunContext
from scinno._runtime import scratch
from scinno._runtime.scratch import ScratchSpace
from scinno._settings.settings import Settings
from scinno._train import batches

FORMS = ("csr", "csc", "dense", "zarr", "dask", "layer", "folder")


@pytest.fixture(autouse=True, scope="module")
def small_blocks():
    """So small that the cells are in many blocks, and that arrays of a fit lie on the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", 64)
        patch.setattr(csc, "VALUES", 500)
        patch.setattr(scratch, "MAX_BYTES_IN_MEMORY", 1000)
        yield


@pytest.fixture(scope="module")
def expected(small_blocks, simulated, names) -> scinno.Fit:
    return scinno.fit(simulated[0], 3, genes=names, **QUICK)


@pytest.fixture(scope="module")
def cells(simulated, names) -> ad.AnnData:
    obs = pd.DataFrame({"type": simulated[1].astype(str)}, index=[f"c{i}" for i in range(150)])
    return ad.AnnData(simulated[0].astype(np.float32), obs=obs, var=pd.DataFrame(index=names))


def written(cells: ad.AnnData, form: str, folder: Path) -> tuple[Path, str | None]:
    """A file that holds the cells in one form; its path and layer."""
    path, layer = folder / f"{form}.h5ad", None
    data = cells.copy()
    if form == "csc":
        data.X = data.X.tocsc()
    elif form == "dense":
        data.X = data.X.toarray()
    elif form == "layer":
        data.layers["raw"], layer = data.X, "raw"
        data.X = sp.csr_matrix(data.shape, dtype=np.float32)
    if form == "zarr":
        path = folder / "cells.zarr"
        data.write_zarr(path)
    elif form == "folder":
        path = folder / "several"
        path.mkdir()
        order = np.random.default_rng(0).permutation(data.n_vars)
        data[:40].copy().write_h5ad(path / "a.h5ad")
        data[40:77, order].copy().write_h5ad(path / "b.h5ad")
        data[77:].copy().write_zarr(path / "c.zarr")
    else:
        data.write_h5ad(path)
    return path, layer


@pytest.mark.filterwarnings("ignore:Writing zarr v2", "ignore::FutureWarning")
@pytest.mark.parametrize("form", FORMS)
def test_every_source_gives_the_fit_of_cells_in_memory(form, cells, expected, tmp_path):
    path, layer = written(cells, form, tmp_path)
    space = ScratchSpace(tmp_path)
    if form == "dask":
        chunks = dask.from_array(cells.X.toarray(), chunks=(32, -1))
        fit = scinno.cluster(ad.AnnData(chunks, obs=cells.obs, var=cells.var), 3, **QUICK)
    else:
        with open_cells(path, layer, space) as files:
            assert files.obs["type"].tolist() == cells.obs["type"].tolist()
            source = as_source(files.reader, list(files.var_names), "auto", space)
            settings, cpu = Settings(**QUICK), torch.device("cpu")
            fit = fit_cells(source, 3, settings, 0, cpu, RunContext(space))
    np.testing.assert_array_equal(fit.labels, expected.labels)
    np.testing.assert_array_equal(fit.embedding, expected.embedding)
    np.testing.assert_array_equal(fit.memberships, expected.memberships)
    assert scratch.mapped_file(fit.embedding)  # and its file has no name any more
    assert not list(tmp_path.glob(".scinno*"))


@pytest.mark.parametrize("form", ["csr", "csc", "dense"])
def test_a_backed_anndata_is_not_loaded(form, cells, expected, tmp_path, monkeypatch):
    path, _ = written(cells, form, tmp_path)
    backed = ad.read_h5ad(path, backed="r")
    monkeypatch.setattr(type(backed.X), "to_memory", None, raising=False)
    fit = scinno.cluster(backed, 3, **QUICK)
    assert np.array_equal(fit.labels, expected.labels)
    assert np.array_equal(backed.obs["scinno"].astype(int), expected.labels)
    assert backed.isbacked
    backed.file.close()


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
        space = ScratchSpace(tmp_path)
        source = as_source(file.create_dataset("x", data=x), list(names), input, space)
        with pytest.raises(ValueError, match="x must") as refused:
            prepare(source, Settings(), RunContext(space))
    assert words in str(refused.value)
    with pytest.raises(ValueError, match="x must") as whole:
        as_counts(x, list(names), input)
    assert str(whole.value) == str(refused.value).replace("at least ", "")


def test_a_late_fraction_makes_all_of_it_log_values(simulated, caplog):
    x = simulated[0].toarray().astype(np.float32)
    x[140, 3] = 0.5
    reader = blocks.MatrixBlocks(sp.csr_matrix(x))
    inputs = prepared(reader)
    assert inputs.preprocessing.kind == "log"
    assert "taken as log-normalized values" in caplog.text
    np.testing.assert_array_equal(inputs.dense(slice(None)), prepared(x).dense(slice(None)))


def test_moments_are_those_of_the_whole_matrix(simulated):
    x = simulated[0].toarray()
    reader, genes = blocks.MatrixBlocks(simulated[0]), np.arange(200).astype(str)
    found = compute_gene_stats(BlockSource(reader, genes, True, "auto"))
    share = x / x.sum(1, keepdims=True)
    np.testing.assert_allclose(found.mean, share.mean(0))
    np.testing.assert_allclose(found.variance, share.var(0, ddof=1))
    np.testing.assert_array_equal(found.expressed_in, (x > 0).sum(0))
    np.testing.assert_array_equal(found.library, x.sum(1))


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
    from sklearn.metrics import adjusted_rand_score

    assert adjusted_rand_score(types, fit.labels) > 0.9
    assert np.array_equal(fit.predict(counts), fit.labels)


def test_rows_on_the_disk_are_those_of_the_matrix(tmp_path):
    matrix = sp.random(90, 70, density=0.2, random_state=0, format="csr", dtype=np.float32)
    from scinno._data.scratch_csr import ScratchCSR

    rows = ScratchCSR(matrix.shape, matrix.nnz, np.float32, ScratchSpace(tmp_path, 10))
    rows.append(matrix[:50])
    rows.append(matrix[50:])
    assert scratch.mapped_file(rows.data)
    assert rows.indices.dtype == np.uint16
    sample = np.array([4, 89, 4, 0])
    for place in (sample, slice(80, 200), slice(5, 5)):
        np.testing.assert_array_equal(rows[place].toarray(), matrix[place].toarray())


def test_a_full_disk_is_an_error_before_it_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch.shutil, "disk_usage", lambda _: type("U", (), {"free": 5_000_000}))
    with pytest.raises(OSError, match=r"need 8\.0 GB in .*, which has 0\.0 GB free: set TMPDIR"):
        ScratchSpace(tmp_path, 10).array((1_000_000_000,), np.float64)


def test_files_of_a_folder_must_share_genes(cells, tmp_path, caplog):
    cells[:, :100].copy().write_h5ad(tmp_path / "a.h5ad")
    cells[:, 50:].copy().write_h5ad(tmp_path / "b.h5ad")
    with open_cells(tmp_path, None, ScratchSpace()) as files:
        assert files.reader.shape == (300, 50)
        assert files.obs.index[0] == "c0-a"
        assert files.obs["file"].tolist() == ["a"] * 150 + ["b"] * 150
        both = sp.vstack([cells.X[:, 50:100]] * 2)[140:160]
        np.testing.assert_array_equal(files.reader.read(140, 160).toarray(), both.toarray())
    assert "up to 100 genes of a file are not in all 2" in caplog.text
    cells[:, 150:].copy().write_h5ad(tmp_path / "c.h5ad")
    with (
        pytest.raises(ValueError, match="must have genes in common, but a .* share 0"),
        open_cells(tmp_path, None, ScratchSpace()),
    ):
        pass
