"""Cells in files that are read in blocks give the same fit, to the last bit."""

from pathlib import Path

import anndata as ad
import dask.array as dask
import numpy as np
import pytest
import scipy.sparse as sp
from anndata.io import read_elem
from conftest import QUICK, ScratchSpace, fit_in, mapped_file

import scinno
from scinno._data.backed import open_cells

FORMS = ("csr", "csc", "dense", "zarr", "dask", "layer", "folder")


@pytest.fixture(autouse=True, scope="module")
def small_blocks():
    """So small that the cells are in many blocks, and that arrays of a fit lie on the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scinno._data.blocks.BLOCK", 64)
        patch.setattr("scinno._data.csc.VALUES", 500)
        patch.setattr("scinno._runtime.scratch.MAX_BYTES_IN_MEMORY", 1000)
        yield


@pytest.fixture(scope="module")
def expected(small_blocks, simulated, names) -> scinno.Fit:
    return scinno.fit(simulated[0], 3, genes=names, **QUICK)


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
def test_every_source_gives_the_fit_of_cells_in_memory(form, labeled_cells, expected, tmp_path):
    path, layer = written(labeled_cells, form, tmp_path)
    if form == "dask":
        chunks = dask.from_array(labeled_cells.X.toarray(), chunks=(32, -1))
        fit = scinno.cluster(
            ad.AnnData(chunks, obs=labeled_cells.obs, var=labeled_cells.var), 3, **QUICK
        )
    else:
        with open_cells(path, layer, ScratchSpace(tmp_path)) as files:
            assert files.obs["type"].tolist() == labeled_cells.obs["type"].tolist()
            fit = fit_in(files, tmp_path)
    np.testing.assert_array_equal(fit.labels, expected.labels)
    np.testing.assert_array_equal(fit.embedding, expected.embedding)
    np.testing.assert_array_equal(fit.memberships, expected.memberships)
    assert mapped_file(fit.embedding)  # and its file has no name any more
    assert not list(tmp_path.glob(".scinno*"))


@pytest.mark.parametrize("form", ["csr", "csc", "dense"])
def test_a_backed_anndata_is_not_loaded(form, labeled_cells, expected, tmp_path, monkeypatch):
    path, _ = written(labeled_cells, form, tmp_path)
    backed = ad.read_h5ad(path, backed="r")
    monkeypatch.setattr(type(backed.X), "to_memory", None, raising=False)
    fit = scinno.cluster(backed, 3, **QUICK)
    assert np.array_equal(fit.labels, expected.labels)
    assert np.array_equal(backed.obs["scinno"].astype(int), expected.labels)
    assert backed.isbacked
    backed.file.close()


def test_files_of_a_folder_must_share_genes(labeled_cells, tmp_path, caplog):
    labeled_cells[:, :100].copy().write_h5ad(tmp_path / "a.h5ad")
    labeled_cells[:, 50:].copy().write_h5ad(tmp_path / "b.h5ad")
    with open_cells(tmp_path, None, ScratchSpace()) as files:
        assert files.reader.shape == (300, 50)
        assert files.obs.index[0] == "c0-a"
        assert files.obs["file"].tolist() == ["a"] * 150 + ["b"] * 150
        both = sp.vstack([labeled_cells.X[:, 50:100]] * 2)[140:160]
        np.testing.assert_array_equal(files.reader.read(140, 160).toarray(), both.toarray())
    assert "up to 100 genes of a file are not in all 2" in caplog.text
    labeled_cells[:, 150:].copy().write_h5ad(tmp_path / "c.h5ad")
    with (
        pytest.raises(ValueError, match="must have genes in common, but a .* share 0"),
        open_cells(tmp_path, None, ScratchSpace()),
    ):
        pass


@pytest.mark.parametrize("form", ["csr", "csc", "dense"])
@pytest.mark.parametrize("main", ["spliced", "all", "empty"])
def test_spliced_counts_never_stand_for_all_in_silence(main, form, labeled_cells, tmp_path, caplog):
    data = labeled_cells.copy()
    everything = data.X.copy()
    spliced = everything.copy()
    spliced.data = np.ceil(spliced.data / 2)
    data.layers["spliced"], data.layers["unspliced"] = spliced, (everything - spliced).tocsc()
    empty = sp.csr_matrix(data.shape, dtype=np.float32)
    x = {"spliced": spliced, "all": everything, "empty": empty}[main]
    data.X = x.toarray() if form == "dense" else x.asformat(form)
    data.write_h5ad(tmp_path / "x.h5ad")
    if main == "empty":
        with (
            pytest.raises(ValueError, match=r"x\.h5ad: X is empty: name the layer .*--in-memory"),
            open_cells(tmp_path / "x.h5ad", None, ScratchSpace()),
        ):
            pass
        return
    with open_cells(tmp_path / "x.h5ad", None, ScratchSpace()):
        pass
    said = "x.h5ad: X holds the spliced counts only, "
    assert (said in caplog.text) == (main == "spliced")
    caplog.clear()
    with open_cells(tmp_path / "x.h5ad", "spliced", ScratchSpace()):  # as it was asked for
        pass
    assert caplog.text == ""


def test_names_that_are_bytes_are_text(labeled_cells, tmp_path, monkeypatch):
    """As anndata gives them where a file does not say that they are text."""
    path = tmp_path / "x.h5ad"
    labeled_cells.write_h5ad(path)

    def as_bytes(end: bytes):
        def read(group):
            table = read_elem(group)
            return table.set_axis([name.encode() + end for name in table.index])

        return read

    monkeypatch.setattr("scinno._data.backed.read_elem", as_bytes(b""))
    with open_cells(path, None, ScratchSpace()) as cells:
        assert cells.obs.index.tolist() == labeled_cells.obs_names.tolist()
        assert cells.var_names.tolist() == labeled_cells.var_names.tolist()
    monkeypatch.setattr("scinno._data.backed.read_elem", as_bytes(b"\xff"))
    with (
        pytest.raises(ValueError, match=r"x\.h5ad cannot be read: names must be UTF-8 text"),
        open_cells(path, None, ScratchSpace()),
    ):
        pass
