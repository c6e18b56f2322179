"""One run as a separate process, with limits on time and memory."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

# Seconds between two measurements of a run.
POLL_INTERVAL = 0.1
# Loaded here because little may be done between fork and exec.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class ProcessResult:
    """How a process ended.

    Attributes
    ----------
    failure : str or None
        Why it failed or was stopped; None after success.
    seconds : float
    peak_memory : int or None
        Bytes; None where the process ended before it was measured.
    """

    failure: str | None
    seconds: float
    peak_memory: int | None


def run_limited(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    time_limit: float,
    memory_limit: float | None,
) -> ProcessResult:
    """Run a command in a folder until it ends or exceeds a limit.

    Memory is the resident memory of the process and of all that it started: a limit on the address
    space would count what PyTorch and R reserve and never touch.

    Parameters
    ----------
    command : sequence of str
    folder : Path
        Working directory.
    environment : mapping
    log : Path
        File for its output.
    time_limit : float
        Seconds.
    memory_limit : float, optional
        Bytes.
    """
    start = time.perf_counter()
    peak = 0
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=_die_with_parent if _LIBC is not None else None,
        )  # fmt: skip
        failure = None
        members: list[psutil.Process] = []
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(POLL_INTERVAL)
                    break
                members = _members(process.pid)
                used = _resident_memory(members)
                peak = max(peak, used)
                if memory_limit is not None and used > memory_limit:
                    failure = (
                        f"needs more than the memory limit of {memory_limit / 1e9:g} GB "
                        f"({used / 1e9:.2f} GB when it was stopped)"
                    )
                    break
                if time.perf_counter() - start > time_limit:
                    failure = f"takes longer than the time limit of {time_limit:g} s"
                    break
        finally:
            _kill(process, members)
    if failure is None and process.returncode:
        failure = _failure(process.returncode, log)
    return ProcessResult(failure, time.perf_counter() - start, peak or None)


def _die_with_parent() -> None:
    """Between fork and exec: a run must not outlive a benchmark that is killed (Linux)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _members(leader: int) -> list[psutil.Process]:
    """The process and all that it started.

    A session includes processes whose parent has ended; Windows has no sessions, so only the tree
    of processes is found there.
    """
    if not hasattr(os, "getsid"):
        with suppress(psutil.Error):
            root = psutil.Process(leader)
            return [root, *root.children(recursive=True)]
        return []
    found = []
    for pid in psutil.pids():
        with suppress(OSError, psutil.Error):  # it may end in between
            if os.getsid(pid) == leader:
                found.append(psutil.Process(pid))
    return found


def _resident_memory(members: Iterable[psutil.Process]) -> int:
    total = 0
    for member in members:
        with suppress(psutil.Error):
            total += member.memory_info().rss
    return total


def _kill(process: subprocess.Popen[bytes], members: Iterable[psutil.Process]) -> None:
    """End the process and everything that it started, workers that it left behind included."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    # psutil compares start times, so that a reused process id is not killed.
    for member in [*members, *_members(process.pid)]:
        with suppress(psutil.Error):
            member.kill()
    with suppress(OSError):
        process.kill()
    process.wait()


def _failure(code: int, log: Path) -> str:
    """The last line that a failed process wrote, after its exit code or signal."""
    text = log.read_text(encoding="utf-8", errors="replace")[-20_000:]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and lines[-1] == "Execution halted":  # R writes its error before that
        starts = [i for i, line in enumerate(lines) if line.startswith("Error")]
        lines = [" ".join(lines[starts[-1] : -1])] if starts else lines[:-1]
    how = f"ended by signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return f"{how}: {lines[-1][:400]}" if lines else how
