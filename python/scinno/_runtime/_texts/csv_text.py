"""Names in CSV files: exactly as they are, and what a spreadsheet makes of them.

A spreadsheet computes a text such as ``=1+1``. Quotes do not help: it removes them first. An
apostrophe in front does, but changes the name, and programs join tables by names. So files for
programs (labels, memberships, markers) hold names exactly, as those of all tools of the field do,
and it is said when one of them is such a text; what is only read by people gets the apostrophe, as
in the files that a page saves.
"""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger("scinno")

# What begins a formula, also as written in East Asia; numbers, though text here, are harmless.
_FORMULA = re.compile(r"(?![+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$)[=+\-@\t\r\n＝＋－＠]")


def csv_text(table: pd.DataFrame, index: bool = False, float_format: str | None = "%.6g") -> str:
    """The table as CSV, from which every name is read back exactly."""
    texts = table.select_dtypes(exclude="number")
    names: list[Any] = [
        table.columns,
        table.index if index else [],
        *(texts[name] for name in texts),
    ]
    # A carriage return would end the row: pandas does not quote it.
    returns = any("\r" in str(name) for column in names for name in column)
    if returns:
        return table.to_csv(index=index, float_format=float_format, quoting=csv.QUOTE_NONNUMERIC)
    return table.to_csv(index=index, float_format=float_format)


def write_csv(
    path: Path, table: pd.DataFrame, index: bool = False, float_format: str | None = "%.6g"
) -> None:
    """Write `csv_text` in UTF-8, with the line ends as they are."""
    path.write_text(csv_text(table, index, float_format), encoding="utf-8", newline="")


def without_formula(text: str) -> str:
    """``text``, with an apostrophe in front if a spreadsheet would compute it."""
    return f"'{text}" if _FORMULA.match(text) else text


def warn_of_formulas(file: Path, names: Iterable[str]) -> None:
    """Say which of the names in a file a spreadsheet would compute."""
    found = [name for name in names if _FORMULA.match(name)]
    if found:
        logger.warning(
            "%s holds %d name(s) that a spreadsheet would compute as a formula, as %r: import such "
            "columns as text, or rename them in INPUT", file.name, len(found), found[0],
        )  # fmt: skip
