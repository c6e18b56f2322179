"""Every public function and command with each wrong value for each of its arguments.

    python tests/faults/arguments.py [NAME …] [--page docs/development/arguments.md]

Ends with 1 if a call ended in a foreign error, took too long, or gave a result that is not sound.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import calls
import options
from calls import Call, ForeignError, judge
from forked import SET, cells, program
from values import MATRICES, PLAIN

SECONDS = 20
# A network of these widths needs gigabytes, which is no mistake.
LARGE = ("n_hidden", "n_latent", "n_heads", "head_dim", "n_projection")
# Calls that take a second or more when nothing is wrong.
SLOW = ("write_report", "scinno report", "scinno cluster", "scinno choose-k", "scinno tree")


class TooSlow(BaseException):
    """The time of a call is over."""


def every_call(folder: Path) -> dict[str, Call]:
    """All functions and commands by their names."""
    path = cells(folder)
    with contextlib.suppress(SystemExit):
        program("cluster", path, "-k", 3, "-o", folder / "run", "-q", *SET)()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    commands = {f"scinno {name}": Call(options.program(folder, name), {}, also)
                for name, also in options.OPTIONS.items()}  # fmt: skip
    return calls.calls() | commands


def values_for(name: str, argument: str) -> dict[str, Any]:
    """What is put in the place of an argument, by how it is called."""
    if name.startswith("scinno "):
        return {repr(text)[:60]: text for text in options.TEXTS}
    found = {f"{place}: {value!r:.60}": value for place, value in enumerate(PLAIN)}
    if argument in LARGE:
        found = {key: v for key, v in found.items() if not isinstance(v, int) or v < 10**6}
    return found | (MATRICES if argument in calls.MATRIX_ARGUMENTS else {})


def arguments_of(name: str, call: Call) -> list[str]:
    """Its arguments, without those that only make it slow."""
    return [one for one in call.varied if name == "Settings" or one not in calls.ENDLESS]


def tried(name: str, call: Call) -> tuple[Counter[str], list[str]]:
    """What came of each value for each argument of a call, and what was bad."""
    outcomes: Counter[str] = Counter()
    bad = []
    for argument in arguments_of(name, call):
        for what, value in values_for(name, argument).items():
            signal.alarm(SECONDS)
            try:
                outcome = judge(call, {argument: value})
            except (ForeignError, TooSlow) as error:
                outcome = "bad"
                bad.append(f"{name}, {argument}, {what}: {type(error).__name__} {error}")
            signal.alarm(0)
            outcomes[outcome] += 1
    return outcomes, bad


HEAD = """\
# Wrong arguments

`make faults` calls every public function and command with each of some 80 wrong or odd values, and
where a matrix is wanted with each of some 80 odd matrices, in the place of each argument
(`tests/faults/arguments.py`). Each call must give a sound result, with finite numbers, or one of
scinno's own sentences. This page is written by that command.

| call | tried | a sentence | a sound result | anything else |
|---|--:|--:|--:|--:|
"""


def main() -> int:
    import matplotlib as mpl

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="which calls; all by default")
    parser.add_argument("--page", type=Path, help="where to write the page with the counts")
    given = parser.parse_args()
    page = given.page.resolve() if given.page else None
    mpl.use("Agg")
    warnings.simplefilter("ignore")
    logging.disable()

    def stop(*_: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGALRM, stop)
    rows, all_bad = [], []
    with tempfile.TemporaryDirectory() as made:
        os.chdir(made)  # some values are names of files
        for name, call in every_call(Path(made)).items():
            if given.names and name not in given.names:
                continue
            found, bad = tried(name, call)
            numbers = [found.total(), found["refused"], found["right"], found["bad"]]
            rows.append(f"| {name} | " + " | ".join(f"{n:,}" for n in numbers) + " |")
            print(rows[-1], *bad, sep="\n", flush=True)
            all_bad += bad
        os.chdir("/")
    if page:
        page.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return int(bool(all_bad))


if __name__ == "__main__":
    sys.exit(main())
