"""Folders of a MatrixMarket file with names of genes and cells: 10x, STARsolo, GEO."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.io
import scipy.sparse as sp

from scinno._data._formats.features import only_genes
from scinno._data._formats.text import encoding_of, open_bytes, open_text
from scinno._data._sparse.compressed import MAX_PACKED

WANTED = (
    "matrix.mtx, barcodes.tsv, and features.tsv or genes.tsv, each also as .gz and with the same "
    "prefix"
)
_PACKED = r"(\.gz|\.bz2)?$"
_MATRIX = re.compile(r"^(.*?)matrix\.mtx" + _PACKED, re.IGNORECASE)
_ANY_MATRIX = re.compile(r"^(.*?)[^._]*\.mtx" + _PACKED, re.IGNORECASE)
_GENES = re.compile(r"^(.*?)(features|genes)\.(tsv|txt|csv)" + _PACKED, re.IGNORECASE)
_CELLS = re.compile(r"^(.*?)barcodes\.(tsv|txt|csv)" + _PACKED, re.IGNORECASE)
_BANNER = re.compile(
    rb"%%MatrixMarket\s+matrix\s+(coordinate|array)\s+(real|double|integer|unsigned-integer|pattern)"
    rb"\s+(general|symmetric)\s*",
    re.IGNORECASE,
)
# Lines of comments, and bytes of a line, before the sizes.
_MOST_LINES, _MOST_BYTES = 10_000, 1 << 16


@dataclass(frozen=True)
class MatrixFiles:
    """The three files of one sample; without those of names where the folder lacks them."""

    matrix: Path
    genes: Path | None
    cells: Path | None


def samples_in(folder: Path) -> dict[str, MatrixFiles]:
    """The samples whose files lie in a folder, by the prefix of their names.

    Several matrices of one sample, as STARsolo writes them, are one sample: that of matrix.mtx.
    """
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    matrices = _by_prefix(names, _MATRIX)
    if not matrices:
        others = [name for name in names if _ANY_MATRIX.match(name)]
        matrices = {"": others[0]} if len(others) == 1 else {}
    genes, cells = _by_prefix(names, _GENES), _by_prefix(names, _CELLS)
    return {
        prefix: MatrixFiles(
            folder / name, _companion(folder, prefix, genes), _companion(folder, prefix, cells)
        )
        for prefix, name in matrices.items()
    }


def _by_prefix(names: Sequence[str], pattern: re.Pattern[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        if (match := pattern.match(name)) and not name.startswith("."):
            old = found.get(match[1])
            # Both tables of genes: the newer one, features.tsv, has more columns.
            if old is None or ("features" in name.lower() and "genes" in old.lower()):
                found[match[1]] = name
    return found


def _companion(folder: Path, prefix: str, known: dict[str, str]) -> Path | None:
    """The table with the prefix of a matrix, else the only one of the folder."""
    if prefix in known:
        return folder / known[prefix]
    return folder / next(iter(known.values())) if len(known) == 1 else None


def read_matrix_market(files: MatrixFiles) -> ad.AnnData:
    """Read one sample, cells × genes, with the genes' symbols as their names.

    Tables of genes have one column (names), two (identifiers, symbols) or three (also the kind of
    feature, of which only gene expression is taken).

    Raises
    ------
    ValueError
        A file is missing, or its lines are not as many as the matrix has genes or cells; or there
        is no gene expression.
    """
    folder = files.matrix.parent
    for path, what in ((files.genes, "genes (features.tsv or genes.tsv)"),
                       (files.cells, "cells (barcodes.tsv)")):  # fmt: skip
        if path is None:
            raise ValueError(
                f"{folder} has no names of the {what} beside {files.matrix.name}: wanted are "
                f"{WANTED}"
            )
    assert files.genes is not None
    assert files.cells is not None
    genes, cells = _rows(files.genes), _rows(files.cells)
    n_rows, n_columns = sides = _sides(files.matrix)
    by_cells = not _fits(genes, n_rows) or not _fits(cells, n_columns)
    turned = by_cells and _fits(genes, n_columns) and _fits(cells, n_rows)
    if turned:  # as kallisto and alevin write it
        n_rows, n_columns = n_columns, n_rows
    genes = _without_header(genes, n_rows, files.genes, files.matrix.name, "rows")
    cells = _without_header(cells, n_columns, files.cells, files.matrix.name, "columns")
    matrix = _values(files.matrix, sides)
    data = ad.AnnData(
        sp.csr_matrix(matrix if turned else matrix.T, dtype=np.float32),
        obs=pd.DataFrame(index=[row[0] for row in cells]),
        var=_var(genes),
    )
    return only_genes(data)


def _sides(path: Path) -> tuple[int, int]:
    """Rows and columns of a matrix, by its first lines.

    SciPy ends the process at some broken ones, and would allocate what others claim.

    Raises
    ------
    ValueError
        It is no MatrixMarket file of real numbers, holds zero bytes, or claims more than it can
        hold.
    """
    with open_bytes(path) as file:
        banner = _BANNER.fullmatch(file.readline(_MOST_BYTES))
        line = b"%"
        for _ in range(_MOST_LINES):
            if line.strip() and not line.startswith(b"%"):
                break
            line = file.readline(_MOST_BYTES)
        rest = line
        while rest:  # to its end, where what is packed has its checksum
            if b"\0" in rest:
                raise ValueError(
                    f"{path.name} is damaged: it holds zero bytes, as a full disk leaves"
                )
            rest = file.read(1 << 20)
    numbers = line.split()
    n_numbers = 3 if banner is not None and banner[1].lower() == b"coordinate" else 2
    if banner is None or len(numbers) != n_numbers or not all(map(bytes.isdigit, numbers)):
        raise ValueError(
            f"{path.name} is not a MatrixMarket file of numbers, or damaged: it must begin with "
            "'%%MatrixMarket matrix coordinate integer general', and after comments with its "
            "numbers of rows, columns and values"
        )
    sides = int(numbers[0]), int(numbers[1])
    values = int(numbers[2]) if n_numbers == 3 else sides[0] * sides[1]
    # A value takes two bytes at least.
    if 2 * values > MAX_PACKED * path.stat().st_size or values > sides[0] * sides[1] * 4:
        raise ValueError(f"{path.name} is damaged: it claims to hold {values} values")
    return sides


def _values(path: Path, sides: tuple[int, int]) -> Any:
    """The matrix, whose first lines are sound."""
    with open_bytes(path) as file:
        try:
            matrix = scipy.io.mmread(file)
        except (ValueError, EOFError, OverflowError) as error:
            raise ValueError(f"{path.name} is damaged: {error}") from error
    if matrix.shape != sides:
        raise ValueError(f"{path.name} is damaged: its numbers of rows and columns differ")
    return matrix


def _rows(path: Path) -> list[list[str]]:
    """The fields of a table without a header, of lines that are not empty."""
    with open_text(path, encoding_of(path)) as file:
        text = file.read()
    separator = "\t" if "\t" in text else "," if ".csv" in path.name.lower() else "\t"
    reader = csv.reader(text.splitlines(), delimiter=separator)
    return [[field.strip() for field in row] for row in reader if any(row)]


def _fits(rows: Sequence[Sequence[str]], n: int) -> bool:
    return len(rows) in (n, n + 1)


def _without_header(
    rows: list[list[str]], n: int, path: Path, matrix: str, side: str
) -> list[list[str]]:
    if not _fits(rows, n):
        raise ValueError(
            f"{path.name} must name each of the {n} {side} of {matrix}, but has {len(rows)} lines"
        )
    return rows[len(rows) - n :]


def _var(rows: Sequence[Sequence[str]]) -> pd.DataFrame:
    """Genes by symbol, or by identifier where there is none."""
    symbols = [
        row[1] if len(row) > 1 and row[1] not in ("", "NA") else row[0] for row in rows
    ]  # fmt: skip
    var = pd.DataFrame(index=symbols)
    if all(len(row) > 1 for row in rows):
        var["gene_ids"] = [row[0] for row in rows]
    if all(len(row) > 2 for row in rows):
        var["feature_types"] = [row[2] for row in rows]
    return var
