"""Names that are asked for and not there, and names of genes that are none."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

# "2-Sep", "1-Mar", "Dec-01": what spreadsheets make of SEPT2, MARCH1 and DEC1.
_DATE = re.compile(r"^(\d{1,2}-(Mar|Sep|Dec|Oct|Apr|Feb)|(Mar|Sep|Dec|Oct|Apr|Feb)-\d{1,2})$")


def unknown(name: str, known: Iterable[Any], most: int = 30) -> str:
    """Near names if there are any, else all that there are, for the end of an error."""
    names = [str(other) for other in known]
    lower = {other.lower(): other for other in reversed(names)}
    near = difflib.get_close_matches(str(name).lower(), lower, n=3, cutoff=0.7)
    if near:
        return "did you mean " + " or ".join(repr(lower[other]) for other in near) + "?"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return "there is " + (", ".join(names[:most]) + more if names else "none")


def gene_name_problems(names: Iterable[str]) -> list[str]:
    """Sentences on gene names that readers would stumble over; none when all is well."""
    texts = [str(name) for name in names]
    problems = []
    dates = [name for name in texts if _DATE.match(name)]
    if dates:
        problems.append(
            f"{len(dates)} gene name(s) look like dates ({dates[0]!r}): a spreadsheet has changed "
            "them (SEPT2, MARCH1 and others)"
        )
    numbers = sum(name.isdigit() for name in texts)
    if texts and numbers > len(texts) / 2:
        problems.append(
            f"{numbers} of {len(texts)} gene names are numbers (first: {texts[0]!r}): "
            "the names themselves are lost, set adata.var_names"
        )
    empty = sum(name.strip() in ("", "nan", "None") for name in texts)
    if empty:
        problems.append(f"{empty} gene(s) have no name")
    return problems
