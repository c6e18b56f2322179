"""What came of changed files, told in the same way for all kinds of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

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


def outcome(look: Callable[[Path], Any], folder: Path, expected: Any) -> tuple[str, str]:
    """What came of a changed folder, of which ``look`` takes all that scinno takes."""
    try:
        found = look(folder)
    except (ValueError, KeyError, FileNotFoundError) as error:
        ours = "refused" if is_sentence(error) else "foreign"
        return ours, f"{type(error).__name__}: {error}"
    return ("right" if found == expected else "sound"), ""
