"""Changed files of every kind that scinno reads, and what became of them.

    python tests/faults/faults.py [KIND ...] [--scale SHARE] [--page docs/development/faults.md]

Ends with 1 if any of them crashed, hung, ran into memory, ended in a foreign error or was accepted
with a wrong content.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faults_page import page
from kinds import KINDS

HERE = Path(__file__).resolve().parent
GOOD = ("refused", "right", "sound")
# HDF5 follows its own structures before scinno sees anything, and some broken ones end the process
# inside libhdf5. This is counted, and out of reach as long as h5py reads in this process; a changed
# part of a file whose structures are sound is not excused.
OUT_OF_REACH = ("bytes", "one bit", "truncated", "pieces", "noise")
# Files for one child, which imports all once and reads each file in a fork.
AT_ONCE = 500
# A kind, and its seeds from the first to before the last.
Part = tuple[str, int, int]


@dataclass
class Counts:
    """What came of the files of one kind, and what is bad among it."""

    kind: str = ""
    outcomes: Counter[str] = field(default_factory=Counter)
    by_change: dict[str, Counter[str]] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)

    def add(self, seed: int, change: str, outcome: str, detail: str) -> None:
        self.outcomes[outcome] += 1
        self.by_change.setdefault(change, Counter())[outcome] += 1
        excused = outcome == "hdf5" and change in OUT_OF_REACH
        if outcome not in GOOD and not excused:
            self.bad.append(f"{self.kind} {seed} ({change}): {outcome}: {detail}")


def tried(numbers: Mapping[str, int]) -> dict[str, Counts]:
    """So many changed files of each kind, in child processes: one for each processor at a time."""
    results = {kind: Counts(kind) for kind in numbers}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for lines in pool.map(_child, _jobs(numbers)):
            for line in lines:
                counts = results[line["kind"]]
                counts.add(line["seed"], line["change"], line["outcome"], line["detail"])
    return results


def _jobs(numbers: Mapping[str, int]) -> list[list[Part]]:
    """What each child tries: as many files as it may, of several kinds where these are few."""
    jobs: list[list[Part]] = []
    free = 0
    for kind, n in numbers.items():
        for first in range(0, n, AT_ONCE):
            last = min(first + AT_ONCE, n)
            if free < last - first:
                jobs.append([])
                free = AT_ONCE
            jobs[-1].append((kind, first, last))
            free -= last - first
    return jobs


def _child(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """What a child says of each file."""
    words = [str(word) for part in parts for word in part]
    command = [sys.executable, str(HERE / "child.py"), *words]
    n = sum(last - first for _, first, last in parts)
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or len(lines) != n:
        raise RuntimeError(
            f"the child for {parts} ended with {done.returncode} after {len(lines)} of {n} files:"
            f"\n{done.stderr}"
        )
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=list(KINDS), help="which files; all by default")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual number")
    parser.add_argument("--page", type=Path, help="where to write the page with the counts")
    options = parser.parse_args()
    results = tried({kind: int(KINDS[kind].n * options.scale) for kind in options.kinds})
    for kind, counts in results.items():
        print(f"{kind}: {dict(counts.outcomes)}")
        print(*counts.bad, sep="\n", flush=True)
    if options.page:
        options.page.write_text(page(results), encoding="utf-8")
    return int(any(counts.bad for counts in results.values()))


if __name__ == "__main__":
    sys.exit(main())
