"""Which benchmark process does which run: no run is done twice, none is lost."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def claim(result: Path) -> Iterator[bool]:
    """Hold the right to make ``result``; gives False where it is there or another process has it.

    The kernel holds the lock and drops it when its process ends, however that ends: there are no
    stale locks. A lock file is removed only when its result is there, so whoever opened it before
    finds the result.
    """
    lock = result.with_suffix(".lock")
    handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield not result.exists()
        if result.exists():
            lock.unlink(missing_ok=True)
    finally:
        os.close(handle)
