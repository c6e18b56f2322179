"""Tables of text as programs and people write them: names are names, bad values have a place."""

import bz2
import gzip
import lzma
import zipfile

import numpy as np
import pandas as pd
import pytest

from scinno._data._formats import table
from scinno._data._formats.table import read_table

rng = np.random.default_rng(0)
COUNTS = rng.poisson(rng.gamma(0.6, 1, (2, 30))[np.repeat([0, 1], 10)] * 5)
GENES = [f"SYM{j}" for j in range(30)]
CELLS = [f"cell_{i}" for i in range(20)]
NUMBERS = [str(i) for i in range(20)]
ENTREZ = rng.choice(99_999, 30, replace=False).astype(str).tolist()
TABLE = pd.DataFrame(COUNTS, index=CELLS, columns=GENES)
PLAIN = TABLE.reset_index(drop=True)


def read(folder, text, name="x.csv", encoding="utf-8", separator=","):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read_table(path, separator)


def check(data, values=COUNTS, cells=CELLS, genes=GENES):
    np.testing.assert_array_equal(data.X, values.astype(np.float32))
    assert data.obs_names.tolist() == cells
    assert data.var_names.tolist() == genes


SEPARATED = {
    "comma": TABLE.to_csv(),
    "tab": TABLE.to_csv(sep="\t"),
    "semicolon": TABLE.to_csv(sep=";"),
    "space": TABLE.to_csv(sep=" "),
    "spaces": TABLE.to_string(),
    "bar": TABLE.to_csv(sep="|"),
    "comma and space": TABLE.to_csv().replace(",", ", "),
    "declared for Excel": "sep=;\n" + TABLE.to_csv(sep=";"),
    "all in quotes": TABLE.to_csv(quoting=1),
    "comma at the end": TABLE.to_csv().replace("\n", ",\n"),
    "comma at the end of cells": TABLE.to_csv().replace("\n", ",\n").replace(",\n", "\n", 1),
    "from R, no corner": TABLE.to_csv(sep=" ", quoting=1).replace('"" ', "", 1),
    "from R, tabs": TABLE.to_csv(sep="\t")[1:],
    "Windows": TABLE.to_csv(lineterminator="\r\n"),
    "old Mac": TABLE.to_csv(lineterminator="\r"),
    "empty lines": "\n" + TABLE.to_csv().replace("\ncell_5", "\n\ncell_5"),
    "comments": "# Program: x, version 1\n# second\n" + TABLE.to_csv(sep="\t"),
    "header with #": "#" + TABLE.to_csv(sep="\t", index_label="cell"),
    "names in a second column": TABLE.reset_index(names="cell").to_csv(),
    "numbered twice": TABLE.reset_index(names="Unnamed: 0").to_csv(),
}


@pytest.mark.parametrize("text", SEPARATED.values(), ids=SEPARATED)
@pytest.mark.parametrize("separator", [",", "\t"])
def test_the_separator_is_told_from_the_file(text, separator, tmp_path):
    check(read(tmp_path, text, separator=separator))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"]
)
def test_the_encoding_is_told_from_the_file(encoding, tmp_path, caplog):
    # Of UTF-16 without a mark zeros are all there is to see; "ä" has one in every encoding.
    text = TABLE.rename(index={"cell_3": "Zelle ä"}).to_csv()
    check(read(tmp_path, text, encoding=encoding), cells=[*CELLS[:3], "Zelle ä", *CELLS[4:]])
    assert ("is not UTF-8 and is read as Latin-1" in caplog.text) == (encoding == "latin-1")


@pytest.mark.parametrize("packed", ["gz", "bz2", "xz", "zip"])
def test_packed_tables_are_told_from_their_first_bytes(packed, tmp_path):
    data = TABLE.to_csv().encode()
    if packed == "zip":
        with zipfile.ZipFile(tmp_path / "x.csv", "w") as archive:
            archive.writestr("cells.csv", data)
        data = (tmp_path / "x.csv").read_bytes()
    else:
        data = {"gz": gzip, "bz2": bz2, "xz": lzma}[packed].compress(data)
    check(read(tmp_path, data))


QUOTED = {
    "a gene with a comma": TABLE.rename(columns={"SYM3": "HLA-A,B"}),
    "a cell with a comma": TABLE.rename(index={"cell_3": "cell, three"}),
    "missing values as names": TABLE.rename(
        index={"cell_3": "NA", "cell_4": "nan"}, columns={"SYM2": "NA", "SYM5": "1.5"}
    ),
    "numbers with zeros in front": TABLE.set_axis([f"{i:03}" for i in range(20)]),
}


@pytest.mark.parametrize("frame", QUOTED.values(), ids=QUOTED)
def test_names_are_kept_as_they_are(frame, tmp_path):
    data = read(tmp_path, frame.to_csv(index_label="cell"))
    check(data, cells=frame.index.tolist(), genes=frame.columns.tolist())


UNNAMED = {
    "row numbers from 0": (PLAIN.to_csv(), NUMBERS, GENES),
    "row numbers from 1": (
        PLAIN.set_axis(range(1, 21)).to_csv(), [str(i) for i in range(1, 21)], GENES
    ),
    "row numbers under a name": (PLAIN.to_csv(index_label="row"), NUMBERS, GENES),
    "other numbers of rows": (
        PLAIN.set_axis(range(7, 47, 2)).to_csv(), [str(i) for i in range(7, 47, 2)], GENES
    ),
    "numbers as names": (
        PLAIN.set_axis(range(90, 70, -1)).to_csv(index_label="cell_id"),
        [str(i) for i in range(90, 70, -1)], GENES,
    ),
    "no names of cells": (PLAIN.to_csv(index=False), NUMBERS, GENES),
    "numbers for both": (pd.DataFrame(COUNTS).to_csv(), NUMBERS, [str(j) for j in range(30)]),
    "numbers for genes": (
        TABLE.set_axis(range(30), axis=1).to_csv(), CELLS, [str(j) for j in range(30)]
    ),
    "numbers for genes only": (
        pd.DataFrame(COUNTS).to_csv(index=False), NUMBERS, [str(j) for j in range(30)]
    ),
    "identifiers of genes": (TABLE.set_axis(ENTREZ, axis=1).to_csv(index_label="x"), CELLS, ENTREZ),
    "no header": (TABLE.to_csv(header=False), CELLS, [f"gene{j}" for j in range(30)]),
    "nothing but numbers": (
        pd.DataFrame(COUNTS).to_csv(header=False, index=False), NUMBERS,
        [f"gene{j}" for j in range(30)],
    ),
    "nothing but decimals": (
        "\n".join(" ".join(f"{value:.18e}" for value in row) for row in COUNTS), NUMBERS,
        [f"gene{j}" for j in range(30)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "cells", "genes"), UNNAMED.values(), ids=UNNAMED)
def test_numbers_of_rows_are_no_gene_and_numbers_of_columns_no_cell(
    text, cells, genes, tmp_path, caplog
):
    check(read(tmp_path, text), cells=cells, genes=genes)
    counted = cells[0] in "01"
    assert ("has no names of cells: they are called by the number" in caplog.text) == counted
    assert ("has no header: its genes are named gene0" in caplog.text) == (genes[0] == "gene0")


@pytest.mark.parametrize("start", [0, 1])
def test_a_gene_that_begins_like_numbers_of_rows_is_a_gene(start, tmp_path, monkeypatch):
    monkeypatch.setattr("scinno._data._formats.table_layout._CHARACTERS", 10)
    first = np.array([*range(start, start + 10), *rng.integers(0, 9, 290)])
    frame = pd.DataFrame({"CD4": first, "CD8A": first[::-1]})
    data = read(tmp_path, frame.to_csv(index=False))
    assert data.var_names.tolist() == ["CD4", "CD8A"]
    np.testing.assert_array_equal(data.X, frame)
    monkeypatch.setattr(table, "VALUES", 100)  # in parts
    data = read(tmp_path, frame.to_csv(index=False))
    np.testing.assert_array_equal(data.X.toarray(), frame)


@pytest.mark.parametrize("written", [{"sep": ";"}, {"sep": "\t"}, {"quoting": 1}])
def test_decimal_commas_are_understood(written, tmp_path):
    logs = np.log1p(TABLE).round(3)
    check(read(tmp_path, logs.to_csv(decimal=",", **written)), logs.to_numpy())


def changed(value):
    frame = TABLE.astype(object)
    frame.loc["cell_3", "SYM4"] = value
    return frame.to_csv()


PLACE = r"row 4 \(cell 'cell_3'\), column 6 \(gene 'SYM4'\) holds "
REFUSED = {
    "an empty field": (changed(""), PLACE + "no value: write 0 where"),
    "NA": (changed("NA"), PLACE + "no value"),
    "text": (changed("high"), PLACE + "'high', which is not a number"),
    "thousands": (changed("1,234"), PLACE + "'1,234', .* without separators of thousands"),
    "a short line": (
        "\n".join(TABLE.to_csv().splitlines()[:-1]) + "\ncell_19,1,2",
        r"row 20 \(cell 'cell_19'\), column 4 \(gene 'SYM2'\) holds no value",
    ),
    "a column of text": (
        TABLE.assign(type="B cell").to_csv(), "column 32 .*'type'.* holds 'B cell'.*remove this"
    ),
    "a comma without quotes": (
        TABLE.to_csv().replace("cell_7", "cell,7"),
        "line 9 has 32 fields, the others 31: names that hold .* must be in quotes",
    ),
    "nothing": ("", "it is empty"),
    "empty lines": ("\n \n", "it is empty"),
    "no cells": (TABLE[:0].to_csv(), "it has a single line"),
    "one column": ("a\n1\n2\n", "it is no table of numbers .* first line is 'a'"),
    "prose": ("to be, or\nnot to be,\nthat is\n", "it is no table of numbers"),
    "a web page": ("<!DOCTYPE html><p>404", "it is a web page"),
    "bytes": (bytes(range(256)) * 9, "it is not a text file"),
    "HDF5": (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file"),
    "an old spreadsheet": (b"\xd0\xcf\x11\xe0----", "it is a spreadsheet"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_with_its_place(text, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        read(tmp_path, text)


def test_a_bad_value_far_below_has_its_row(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "VALUES", 100)  # parts of three cells
    check_sparse = read(tmp_path, TABLE.to_csv())
    np.testing.assert_array_equal(check_sparse.X.toarray(), COUNTS)
    text = TABLE.to_csv().replace("cell_17,", "cell_17,x", 1)
    with pytest.raises(ValueError, match=r"row 18 \(cell 'cell_17'\), column 2 \(gene 'SYM0'\)"):
        read(tmp_path, text)


def test_columns_without_a_name_are_named_and_said(tmp_path, caplog):
    data = read(tmp_path, TABLE.rename(columns={"SYM2": ""}).to_csv())
    check(data, genes=["SYM0", "SYM1", "gene2", *GENES[3:]])
    assert "1 column(s) of its header have no name (first: column 4)" in caplog.text
