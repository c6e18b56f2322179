"""Runs that torchrun itself begins, and the end of all of their processes.

Called by torchrun it is a rank: python tests/faults/launched.py WORDS...
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import psutil
from forked import TIMEOUT, program, without_pictures

from scinno._distributed import group


def torchrun(port: int, words: list[object], log: Path) -> int:
    """Begin two ranks, in a session of their own; the number of torchrun's process."""
    command = [
        sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--max-restarts=1",
        "--master-addr=127.0.0.1", f"--master-port={port}", __file__, *map(str, words),
    ]  # fmt: skip
    with log.open("w") as output:
        begun = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    return begun.pid


def kill_one_rank(launcher: int, draw: random.Random) -> bool:
    """End one rank by SIGKILL, as soon as there is one; False if all have ended."""
    try:
        process = psutil.Process(launcher)
        while not (ranks := process.children()):
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            time.sleep(0.05)
        draw.choice(ranks).send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return False
    return True


def wait_for_ranks(out: Path) -> None:
    """Wait for ranks whose launcher is dead: they end when they find out, or go on to the end.

    torchrun begins each in a session of its own, so they are known by the folder of their results.
    """
    end = time.monotonic() + TIMEOUT
    while any(_is_rank(process, str(out)) for process in psutil.process_iter()):
        if time.monotonic() > end:
            raise TimeoutError("ranks of a dead torchrun hang")
        time.sleep(0.05)


def _is_rank(process: psutil.Process, out: str) -> bool:
    try:
        return out in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


if __name__ == "__main__":
    group.JOIN = timedelta(seconds=30)  # the others are not long in coming here
    with without_pictures():
        program(*sys.argv[1:])()
