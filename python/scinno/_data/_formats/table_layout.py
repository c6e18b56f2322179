"""How a table of text is laid out: separator, header, names of cells, decimal comma."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

# What stands for a missing value, as in pandas.
MISSING = frozenset(
    {"", "NA", "N/A", "NaN", "nan", "-nan", "-NaN", "NULL", "null", "None", "n/a", "<NA>", "#N/A"}
)
# Headers of a first column that names the cells, without case, spaces and marks.
_CELL_HEADERS = frozenset(
    {"index", "cell", "cells", "cellid", "cellids", "cellname", "cellnames", "barcode", "barcodes",
     "cellbarcode", "cellbarcodes", "obsnames", "rownames", "rowname", "sample", "sampleid"}
)  # fmt: skip
_SEPARATORS = {",": "comma", "\t": "tab", ";": "semicolon", " ": "space", "|": "bar"}
_NUMBER = re.compile(r"^[+-]?(\d+([.,]\d*)*|[.,]\d+)([eE][+-]?\d+)?$")
_DECIMAL_COMMA = re.compile(r"^[+-]?\d*,\d+([eE][+-]?\d+)?$")
_THOUSANDS = re.compile(r"^[+-]?[1-9]\d{0,2}(,\d{3})+$")
_DECLARED = re.compile(r'^"?sep=(.)"?$', re.IGNORECASE)
# What pandas and readr call a column without a name.
_UNNAMED = re.compile(r"^(Unnamed: \d+(\.\d+)*|\.\.\.\d+)?$")
# Of a wide table as many lines as needed for two cells, of a narrow one these many.
_LINES, _CHARACTERS = 200, 4 << 20
# Fields of a line that are looked at to tell numbers from text.
_FIELDS = 300
# So few counts of a cell may be all different.
_FEW = 10


@dataclass(frozen=True)
class Layout:
    """Where what stands in a table.

    Attributes
    ----------
    separator : str
    skipped : int
        Lines before the first cell.
    width : int
        Fields of a line, with those that are always empty at its end.
    lead : int
        First columns that hold no values, but names or numbers of cells.
    named_by : int or None
        The one of them with the names.
    doubtful : bool
        The first column is a gene, unless it turns out to number the cells from the first to the
        last.
    first : str
        Header of the first column.
    genes : tuple of str
        Headers of those with values; empty where there are none.
    n_genes : int
    decimal : {".", ","}
    """

    separator: str
    skipped: int
    width: int
    lead: int
    named_by: int | None
    doubtful: bool
    first: str
    genes: tuple[str, ...]
    n_genes: int
    decimal: str


def layout_of(file: IO[str], separator: str) -> Layout:
    """The layout of an open table, from its first lines.

    Parameters
    ----------
    file : text file
        Is read on.
    separator : str
        The one that the file's name stands for; others are tried, too.

    Raises
    ------
    ValueError
        It is no table of numbers, or has no cells.
    """
    lines, declared = _first_lines(file)
    first = next((i for i, line in enumerate(lines) if line[0] not in "#\r\n"), 0)
    if sum(bool(line.strip()) for line in lines[first:]) < 2:
        raise ValueError("it has a single line: a table needs a header and cells")
    separator = declared or _best_separator(lines[first:], separator)
    rows = _fields(lines[first:], separator)
    if first and lines[first - 1].startswith("#"):
        comment = _fields(lines[first - 1 : first], separator)[0]
        if len(rows[0]) - 1 <= len(comment) <= len(rows[0]) and len(comment) > 2:
            first, rows = first - 1, [comment, *rows]
    has_header = _is_header(rows[0], len(rows[1]))
    header, body = (rows[0], rows[1:]) if has_header else ([], rows)
    width = len(body[0])
    header, n_columns = _without_trailing(header, body, width)
    if has_header and len(header) == n_columns - 1:  # as R writes it, without a corner
        header = ["", *header]
    if has_header and len(header) != n_columns:
        raise ValueError(
            f"its first line has {len(header)} names and the second {n_columns} fields: names that "
            f"hold the separator ({_SEPARATORS.get(separator, separator)}) must be in quotes"
        )
    lead, named_by, doubtful = _names_of_cells(header, [row[:n_columns] for row in body])
    if n_columns - lead < 1:
        raise ValueError(
            "it has no column of numbers: a table needs cells in rows, genes in columns"
        )
    return Layout(
        separator, first + has_header + bool(declared), width, lead, named_by, doubtful,
        header[0] if header else "", tuple(header[lead:]), n_columns - lead, _decimal(body, lead),
    )  # fmt: skip


def is_number(text: str) -> bool:
    """Whether a field is a number, also with a decimal comma, or a missing one."""
    return text in MISSING or _NUMBER.match(text) is not None


def counts_up(texts: Sequence[str]) -> bool:
    """Whether fields number the rows, from 0 or from 1 on."""
    start = texts[0] if len(texts) else ""
    return start in ("0", "1") and all(
        text == str(i) for i, text in enumerate(texts, start=int(start))
    )


def _first_lines(file: IO[str]) -> tuple[list[str], str]:
    """The first lines, and the separator if the very first one declares it, as in Excel."""
    lines: list[str] = []
    characters = 0
    declared = ""
    while len(lines) < 3 or (len(lines) < _LINES and characters < _CHARACTERS):
        line = file.readline()
        if not line:
            break
        if not lines and not declared and (found := _DECLARED.match(line.strip())):
            declared = found[1]
            continue
        lines.append(line)
        characters += len(line)
    if not any(line.strip() for line in lines):
        raise ValueError("it is empty")
    return lines, declared


def _fields(lines: Sequence[str], separator: str) -> list[list[str]]:
    """The fields of lines that are not empty."""
    if separator == " ":
        lines = [line.replace("\t", " ").strip() + "\n" for line in lines]
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    return [[field.strip() for field in row] for row in reader if any(row)]


def _best_separator(lines: Sequence[str], expected: str) -> str:
    """The separator that makes equally long lines of numbers."""
    best, score = "", 0.0
    for separator in dict.fromkeys((expected, *_SEPARATORS)):
        try:
            rows = _fields(lines, separator)
        except csv.Error:
            continue
        body = rows[1:] or rows
        width = len(body[0]) if body else 0
        if width < 2:
            continue
        alike = sum(len(row) == width for row in body) / len(body)
        fields = [field for row in body for field in row[1:_FIELDS]]
        if all(field in MISSING for field in fields):
            continue
        numbers = sum(is_number(field) for field in fields) / max(len(fields), 1)
        if alike * numbers > score + 0.01:
            best, score = separator, alike * numbers
    if score < 0.3:
        raise ValueError(
            "it is no table of numbers separated by commas, tabs, semicolons or spaces: its first "
            f"line is {next(line for line in lines if line.strip()).strip()[:60]!r}"
        )
    return best


def _is_header(row: Sequence[str], width: int) -> bool:
    """Whether a first line, followed by one of ``width`` fields, names the columns."""
    if row[0] == "" or len(row) == width - 1 or not all(is_number(field) for field in row[1:]):
        return True
    if counts_up(row) or counts_up(row[1:]):
        return True
    # Numbers of genes differ; counts of a cell repeat, as most are zero.
    whole = all(field.isdecimal() for field in row[1:])
    return whole and len(row) > _FEW and len(set(row[1:])) == len(row) - 1


def _without_trailing(
    header: list[str], body: Sequence[Sequence[str]], width: int
) -> tuple[list[str], int]:
    """Header and number of columns without those at the end that are always empty."""
    n_columns = width
    while n_columns > 1 and all(row[n_columns - 1 : n_columns] in ([""], []) for row in body):
        if len(header) >= n_columns and header[n_columns - 1] != "":
            break  # a gene without values
        n_columns -= 1
    while len(header) > n_columns and header[-1] == "":
        header = header[:-1]
    return header, n_columns


def _names_of_cells(
    header: Sequence[str], body: Sequence[Sequence[str]]
) -> tuple[int, int | None, bool]:
    """How many first columns hold no values, which of them names the cells, and if in doubt."""

    def column(j: int) -> list[str]:
        return [row[j] for row in body if len(row) > j]

    def is_text(j: int) -> bool:
        texts = [not is_number(field) for field in column(j)]
        return any(texts) if j == 0 else sum(texts) > len(texts) / 2

    j = 0
    while header and j < len(body[0]) and _UNNAMED.match(header[j]) and not is_text(j):
        if j and not counts_up(column(j)):
            break
        j += 1
    if is_text(j):
        return j + 1, j, False
    if j:
        return j, j - 1, False
    if header and re.sub(r"[\W_]", "", header[0].lower()) in _CELL_HEADERS:
        distinct = len(set(column(0))) == len(column(0))
        return (1, 0, False) if distinct else (0, None, False)
    return (1, 0, True) if counts_up(column(0)) else (0, None, False)


def _decimal(body: Sequence[Sequence[str]], lead: int) -> str:
    fields = [field for row in body for field in row[lead:] if "," in field]
    commas = [field for field in fields if _DECIMAL_COMMA.match(field)]
    return "," if any(not _THOUSANDS.match(field) for field in commas) else "."
