"""The page of the documentation on runs that were ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kills import Counts

HEAD = """\
# Runs that are ended

`make faults` ends short runs at seeded, random moments (`tests/faults/kills.py`), looks at what is
left, and runs the same command again. What must hold: the earlier results are whole, or the new
ones are, and never neither; one Ctrl-C and SIGTERM leave no temporary files; no library's traceback
is printed, and the exit status is 143 after SIGTERM and 130 after Ctrl-C (0 where Ctrl-C ended the
training early, or all was done); the next run ends with the same bits as one that nothing ended,
from the checkpoint where there was one, and removes what a dead run has left. This page is written
by that command.
"""
TAIL = """\
On disks that cannot exchange two folders in one step the earlier run is hidden between two renames,
and the next run brings it back. Before Python has loaded scinno at all, in the first tenth of a
second, Ctrl-C ends Python as it ends any program of Python.
"""


def page(results: dict[str, Counts], renames: Counts) -> str:
    """The page with these counts."""
    from kills import FOUND, STATUS, WORLDS

    names = {key: words for key, (_, words) in WORLDS.items()}
    lines = [HEAD, "| run | signal | times | " + " | ".join(FOUND.values()) + " |"]
    lines.append("|---|---|--:|" + "--:|" * len(FOUND))
    for world, counts in results.items():
        for signal in (name for name in STATUS if name in counts.found):
            found = counts.found[signal]
            numbers = [found.total(), *(found[name] for name in FOUND)]
            lines.append(f"| {names[world]} | {signal} | " + " | ".join(map(str, numbers)) + " |")
    lines += ["", "| run | ended | resumed to the same bits | run anew to the same bits | bad |",
              "|---|--:|--:|--:|--:|"]  # fmt: skip
    for name, counts in (*((names[w], c) for w, c in results.items()),
                         ("killed before and after each rename", renames)):  # fmt: skip
        numbers = [counts.tried, counts.resumed["resumed"], counts.resumed["anew"], len(counts.bad)]
        lines.append(f"| {name} | " + " | ".join(map(str, numbers)) + " |")
    hidden = renames.found.get("SIGKILL", {}).get("hidden", 0)
    lines += ["", f"Of the kills around renames {hidden} hid the earlier run. " + TAIL]
    return "\n".join(lines)
