"""One run as a process of its own, with limits on time and memory."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Seconds between two looks at a run.
LOOK = 0.1
# Loaded here because little may be done between fork and exec.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Ending:
    """How a process ended: ``reason`` is None where all went well; bytes, seconds."""

    reason: str | None
    seconds: float
    memory: int | None


def run_limited(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    time_limit: float,
    memory_limit: float | None,
) -> Ending:
    """Run a command in a folder until it ends or passes a limit.

    Memory is that of the process and all that it started, watched through /proc: an address-space
    limit would count what PyTorch and R reserve and never touch. Elsewhere than on Linux memory is
    neither limited nor told here.

    Parameters
    ----------
    command : sequence of str
    folder : Path
        Where it runs.
    environment : mapping
    log : Path
        Where its output goes.
    time_limit : float
        Seconds.
    memory_limit : float, optional
        Bytes.
    """
    start = time.perf_counter()
    highest = 0
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_die_with_parent,
        )  # fmt: skip
        reason = None
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(LOOK)
                    break
                used = _memory_of_session(process.pid)
                highest = max(highest, used)
                if memory_limit is not None and used > memory_limit:
                    reason = (
                        f"needs more than the memory limit of {memory_limit / 1e9:g} GB "
                        f"({used / 1e9:.2f} GB when it was stopped)"
                    )
                    break
                if time.perf_counter() - start > time_limit:
                    reason = f"takes longer than the time limit of {time_limit:g} s"
                    break
        finally:
            _kill_session(process)
    if reason is None and process.returncode:
        reason = _failure(process.returncode, log)
    return Ending(reason, time.perf_counter() - start, highest or None)


def _die_with_parent() -> None:
    """Between fork and exec: when the benchmark is killed, its run must not go on alone."""
    if _LIBC is not None:
        _LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _kill_session(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # workers that it left behind, too
    process.wait()


def _memory_of_session(leader: int) -> int:
    """Bytes that the processes of a session hold in memory; 0 where it cannot be told."""
    page = os.sysconf("SC_PAGE_SIZE")
    total = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):  # it may end while we look
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader:
                total += int(fields[21]) * page
    return total


def _failure(code: int, log: Path) -> str:
    """The last thing a failed process said, in one line."""
    text = log.read_text(encoding="utf-8", errors="replace")[-20_000:]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and lines[-1] == "Execution halted":  # R says its error before that
        said = [i for i, line in enumerate(lines) if line.startswith("Error")]
        lines = [" ".join(lines[said[-1] : -1])] if said else lines[:-1]
    how = f"ended by signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return f"{how}: {lines[-1][:400]}" if lines else how
