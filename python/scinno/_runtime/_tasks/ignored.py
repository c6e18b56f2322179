"""Warnings that are expected, ignored in threads too."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


class _Filters:
    """What ignores warnings, and how many are inside."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0
        self.before = warnings.catch_warnings()


_filters = _Filters()


@contextmanager
def ignored(category: type[Warning]) -> Iterator[None]:
    """Ignore warnings of one kind inside.

    Filters belong to the process: the first thread to come sets them, and the last to go gives back
    what was there. `warnings.catch_warnings` in several threads leaves those of the last to come.
    """
    with _filters.lock:
        if _filters.inside == 0:
            _filters.before = warnings.catch_warnings()
            _filters.before.__enter__()
        warnings.simplefilter("ignore", category)
        _filters.inside += 1
    try:
        yield
    finally:
        with _filters.lock:
            _filters.inside -= 1
            if _filters.inside == 0:
                _filters.before.__exit__(None, None, None)
