"""Changed files of every kind that scinno reads, and what became of them.

    python tests/faults/faults.py [--scale SHARE] [--page docs/development/faults.md]

Ends with 1 if any of them crashed, hung, ran into memory, ended in a foreign error or was accepted
with another content.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
# What may come of a file: the first two are good.
OUTCOMES = {
    "refused": "refused with a sentence",
    "right": "accepted and right",
    "wrong": "accepted and wrong",
    "foreign": "error from inside",
    "memory": "out of memory",
    "hang": "too slow",
    "crash": "process ended",
}
GOOD = ("refused", "right")
# How many of each kind are tried, and what they are called.
KINDS = {
    "models": (2400, "model files"),
    "h5": (2500, "files of cells, .h5ad and 10x .h5"),
}
# HDF5 follows its own structures before scinno sees anything, and some broken ones end the process
# inside libhdf5. This is counted, and is out of reach as long as h5py reads in this process.
OUT_OF_REACH = {("h5", change) for change in ("bytes", "one bit", "pieces")}
# Files for one child: a fresh process now and then.
AT_ONCE = 600


@dataclass
class Counts:
    """What came of the files of one kind, and what is bad among it."""

    kind: str = ""
    outcomes: Counter[str] = field(default_factory=Counter)
    by_change: dict[str, Counter[str]] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)

    def add(self, seed: int, change: str, outcome: str, detail: str) -> None:
        self.outcomes[outcome] += 1
        self.by_change.setdefault(change or "(unknown)", Counter())[outcome] += 1
        reach = outcome not in ("crash", "memory") or (self.kind, change) not in OUT_OF_REACH
        if outcome not in GOOD and reach:
            self.bad.append(f"{seed} ({change}): {outcome}: {detail}")


def tried(kind: str, first: int, last: int) -> Counts:
    """The changed files of the seeds from ``first`` to before ``last``, in child processes."""
    counts = Counts(kind)
    while first < last:
        first = _one_child(kind, first, min(first + AT_ONCE, last), counts)
    return counts


def _one_child(kind: str, first: int, last: int, counts: Counts) -> int:
    """Try what one child lives to see; the seed at which the next one goes on."""
    command = [sys.executable, str(HERE / "child.py"), kind, str(first), str(last)]
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    begun, change, ended = None, "", first - 1
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        for text in child.stdout:
            try:
                line = json.loads(text)
            except ValueError:  # what a library prints
                continue
            if "begin" in line:
                begun, change = line["begin"], line["change"]
            else:
                ended = line["end"]
                counts.add(ended, line["change"], line["outcome"], line["detail"])
        said = child.stderr.read()
    if begun is None:
        raise RuntimeError(f"the child for {kind} did not begin:\n{said}")
    if ended < begun:
        counts.add(begun, change, "crash", f"exit status {child.returncode}")
    return begun + 1


def page(results: dict[str, Counts]) -> str:
    """The page of the documentation with these counts."""
    lines = [
        "# Broken files",
        "",
        "`make faults` changes files that scinno reads in seeded, random ways: bytes, pieces,",
        "values, arrays, with the checksum left as it was or made anew. Each changed file is",
        "read in a child process with limits of time and memory (`tests/faults`). It must be",
        "refused with one of scinno's own sentences, or be right: with its checksum left alone",
        "to the bit what was saved, otherwise a sound model that gives finite results and can",
        "be saved again. This page is written by that command.",
        "",
        "| files | tried | " + " | ".join(OUTCOMES.values()) + " |",
        "|---|" + "--:|" * (len(OUTCOMES) + 1),
    ]
    for kind, counts in results.items():
        numbers = [counts.outcomes.total(), *(counts.outcomes[name] for name in OUTCOMES)]
        lines.append(f"| {KINDS[kind][1]} | " + " | ".join(f"{n:,}" for n in numbers) + " |")
    for kind, counts in results.items():
        lines += ["", f"## {KINDS[kind][1].capitalize()}, by what was changed", ""]
        lines += ["| change | tried | refused | accepted and right | anything else |",
                  "|---|--:|--:|--:|--:|"]  # fmt: skip
        for change, found in counts.by_change.items():
            rest = found.total() - found["refused"] - found["right"]
            numbers = [found.total(), found["refused"], found["right"], rest]
            lines.append(f"| {change} | " + " | ".join(map(str, numbers)) + " |")
    return "\n".join([*lines, "", NOTES, *([HDF5] if "h5" in results else [])])


NOTES = """\
A model file without a checksum (0.1.0, and format 2 until 0.99.1) is read by the schema alone, with
a note at level INFO: changed digits among its weights cannot be noticed. Whoever makes a checksum
anew can write any sound model: it guards against damage, not against forgers.
"""


HDF5 = """\
Random bytes within an HDF5 file also hit the structures of HDF5 itself, which libhdf5 follows
before scinno sees anything: some of these end the process inside h5py. They are counted above, and
cannot be prevented as long as a file is read in scinno's own process: read files of others in a
container.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=list(KINDS), help="which files; all by default")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual number")
    parser.add_argument("--page", type=Path, help="where to write the page with the counts")
    options = parser.parse_args()
    results = {kind: tried(kind, 0, int(KINDS[kind][0] * options.scale)) for kind in options.kinds}
    for kind, counts in results.items():
        print(kind, dict(counts.outcomes))
        print(*counts.bad, sep="\n")
    if options.page:
        options.page.write_text(page(results), encoding="utf-8")
    return int(any(counts.bad for counts in results.values()))


if __name__ == "__main__":
    sys.exit(main())
