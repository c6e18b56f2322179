"""What the core logs and warns of during a call, collected for R to show in its own way."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Messages = dict[str, list[str]]

_PACKAGE = str(Path(__file__).parents[1])


_VALUES = {"True": "TRUE", "False": "FALSE", "None": "NULL"}


def in_words_of_r(text: str) -> str:
    """A message of the core with R's TRUE, FALSE and NULL, and without options of `scinno`."""
    text = re.sub(r" \(--[a-z-]+\)", "", text)
    return re.sub(r"\b(\w+)=(True|False|None)\b", lambda m: f"{m[1]} = {_VALUES[m[2]]}", text)


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
