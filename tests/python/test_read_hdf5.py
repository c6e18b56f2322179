"""HDF5 files of many kinds, told by what they hold: names, all values, or a sentence says why."""

import bz2
import gzip
import warnings
from types import SimpleNamespace

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
from test_cli import write_10x_h5
from test_read_files import CELLS, COUNTS, GENES, check
from test_read_files import cells as cells

from scinno._data.read import read_cells


def hdf5(path, **contents):
    with h5py.File(path, "w") as file:
        for name, values in contents.items():
            file[name.replace("__", "/")] = values
    return path


GROUP = {"barcodes": np.array([b"a"]), "genes": np.array([b"g"]), "data": np.array([1])}
FOREIGN = {
    "molecules": ({"barcode_idx": [0], "umi": [0]}, "it lists molecules .*: give filtered"),
    "molecules, 2": ({"barcode": [0], "umi": [0], "reads": [0]}, "it lists molecules"),
    "MuData": ({"mod__rna__X": [0]}, "it is a MuData file: write one modality"),
    "h5Seurat": ({"assays__RNA": [0], "cell.names": [0]}, "it is an h5Seurat file"),
    "other": ({"a": [0], "b": [1]}, "not of AnnData, 10x or loom: it holds a, b"),
    "genomes": (
        {f"{g}__{name}": x for g in ("hg19", "mm10") for name, x in GROUP.items()},
        r"several genomes \(hg19, mm10\), each with cells of its own: write one as .h5ad",
    ),
}  # fmt: skip


@pytest.mark.parametrize("suffix", ["h5", "h5ad"])
@pytest.mark.parametrize(("contents", "message"), FOREIGN.values(), ids=FOREIGN)
def test_hdf5_files_of_other_kinds_are_named(contents, message, suffix, tmp_path):
    with pytest.raises(ValueError, match=message):
        read_cells(hdf5(tmp_path / f"x.{suffix}", **contents))


def test_10x_files_of_antibodies_and_of_two_genomes(cells, tmp_path, caplog):
    path = write_10x_h5(cells, tmp_path / "x.h5")
    with h5py.File(path, "a") as file:
        file["matrix/features/genome"][:10] = b"mm10"
    check(read_cells(path))
    assert "genes of several genomes (GRCh38, mm10)" in caplog.text
    with h5py.File(path, "a") as file:
        del file["matrix/features/feature_type"]
        file["matrix/features/feature_type"] = np.array([b"Antibody Capture"] * 30)
    with pytest.raises(ValueError, match="no gene expression, but 30 of 'Antibody Capture'"):
        read_cells(path)


@pytest.mark.parametrize("part", ["indptr", "barcodes", "features/feature_type", "features"])
def test_10x_files_without_a_part_name_it(part, cells, tmp_path):
    path = write_10x_h5(cells, tmp_path / "x.h5")
    with h5py.File(path, "a") as file:
        del file[f"matrix/{part}"]
    with pytest.raises(ValueError, match=f"its group 'matrix' has no .*{part}"):
        read_cells(path)


def test_the_name_of_an_hdf5_file_may_be_wrong(cells, tmp_path):
    cells.write_h5ad(tmp_path / "x.h5")
    check(read_cells(tmp_path / "x.h5"))


@pytest.mark.parametrize(("end", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress)])
@pytest.mark.parametrize("suffix", ["h5ad", "h5"])
def test_packed_hdf5_files_are_unpacked(cells, suffix, end, pack, tmp_path):
    path = tmp_path / f"x.{suffix}"
    cells.write_h5ad(path) if suffix == "h5ad" else write_10x_h5(cells, path)
    packed = tmp_path / f"x.{suffix}.{end}"
    packed.write_bytes(pack(path.read_bytes()))
    check(read_cells(packed))
    packed.write_bytes(packed.read_bytes()[:-200])
    with pytest.raises(ValueError, match="packed and truncated or damaged"):
        read_cells(packed)


@pytest.mark.parametrize(
    ("disk", "memory", "where"), [(5e3, 1e9, r"in .* \(TMPDIR\)"), (1e9, 5e3, "in memory")]
)
def test_what_is_packed_is_unpacked_only_as_far_as_there_is_space(
    disk, memory, where, cells, tmp_path, monkeypatch
):
    cells.write_h5ad(tmp_path / "x.h5ad")
    packed = tmp_path / "x.h5ad.gz"
    packed.write_bytes(gzip.compress((tmp_path / "x.h5ad").read_bytes()))
    monkeypatch.setattr("scinno._data.read.available_memory", lambda: memory)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=disk))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    with pytest.raises(
        ValueError, match=rf"unpacked it is larger than the 0.0 MB that are available {where}"
    ):
        read_cells(packed)
    assert not any((tmp_path / "tmp").iterdir())


def write_loom(path, layers, genes, cells):
    loompy = pytest.importorskip("loompy", reason="the extra 'loom'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of loompy, about NumPy
        loompy.create(str(path), layers, genes, cells)
    return path


@pytest.mark.parametrize(
    ("gene", "cell"),
    [("Gene", "CellID"), ("var_names", "obs_names"), ("gene_name", "cell_id"),
     ("Accession", "Barcode"), ("gene_names", "cell_names")],
)  # fmt: skip
def test_loom_names_lie_under_many_attributes(gene, cell, tmp_path):
    more = {"n_cells": np.arange(30)}
    path = write_loom(
        tmp_path / "x.loom", {"": COUNTS.T}, {gene: np.array(GENES), **more},
        {cell: np.array(CELLS), "n_genes": np.arange(20)},
    )  # fmt: skip
    data = read_cells(path)
    check(data)
    assert type(data.obs_names[0]) is str


def test_a_loom_file_without_names_says_so(tmp_path, caplog):
    path = write_loom(tmp_path / "x.loom", {"": COUNTS.T}, {"length": np.arange(30)},
                      {"n": np.arange(20)})  # fmt: skip
    check(read_cells(path), [str(i) for i in range(20)], [f"gene{j}" for j in range(30)])
    assert "has no names of cells" in caplog.text
    assert "has no names of genes" in caplog.text


SPLICED = COUNTS // 2
PARTS = {"spliced": SPLICED.T, "unspliced": (COUNTS - SPLICED).T, "ambiguous": 0 * COUNTS.T}


@pytest.mark.parametrize(
    ("main", "counts", "message"),
    [
        (COUNTS, COUNTS, ""),
        (0 * COUNTS, COUNTS, "X is empty, so the sum of spliced, unspliced, ambiguous is taken"),
        (SPLICED, SPLICED, "X holds the spliced counts only, "),
    ],
)
def test_spliced_counts_never_stand_for_all_in_silence(main, counts, message, tmp_path, caplog):
    path = write_loom(tmp_path / "x.loom", {"": main.T, **PARTS}, {"Gene": np.array(GENES)},
                      {"CellID": np.array(CELLS)})  # fmt: skip
    data = read_cells(path)
    check(data, counts=counts)
    assert set(data.layers) == set(PARTS)
    assert message in caplog.text
    assert bool(message) == bool(caplog.text)


def test_names_of_pandas_string_types_can_be_written_again(cells, tmp_path):
    cells.obs["type"] = pd.array([None, *["b"] * 19], dtype="string")
    cells.obs["batch"] = pd.array(["a"] * 20, dtype="string")
    cells.obs_names = cells.obs_names.astype("string")
    cells.var_names = cells.var_names.astype("string")
    cells.raw = cells.copy()
    cells.obsm["more"] = pd.DataFrame({"a": ["x"] * 20}, index=cells.obs_names, dtype="string")
    with ad.settings.override(allow_write_nullable_strings=True):
        cells.write_h5ad(tmp_path / "in.h5ad")
    data = read_cells(tmp_path / "in.h5ad")
    data.write_h5ad(tmp_path / "out.h5ad")
    again = ad.read_h5ad(tmp_path / "out.h5ad")
    check(again)
    assert again.obs["type"].isna().tolist() == [True] + [False] * 19
    assert again.raw.var_names.tolist() == GENES
