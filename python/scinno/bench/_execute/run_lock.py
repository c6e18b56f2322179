"""Which benchmark process does which run: no run is done twice, none is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def run_lock(result: Path) -> Iterator[bool]:
    """Lock one run; gives False where ``result`` exists or another process holds the lock.

    The operating system releases the lock when its process ends, however that happens, so there
    are no stale locks. The lock file is removed only once the result exists: a process that has
    opened the file before may still lock it, but then finds the result.
    """
    path = result.with_suffix(".lock")
    lock = FileLock(path, timeout=0, mode=0o666)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield not result.exists()
    finally:
        lock.release()
        if result.exists():
            with suppress(OSError):  # on Windows while another process has it open
                path.unlink()
