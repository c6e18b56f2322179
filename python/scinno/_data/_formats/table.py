"""Tables of text, cells × genes: .csv, .tsv, .txt and what spreadsheets and R make of them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from scinno._data._formats.table_layout import Layout, counts_up, layout_of
from scinno._data._formats.text import encoding_of, open_text

logger = logging.getLogger("scinno")

# Values that are dense in memory at once.
VALUES = 1 << 24


def read_table(path: Path, separator: str) -> ad.AnnData:
    """Read a table; values become float32, sparse if they are many.

    Separator, encoding, header, column of names and decimal comma are told from the file itself.

    Parameters
    ----------
    path : Path
    separator : str
        The one that the file's name stands for.

    Raises
    ------
    ValueError
        It is no table of numbers, or a value is missing or is text; the message says where.
    """
    encoding = encoding_of(path)
    with open_text(path, encoding) as file:
        layout = layout_of(file, separator)
    leads: list[list[str]] = [[] for _ in range(layout.lead)]
    blocks: list[Any] = []
    with open_text(path, encoding) as file:
        for _ in range(layout.skipped):
            file.readline()
        for frame in _frames(file, layout):
            row = len(leads[0]) if leads else sum(block.shape[0] for block in blocks)
            for j, texts in enumerate(leads):
                texts.extend(frame[j])
            if len(blocks) == 1:  # a large table is kept sparse
                blocks[0] = sp.csr_matrix(blocks[0])
            block = _values(frame, layout, leads, row)
            blocks.append(sp.csr_matrix(block) if blocks else block)
    matrix = blocks[0] if len(blocks) == 1 else sp.vstack(blocks, format="csr")
    genes = _genes(layout, path)
    if layout.doubtful and not counts_up(leads[0]):
        first = _as_gene(leads[0], layout)
        if sp.issparse(matrix):
            matrix = sp.hstack([sp.csr_matrix(first), matrix], format="csr")
        else:
            matrix = np.hstack([first, matrix])
        genes = [layout.first or "gene0", *genes]
        leads = []
    cells = _cells(leads, layout, matrix.shape[0], path)
    return ad.AnnData(matrix, obs=pd.DataFrame(index=cells), var=pd.DataFrame(index=genes))


def _frames(file: IO[str], layout: Layout) -> Iterator[pd.DataFrame]:
    """The table in parts of some cells, with columns 0, 1, …; errors with their lines."""
    reading: dict[str, Any] = {
        "sep": r"\s+" if layout.separator == " " else layout.separator,
        "header": None,
        "names": range(layout.width),
        "index_col": False,
        "converters": dict.fromkeys(range(layout.lead), str.strip),
        "decimal": layout.decimal,
        "skipinitialspace": True,
        "low_memory": False,
        "chunksize": max(1, VALUES // layout.width),
    }
    try:
        with pd.read_csv(file, **reading) as frames:
            yield from frames
    except pd.errors.ParserError as error:
        raise ValueError(_in_words(str(error), layout)) from error


def _in_words(text: str, layout: Layout) -> str:
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", text)
    if not found:
        return text.strip()
    return (
        f"line {int(found[2]) + layout.skipped} has {found[3]} fields, the others {found[1]}: "
        f"names that hold the separator ({layout.separator!r}) must be in quotes"
    )


def _values(frame: pd.DataFrame, layout: Layout, leads: list[list[str]], row: int) -> np.ndarray:
    """The numbers of a part that begins with ``row``; anything else is an error with its place."""
    last = layout.lead + layout.n_genes
    for j in range(layout.lead, layout.width):
        column = frame[j]
        if j >= last:  # empty fields at the end of lines
            bad = column.notna().to_numpy()
            what = "a field more than the header"
        elif column.dtype.kind in "iuf":
            bad = np.isnan(column.to_numpy(dtype=np.float64, na_value=np.nan))
            what = "no value"
        else:
            bad = pd.to_numeric(column.astype(str), errors="coerce").isna().to_numpy()
            what = ""
        if not bad.any():
            continue
        i = int(bad.argmax())
        text = str(column.iloc[i])
        if not what and column.isna().iloc[i]:
            what = "no value"
        raise ValueError(_place(layout, leads, row + i, j) + _advice(what, text, bad.mean()))
    return frame[range(layout.lead, last)].to_numpy(dtype=np.float32)


def _place(layout: Layout, leads: list[list[str]], row: int, j: int) -> str:
    cell = "" if layout.named_by is None else f" (cell {leads[layout.named_by][row]!r})"
    gene = j - layout.lead
    name = f" (gene {layout.genes[gene]!r})" if gene < len(layout.genes) else ""
    return f"row {row + 1}{cell}, column {j + 1}{name} holds "


def _advice(what: str, text: str, share: float) -> str:
    if what == "no value":
        return "no value: write 0 where that is what it means, or remove the cell or the gene"
    if what:
        return f"{text!r}, {what}"
    if share > 0.5:
        return f"{text!r}, which is not a number: remove this column, as only the first names cells"
    return (
        f"{text!r}, which is not a number: numbers are written without separators of thousands, as "
        "1234 or 1234.5"
    )


def _genes(layout: Layout, path: Path) -> list[str]:
    """Names of the columns of values; those without a name are numbered."""
    if not layout.genes:
        logger.warning("%s has no header: its genes are named gene0, gene1 and so on", path)
        return [f"gene{j}" for j in range(layout.n_genes)]
    unnamed = [j for j, gene in enumerate(layout.genes) if not gene]
    if unnamed:
        logger.warning(
            "%s: %d column(s) of its header have no name (first: column %d) and are named by "
            "their number", path, len(unnamed), unnamed[0] + layout.lead + 1
        )  # fmt: skip
    return [gene or f"gene{j}" for j, gene in enumerate(layout.genes)]


def _cells(leads: list[list[str]], layout: Layout, n_cells: int, path: Path) -> list[str]:
    if leads and layout.named_by is not None:
        cells = leads[layout.named_by]
        if not counts_up(cells):
            return cells
    else:
        cells = [str(i) for i in range(n_cells)]
    logger.warning("%s has no names of cells: they are called by the number of their row", path)
    return cells


def _as_gene(texts: list[str], layout: Layout) -> np.ndarray:
    """A first column that looked like numbers of rows in the first lines, but is a gene."""
    values = pd.to_numeric(
        pd.Series(texts).str.replace(layout.decimal, ".", regex=False), errors="coerce"
    )
    if values.isna().any():
        i = int(values.isna().to_numpy().argmax())
        raise ValueError(
            _place(layout, [texts], i, 0) + _advice("" if texts[i] else "no value", texts[i], 0)
        )
    return values.to_numpy(dtype=np.float32)[:, None]
