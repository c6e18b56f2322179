"""What came of changed files, told in the same way for all kinds of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

# The worst last.
ORDER = ("right", "sound", "refused", "memory", "hang", "foreign", "wrong")
_OURS = (ValueError, TypeError, KeyError, FileNotFoundError, FileExistsError)


def is_sentence(error: Exception) -> bool:
    """Whether scinno itself says it: an error of a plain type, raised in a file of scinno."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    ours = trace is not None and "scinno" in Path(trace.tb_frame.f_code.co_filename).parts
    plain = type(error) in _OURS or type(error).__module__.startswith("scinno")
    return ours and plain and len(str(error).split()) > 3


def worst(found: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Of several readings of one file the worst."""
    return max(found, key=lambda one: ORDER.index(one[0]))
