"""Tries changed files one after the other, in a process of its own with limits.

    python child.py KIND FIRST LAST

One line of JSON before each (its number), and one after it (what came of it), so that the parent
knows which of them ended this process.
"""

from __future__ import annotations

import importlib
import json
import logging
import resource
import signal
import sys
import warnings

import psutil

# For one file: seconds, and bytes beyond what the process has when it starts.
SECONDS = 20
BYTES = 2**30


class TooSlow(BaseException):
    """The time of a file is over."""


def main(kind: str, first: int, last: int) -> None:
    warnings.simplefilter("ignore")
    logging.disable()
    module = importlib.import_module(kind)
    state = module.prepare()
    # Threads and kernels are loaded at first use.
    module.attempt(state, 0)
    limit = psutil.Process().memory_info().vms + BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    def stop(*_: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGALRM, stop)
    for seed in range(first, last):
        change = module.change_of(state, seed)
        print(json.dumps({"begin": seed, "change": change}), flush=True)
        signal.alarm(SECONDS)
        try:
            _, outcome, detail = module.attempt(state, seed)
        except MemoryError as error:
            outcome, detail = "memory", str(error)
        except TooSlow:
            outcome, detail = "hang", f"more than {SECONDS} s"
        except Exception as error:
            outcome, detail = "foreign", f"{type(error).__name__}: {error}"
        signal.alarm(0)
        line = {"end": seed, "change": change, "outcome": outcome, "detail": detail[:300]}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
