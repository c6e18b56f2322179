"""How much memory and how many processors are available."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import psutil

# A container or a job scheduler may allow less than the machine has, which psutil does not know.
_CGROUPS = (
    ("/sys/fs/cgroup", "memory.max", "memory.current"),
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
)


def amount(size: float) -> str:
    """Bytes in words: "1.2 GB", "35 MB"."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.1f} MB"


def available_memory() -> int:
    """Bytes that a new program could use, swap included."""
    found = [psutil.virtual_memory().available + psutil.swap_memory().free]
    for folder, limit, used in _CGROUPS:
        with suppress(OSError, ValueError):
            allowed = int(Path(folder, limit).read_text())
            found.append(allowed - int(Path(folder, used).read_text()))
    return max(min(found), 0)


def available_processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_threads() -> int:
    """Threads to compute in: one for each processor, or OMP_NUM_THREADS if that is less."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    limit = int(asked) if asked.isdecimal() and int(asked) > 0 else available_processors()
    return min(limit, available_processors())
