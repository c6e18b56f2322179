"""The page of the documentation on broken files, with the counts of a whole run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kinds import KINDS

# What may come of a file: the first three are good, and what is wanted of all.
OUTCOMES = {
    "refused": "refused with a sentence",
    "right": "accepted, equal to the original",
    "sound": "accepted, another sound file",
    "wrong": "accepted and wrong",
    "foreign": "error from inside",
    "memory": "out of memory",
    "hang": "too slow",
    "crash": "process ended",
    "hdf5": "ended inside libhdf5",
}

HEAD = """\
# Broken files

`make faults` changes files that scinno reads in seeded, random ways: bytes, pieces, values, arrays,
lines, attributes, with the checksum left as it was or made anew. Each changed file is read in a
process of its own with limits of time (10 s of the processor) and memory (1 GiB more than before),
see `tests/faults`. It must be

- refused with one of scinno's own sentences, or
- accepted and *equal to the original*: for models, checkpoints and packed files, which have a
  checksum, to the bit; for cells all names and values; or
- accepted as *another sound file*, which the change has made of it: a digit of a table, a value in
  an array, or a name is another one, and nothing in the file can tell. Then names must be text,
  those of genes differ, each name have its row or column, all values be finite and not negative,
  and cells read in blocks be the same as in memory. A model must give finite memberships, and be
  the same after it is saved again; a checkpoint a fit with finite results; a run or a benchmark all
  that pages, pictures and tables take of it.

Anything else is counted as a fault, and the command fails. This page is written by that command.
"""

NOTES = """\

## What this cannot find

A model file without a checksum (0.1.0, and format 2 until 0.99.1) is read by the schema alone, with
a note at level INFO: changed digits among its weights cannot be noticed. Whoever makes a checksum
anew can write any sound model: it guards against damage, not against forgers.

Files of cells have no checksum, unless they are packed as a whole (`.gz`, `.bz2`, `.xz`, `.zip`):
keep that of the place where you downloaded them. A text file that ends early, at the end of a line,
is a table with fewer cells.

Random bytes within an HDF5 file also hit the structures of HDF5 itself, which libhdf5 follows
before scinno sees anything. Some of these end the process inside libhdf5, by a signal, or keep it
busy without end; the length of a text, of which one data set may claim 4 GiB, is allocated before
it is compared with what is stored. These are the last column. They are counted there only if
Python's fault handler finds h5py among the four innermost frames, or libhdf5 itself says so, and
allowed only for changed bytes, not for changed data sets, attributes, groups and links, whose
sizes scinno compares with the file first. They are out of reach as long as a file is read in
scinno's own process. A process for each reading would cost seconds of imports and a copy of all
values, for every user of sound files: so read HDF5 files that strangers give you in a container,
or let them send text or MatrixMarket files, which nothing but Python, pandas and SciPy reads.

A chunk of texts in a zarr, which has no checksum either, may claim any number of them, and
numcodecs allocates as many. Where there is not so much memory, the file is refused as damaged;
where there is, only after it was taken.

`.npy`, `.npz` and `.parquet` files are not read, and refused by name.
"""


def page(results: Mapping[str, Any]) -> str:
    """The text, from the `Counts` of each kind."""
    lines = [
        HEAD,
        "| files | tried | " + " | ".join(OUTCOMES.values()) + " |",
        "|---|" + "--:|" * (len(OUTCOMES) + 1),
    ]
    for kind, counts in results.items():
        lines.append(_row(KINDS[kind].title, counts.outcomes))
    for kind, counts in results.items():
        lines += ["", f"## Changes of {KINDS[kind].title}", ""]
        lines += ["| change | tried | " + " | ".join(list(OUTCOMES.values())[:3])
                  + " | anything else |", "|---|--:|--:|--:|--:|--:|"]  # fmt: skip
        for change, found in counts.by_change.items():
            good = [found[name] for name in list(OUTCOMES)[:3]]
            numbers = [found.total(), *good, found.total() - sum(good)]
            lines.append(f"| {change} | " + " | ".join(f"{n:,}" for n in numbers) + " |")
    return "\n".join(lines) + "\n" + NOTES


def _row(title: str, found: Any) -> str:
    numbers = [found.total(), *(found[name] for name in OUTCOMES)]
    return f"| {title} | " + " | ".join(f"{n:,}" for n in numbers) + " |"
