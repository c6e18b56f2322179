"""What the core logs and warns of during a call, collected for R to show in its own way."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

Messages = dict[str, list[str]]

_PACKAGE = str(Path(__file__).parents[1])


_VALUES = {"True": "TRUE", "False": "FALSE", "None": "NULL"}


# What R's user calls the counts, where it is not RunSCINNO()'s object.
_COUNTS = {"predict": "newdata", "add_batch": "newdata", "report": "counts"}

_PLACE = re.compile(r"\bcell (\d+)(?: \([^)]*\))?, gene (\d+) \([^)]*\)")


# Types in the core's messages, which come from its annotations.
_TYPES = {"int": "a whole number", "float": "a number", "bool": "TRUE or FALSE", "str": "text"}

_VALUE = re.compile(r"\b(or|got) (None|True|False)(?=$|, )")
_TYPE = re.compile(rf"\bmust be ({'|'.join(_TYPES)})( \| None)?, got ")


def in_words_of_r(
    text: str,
    what: str = "fit",
    genes: Sequence[str] | None = None,
    cells: Sequence[str] | None = None,
) -> str:
    """A message of the core as a user of R would say it.

    Parameters
    ----------
    text : str
    what : str
        Kind of request, which decides what the counts are called.
    genes, cells : sequence of str, optional
        Names, of the first cells at least; without them places are numbers, which R counts from 1.
    """
    text = re.sub(r" \(--[a-z-]+\)", "", text)
    text = re.sub(r"\b(\w+)=(True|False|None)\b", lambda m: f"{m[1]} = {_VALUES[m[2]]}", text)
    text = re.sub(r"\b([a-z_]+)='([a-z]+)'", r'\1 = "\2"', text)
    text = re.sub(r"\b([a-z_]+)=(\d)", r"\1 = \2", text)
    text = re.sub(r"^x (?=must|holds|has)", f"{_COUNTS.get(what, 'object')} ", text)
    text = re.sub(r"^genes (?=must include)", f"rows of {_COUNTS.get(what, 'object')} ", text)
    text = _TYPE.sub(lambda m: f"must be {_TYPES[m[1]]}{' or NULL' if m[2] else ''}, got ", text)
    text = re.sub(r"\b(as in|got) \((\d+), (\d+)\)", r"\1 c(\2, \3)", text)
    text = _VALUE.sub(lambda m: f"{m[1]} {_VALUES[m[2]]}", text)
    text = text.replace("the given bytes", "the file" if what == "load" else "the fit")

    def place(found: re.Match[str]) -> str:
        cell, gene = int(found[1]), int(found[2])
        return f"gene {_named(genes, gene)}, cell {_named(cells, cell)}"

    return _PLACE.sub(place, text)


def _named(names: Sequence[str] | None, index: int) -> str:
    return repr(names[index]) if names is not None and index < len(names) else str(index + 1)


class _Collector(logging.Handler):
    """Adds each log record to ``messages``, by its level."""

    def __init__(self, messages: Messages) -> None:
        super().__init__()
        self.messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        kind = "warnings" if record.levelno >= logging.WARNING else "notes"
        self.messages[kind].append(record.getMessage())


@contextmanager
def collected_messages() -> Iterator[Messages]:
    """Collect log records and warnings of scinno while the block runs.

    Yields
    ------
    dict
        ``warnings`` and ``notes``, lists of str. The Python warnings are added when the block ends.
    """
    messages: Messages = {"warnings": [], "notes": []}
    logger = logging.getLogger("scinno")
    collector = _Collector(messages)
    level = logger.level
    logger.addHandler(collector)
    logger.setLevel(logging.INFO)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield messages
    finally:
        logger.removeHandler(collector)
        logger.setLevel(level)
    # Warnings of other packages concern their own code, which a user of R cannot change.
    messages["warnings"] += [str(w.message) for w in caught if w.filename.startswith(_PACKAGE)]
