"""Folders and files of many kinds through one door: names, all values, or a sentence says why."""

import bz2
import gzip
import os

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.io
import scipy.sparse as sp
from test_cli import write_10x_h5

from scinno._data.read import read_cells

rng = np.random.default_rng(0)
COUNTS = rng.poisson(rng.gamma(0.6, 1, (2, 30))[np.repeat([0, 1], 10)] * 5)
GENES = [f"SYM{j}" for j in range(30)]
CELLS = [f"cell_{i}" for i in range(20)]
IDS = [f"ENSG{j:011d}" for j in range(30)]


@pytest.fixture
def cells() -> ad.AnnData:
    return ad.AnnData(
        sp.csr_matrix(COUNTS.astype(np.float32)), obs=pd.DataFrame(index=CELLS),
        var=pd.DataFrame(index=GENES),
    )  # fmt: skip


def check(data, cells=CELLS, genes=GENES, counts=COUNTS):
    np.testing.assert_array_equal(data.to_df().to_numpy(), counts)
    assert data.obs_names.tolist() == cells
    assert data.var_names.tolist() == genes


def folder_of(folder, prefix="", packed="", table="features.tsv", columns=3, **changes):
    """A folder of a MatrixMarket file; ``changes`` replace texts of its tables."""
    folder.mkdir(parents=True, exist_ok=True)
    scipy.io.mmwrite(folder / "m.mtx", sp.coo_matrix(changes.get("matrix", COUNTS.T)))
    kinds = changes.get("kinds", ["Gene Expression"] * 30)
    rows = ["\t".join([*row][:columns]) for row in zip(IDS, GENES, kinds, strict=True)]
    if columns == 1:
        rows = GENES
    texts = {
        "matrix.mtx": (folder / "m.mtx").read_text(),
        table: changes.get("genes", "\n".join(rows) + "\n"),
        "barcodes.tsv": changes.get("cells", "\n".join(CELLS) + "\n"),
    }
    (folder / "m.mtx").unlink()
    pack = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress}[packed]
    for name, text in texts.items():
        (folder / f"{prefix}{name}{packed}").write_bytes(pack(text.encode()))
    return folder


FOLDERS = {
    "Cell Ranger": {"packed": ".gz"},
    "Cell Ranger 2": {"table": "genes.tsv", "columns": 2},
    "STARsolo": {},
    "GEO": {"prefix": "GSM123_s1_", "packed": ".gz"},
    "bz2": {"packed": ".bz2"},
    "two columns": {"packed": ".gz", "columns": 2},
    "one column": {"packed": ".gz", "columns": 1},
    "genes.tsv.gz": {"packed": ".gz", "table": "genes.tsv", "columns": 2},
    "genes.tsv of one column": {"table": "genes.tsv", "columns": 1},
    "text files": {"table": "genes.txt", "columns": 1},
    "cells in rows": {"matrix": COUNTS},
    "headers": {"cells": "barcode\n" + "\n".join(CELLS), "genes": "gene\n" + "\n".join(GENES)},
    "more about cells": {"cells": "\n".join(f"{cell}\t{i}" for i, cell in enumerate(CELLS))},
}


@pytest.mark.parametrize("form", FOLDERS.values(), ids=FOLDERS)
def test_folders_of_a_matrix_are_read_in_all_their_forms(form, tmp_path):
    data = read_cells(folder_of(tmp_path / "run", **form))
    check(data)
    if form.get("columns", 3) > 1 and "genes" not in form:
        assert data.var["gene_ids"].tolist() == IDS


def test_a_matrix_file_stands_for_its_folder(tmp_path):
    folder = folder_of(tmp_path / "run", "s1_", ".gz")
    (folder / "UniqueAndMult-EM.mtx").write_text("as STARsolo writes beside it")
    check(read_cells(folder / "s1_matrix.mtx.gz"))


def test_a_shared_table_of_genes_serves_all_samples_of_a_folder(tmp_path):
    folder = folder_of(tmp_path / "geo", "GSM1_a_")
    folder_of(folder, "GSM2_b_")
    (folder / "GSM2_b_features.tsv").unlink()
    (folder / "GSM1_a_features.tsv").rename(folder / "GSE_features.tsv")
    data = read_cells(folder)
    assert data.obs["file"].tolist() == ["GSM1_a"] * 20 + ["GSM2_b"] * 20
    assert data.obs_names[[0, 20]].tolist() == ["cell_0-GSM1_a", "cell_0-GSM2_b"]
    np.testing.assert_array_equal(data.X.toarray(), np.vstack([COUNTS, COUNTS]))


@pytest.mark.parametrize(
    "below", ["", "filtered_feature_bc_matrix", "outs/filtered_feature_bc_matrix"]
)
def test_a_folder_of_samples_is_read_as_one(below, tmp_path):
    for name in ("s1", "s2"):
        folder_of(tmp_path / "all" / name / below, packed=".gz")
    data = read_cells(tmp_path / "all")
    assert data.obs["file"].tolist() == ["s1"] * 20 + ["s2"] * 20
    np.testing.assert_array_equal(data.X.toarray(), np.vstack([COUNTS, COUNTS]))


def test_a_folder_of_10x_files_is_read_as_one(cells, tmp_path):
    for name in ("s1", "s2"):
        write_10x_h5(cells, tmp_path / f"{name}.h5")
    data = read_cells(tmp_path)
    assert data.obs["file"].tolist() == ["s1"] * 20 + ["s2"] * 20
    assert data.var_names.tolist() == GENES


def test_features_that_are_not_genes_are_left_out(tmp_path):
    kinds = ["Gene Expression"] * 25 + ["Antibody Capture"] * 5
    data = read_cells(folder_of(tmp_path / "run", kinds=kinds))
    check(data, genes=GENES[:25], counts=COUNTS[:, :25])


REFUSED_FOLDERS = {
    "antibodies": ({"kinds": ["Antibody Capture"] * 30}, "no gene expression, but 30 of 'Anti"),
    "few cells": ({"cells": "a\nb\n"}, r"barcodes.tsv must name each of the 20 columns of matrix"),
    "few genes": ({"genes": "a\nb\n"}, r"features.tsv must name each of the 30 rows of matrix.*2"),
}


@pytest.mark.parametrize(("form", "message"), REFUSED_FOLDERS.values(), ids=REFUSED_FOLDERS)
def test_folders_that_do_not_fit_are_refused(form, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        read_cells(folder_of(tmp_path / "run", **form))


def test_folders_without_a_matrix_are_refused(cells, tmp_path):
    def refused(message):
        with pytest.raises(ValueError, match=message):
            read_cells(tmp_path)

    refused("cannot be read: it is an empty folder")
    (tmp_path / "notes.txt").touch()
    refused("holds no matrix of cells; wanted are matrix.mtx, barcodes.tsv.*it holds notes.txt")
    for name in ("raw", "filtered"):
        folder_of(tmp_path / name)
    refused(r"it holds all droplets \(raw\) and the cells among them \(filtered\): give the latter")
    (tmp_path / "filtered" / "barcodes.tsv").unlink()
    with pytest.raises(ValueError, match=r"no names of the cells \(barcodes.tsv\) beside matrix"):
        read_cells(tmp_path / "filtered")
    (tmp_path / "s1.h5").touch()
    refused("s1: it is empty")


def test_repeated_names_are_said(cells, tmp_path, caplog):
    table = cells.to_df().astype(int).rename(columns={"SYM2": "SYM1"}, index={"cell_3": "cell_2"})
    table.to_csv(tmp_path / "x.csv")
    data = read_cells(tmp_path / "x.csv")
    check(data, [*CELLS[:3], "cell_2", *CELLS[4:]], ["SYM0", "SYM1", "SYM1-1", *GENES[3:]])
    assert "1 gene name(s) repeat (first: 'SYM1') and are numbered" in caplog.text
    assert (
        "1 name(s) of cells repeat (first: 'cell_2'): match results by their order" in caplog.text
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [("x.rds", "unknown format, .*; write it as .h5ad in R"), ("x.xlsx", "save the sheet as .csv"),
     ("x.docx", "unknown format")],
)  # fmt: skip
def test_other_formats_are_refused_with_what_to_do(name, message, tmp_path):
    (tmp_path / name).write_text("x")
    with pytest.raises(ValueError, match=message):
        read_cells(tmp_path / name)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.h5ad")
    with pytest.raises(ValueError, match="must be a file or a folder: it is a pipe or a device"):
        read_cells(tmp_path / "x.h5ad")


MATRICES = {
    "no banner": (b"30 20 5\n1 1 1\n", "is not a MatrixMarket file of numbers, or damaged"),
    "not text": (b"%%MatrixMarket matrix coordinate \xff\xfe general\n1 1 1\n", "or damaged"),
    "noise": (bytes(range(1, 256)) * 40, "or damaged"),
    "complex": (b"%%MatrixMarket matrix coordinate complex general\n30 20 0\n", "or damaged"),
    "no sizes": (b"%%MatrixMarket matrix coordinate integer general\n%\n%\n", "or damaged"),
    "negative": (b"%%MatrixMarket matrix coordinate integer general\n30 -20 1\n", "or damaged"),
    "huge": (
        b"%%MatrixMarket matrix coordinate integer general\n30 99999999999999 1\n1 1 1\n",
        "needs about 200,000,000.0 GB of memory",
    ),
    "many values": (
        b"%%MatrixMarket matrix coordinate integer general\n30 20 999999999999\n1 1 1\n",
        "needs about 32,000.0 GB of memory",
    ),
    "some more values": (
        b"%%MatrixMarket matrix coordinate integer general\n30 20 999999\n1 1 1\n",
        "claims to hold 999999 values",
    ),
    "zeros": (
        b"%%MatrixMarket matrix coordinate integer general\n30 20 9\n1 1 2" + bytes(3000),
        "holds zero bytes",
    ),
    "outside": (b"%%MatrixMarket matrix coordinate integer general\n30 20 1\n31 1 1\n", "damaged"),
    "few values": (
        b"%%MatrixMarket matrix coordinate integer general\n30 20 2\n1 1 1\n",
        "damaged",
    ),
}


@pytest.mark.parametrize(("content", "message"), MATRICES.values(), ids=MATRICES)
def test_a_damaged_matrix_is_named_before_native_code_follows_it(content, message, tmp_path):
    folder = folder_of(tmp_path / "run")
    (folder / "matrix.mtx").write_bytes(content)
    with pytest.raises(ValueError, match=f"^INPUT {folder} .*{message}"):
        read_cells(folder)


def test_comments_before_the_sizes_are_skipped(tmp_path):
    folder = folder_of(tmp_path / "run")
    lines = (folder / "matrix.mtx").read_bytes().split(b"\n")
    banner, rest = lines[0], [line for line in lines[1:] if not line.startswith(b"%")]
    (folder / "matrix.mtx").write_bytes(b"\n".join([banner, b"%", b"", b"% words", *rest]))
    check(read_cells(folder))


def test_packed_matrices_are_checked_to_their_end(tmp_path):
    folder = folder_of(tmp_path / "run", packed=".gz")
    path = folder / "matrix.mtx.gz"
    data = bytearray(path.read_bytes())
    data[-6] ^= 1  # of the checksum of all
    path.write_bytes(data)
    with pytest.raises(ValueError, match="matrix.mtx.gz is damaged|truncated or damaged"):
        read_cells(folder)


@pytest.mark.filterwarnings("ignore:Writing zarr v2")
def test_a_zarr_that_claims_more_than_it_holds_is_named(cells, tmp_path, monkeypatch):
    """Not a lack of memory, which is for the user to solve."""
    cells.write_zarr(tmp_path / "x.zarr")

    def failing(claim):
        def read(path):
            np.empty(claim, dtype=np.float64)

        return read

    monkeypatch.setattr(ad, "read_zarr", failing(2**50))
    with pytest.raises(ValueError, match=f"it is damaged: a part of it claims {2**53} bytes"):
        read_cells(tmp_path / "x.zarr")

    def no_memory(path):
        raise MemoryError

    monkeypatch.setattr(ad, "read_zarr", no_memory)
    with pytest.raises(MemoryError):
        read_cells(tmp_path / "x.zarr")
