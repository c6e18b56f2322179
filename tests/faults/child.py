"""Tries changed files, each in a process of its own with limits.

    python child.py KIND FIRST LAST [KIND FIRST LAST ...]

One line of JSON for each file, with what came of it. All is imported and made once; each file is
then read in a fork, so that none can harm the next.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import json
import logging
import os
import re
import resource
import select
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import IO, Any

import psutil
from kinds import KINDS

# For one file: seconds of the processor, which do not depend on what else the machine does; seconds
# of waiting; and bytes beyond what the process has when it starts.
SECONDS, WAITING = 10, 600
BYTES = 2**30
# What libraries say that could not have the memory they wanted …
_NO_MEMORY = re.compile(r"unable to allocate|can't allocate|cannot allocate")
# … and what libhdf5 says where one of its own structures claims it. An "on disk image buffer" is
# refused at once everywhere, as it claims more than any machine has.
_NO_HDF5_MEMORY = re.compile(r"memory allocation failed(?! for on disk image)")
# Python's frames, the innermost first, in what its fault handler writes. Functions of h5py that are
# compiled have none, but are called from others, or call back.
_FRAME = re.compile(r'File "([^"]+)", line \d+ in (\S+)')
INNERMOST = 4


class TooSlow(BaseException):
    """The time of a file is over."""


def main(words: list[str]) -> None:
    warnings.simplefilter("ignore")
    logging.disable()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = folder  # what ends leaves its files there
        with tempfile.TemporaryFile("w+") as trace:
            for kind, first, last in zip(words[::3], words[1::3], words[2::3], strict=True):
                _try_all(kind, range(int(first), int(last)), trace)


def _try_all(kind: str, seeds: range, trace: IO[str]) -> None:
    module = importlib.import_module(KINDS[kind].module)
    state = module.prepare(kind)
    gc.collect()
    gc.freeze()  # a fork would copy what is collected
    for seed in seeds:
        line = {"kind": kind, "seed": seed, "change": module.change_of(state, seed)}
        line["outcome"], detail = _forked(module, state, seed, trace)
        print(json.dumps(line | {"detail": detail[:300]}), flush=True)


def _forked(module: Any, state: Any, seed: int, trace: IO[str]) -> tuple[str, str]:
    """What came of one file, tried in a process that may end or hang."""
    trace.seek(0)
    trace.truncate()
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        try:
            faulthandler.enable(trace)
            faulthandler.register(signal.SIGXCPU, trace, chain=True)
            found = _limited(module, state, seed)
            os.write(writing, json.dumps([found[0], found[1][:1000]]).encode())
        finally:
            os._exit(0)
    os.close(writing)
    answered = bool(select.select([reading], [], [], WAITING)[0])
    if not answered:
        os.kill(process, signal.SIGKILL)
    text = os.read(reading, 1 << 16)
    os.close(reading)
    _, status = os.waitpid(process, 0)
    if not answered:
        return "hang", f"it waits for more than {WAITING} s"
    if text:
        outcome, detail = json.loads(text)
        return outcome, detail
    trace.seek(0)
    frames = _FRAME.findall(trace.read())[:INNERMOST]
    how = os.waitstatus_to_exitcode(status)
    where = ", ".join(frames[0]) if frames else "an unknown place"
    in_hdf5 = how < 0 and any("h5py" in Path(file).parts for file, _ in frames)
    ended = "hang" if how == -signal.SIGXCPU else "crash"
    return "hdf5" if in_hdf5 else ended, f"exit status {how} in {where}"


def _limited(module: Any, state: Any, seed: int) -> tuple[str, str]:
    """What came of one file, within limits of time and memory."""
    limit = psutil.Process().memory_info().vms + BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    begun = time.process_time()

    def stop(*_: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    # Native code that does not come back does not see that.
    resource.setrlimit(resource.RLIMIT_CPU, (int(begun) + SECONDS + 5, -1))
    try:
        outcome, detail = module.attempt(state, seed)
        # Libraries give it as an error of another kind.
        if outcome != "right" and _NO_MEMORY.search(detail.lower()):
            outcome = "memory"
        elif outcome != "right" and _NO_HDF5_MEMORY.search(detail.lower()):
            outcome = "hdf5"
    except MemoryError as error:
        outcome, detail = "memory", str(error)
    except TooSlow:
        outcome, detail = "hang", f"more than {SECONDS} s"
    except Exception as error:
        outcome, detail = "foreign", f"{type(error).__name__}: {error}"
    signal.setitimer(signal.ITIMER_PROF, 0)
    if time.process_time() - begun > SECONDS:  # the alarm was caught as an error of a library
        outcome = "hang"
    return outcome, detail


if __name__ == "__main__":
    main(sys.argv[1:])
