"""Tables of genes × cells as text, read line by line into a sparse matrix."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import scipy.sparse as sp

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Table:
    """Values of a file, cells in the rows.

    Attributes
    ----------
    matrix : scipy.sparse.csr_matrix of float32, (cells, genes)
    cells : list of str, (cells,)
    genes : list of str, (genes,)
    """

    matrix: sp.csr_matrix
    cells: list[str]
    genes: list[str]

    def without(self, genes: np.ndarray) -> Table:
        """The table without the genes of a mask, bool (genes,)."""
        others = np.flatnonzero(~genes)
        return Table(self.matrix[:, others], self.cells, [self.genes[j] for j in others])


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Lines of a text file, unpacked if its content (not its name) is gzip.

    Raises
    ------
    ValueError
        The file is damaged: truncated, changed, or not text.
    """
    with path.open("rb") as raw:
        packed = raw.read(2) == _GZIP
    try:
        with gzip.open(path, "rt") if packed else path.open("rt") as lines:
            yield lines
    except (EOFError, gzip.BadGzipFile, zlib.error, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is damaged ({error}): delete it and load again") from error


def fields(line: str, separator: str) -> list[str]:
    """Fields of a line without the quotes around them; none may hold the separator."""
    return [field.strip('"') for field in line.rstrip("\r\n").split(separator)]


def read_table(path: Path, separator: str) -> Table:
    """Read genes × cells of numbers: cells in the first line, then a gene's name and its values.

    The first line may have a field for the column of genes or not. Only one line is ever dense.

    Parameters
    ----------
    path : Path
        Text, packed by gzip or not.
    separator : str
        The character between the fields.

    Raises
    ------
    ValueError
        The file is damaged, or a line does not have one number, 0 or above, per cell.
    """
    columns: list[np.ndarray] = []
    values: list[np.ndarray] = []
    genes: list[str] = []
    cells: list[str] = []
    with opened(path) as lines:
        header = fields(next(lines, ""), separator)
        for number, line in enumerate(lines, start=2):
            gene, rest = _split(line, separator)
            found, row, width = _numbers(rest, separator)
            if not genes:
                cells = header[1:] if len(header) == width + 1 else header
            if width != len(cells) or not ((row >= 0) & (row < np.inf)).all():  # NaN is neither
                raise ValueError(
                    f"line {number} of {path} must hold {len(cells)} numbers, 0 or above, "
                    f"after the gene {gene!r}: delete the file and load again"
                )
            columns.append(found)
            values.append(row)
            genes.append(gene)
    if not genes:
        raise ValueError(f"{path} holds no genes: delete it and load again")
    ends = np.cumsum([0, *map(len, columns)])
    by_gene = sp.csr_matrix(
        (np.concatenate(values), np.concatenate(columns), ends), shape=(len(genes), len(cells))
    )
    del columns, values  # as large as the matrix, which is copied next
    return Table(by_gene.T.tocsr(), cells, genes)


def _split(line: str, separator: str) -> tuple[str, str]:
    if line.startswith('"'):
        gene, _, rest = line[1:].partition('"' + separator)
    else:
        gene, _, rest = line.partition(separator)
    return gene, rest


def _numbers(text: str, separator: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Positions and values of the fields that are not "0", and the number of fields.

    What is not a number becomes NaN. Most fields are "0", and only the others are converted.
    """
    text = text.rstrip("\r\n") + separator
    letters = np.frombuffer(text.encode("ascii", "replace"), dtype=np.uint8)
    ends = np.flatnonzero(letters == ord(separator))
    starts = np.concatenate([[0], ends[:-1] + 1])
    zero = (letters[starts] == ord("0")) & (ends - starts == 1)
    found = np.flatnonzero(~zero)
    spans = zip(starts[found].tolist(), ends[found].tolist(), strict=True)
    row = np.array([_number(text[start:end]) for start, end in spans], dtype=np.float32)
    nonzero = row != 0
    return found[nonzero].astype(np.int32), row[nonzero], len(ends)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
