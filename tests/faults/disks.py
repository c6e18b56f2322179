"""Runs on disks that are full, read-only, or say so late, in small file systems of memory."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from forked import Ended, forked, waited

from scinno.cli import run
from scinno.cli._input import cells


def why_not() -> str:
    """Why no file system can be mounted here; "" if it can."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "a file system of a few pages can be mounted by root on Linux only"
    folder = Path("/tmp") / f"scinno-mount-{os.getpid()}"
    folder.mkdir()
    try:
        done = subprocess.run(_mount(folder, "64k"), capture_output=True, check=False)
        if done.returncode:
            return f"this machine refuses mounts: {done.stderr.decode().strip()}"
        subprocess.run(["umount", str(folder)], check=True)
        return ""
    finally:
        folder.rmdir()


def _mount(folder: Path, size: str, more: str = "") -> list[str]:
    return ["mount", "-t", "tmpfs", "-o", f"size={size}{more}", "scinno-tests", str(folder)]


@contextlib.contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of this size at ``folder``."""
    folder.mkdir(exist_ok=True)
    subprocess.run(_mount(folder, size), check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def read_only(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)


def on_late_disk(call: Callable[[], None], log: Path) -> Ended:
    """Run where the system says that all fits, as quotas and network disks do, until it does not.

    The probes before the fit are left out, in a process of its own.
    """

    def late() -> None:
        run.check_results_fit = lambda *_: None
        cells.announce = lambda *_: None
        call()

    return waited(forked(late, log), log)


def filled(folder: Path, free: int) -> None:
    """Fill a disk until so many bytes are free."""
    size = shutil.disk_usage(folder).free - free
    (folder / "filling").write_bytes(bytes(max(0, size)))
