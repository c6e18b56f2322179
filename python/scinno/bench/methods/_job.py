"""Start and end of every Python method: read the cells, write the labels.

Imports nothing of scinno (NumPy and SciPy, Python 3.8 or later), because a peer may run in another
Python. Arguments: folder of the inputs, folder for the outputs, K or 0, seed, kind, settings.
In the task "batches" the inputs hold the batch of each cell, and the embedding is written, too; in
the task "domains" they hold the place and the slice of each cell.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp


class Job(NamedTuple):
    """Inputs of a method.

    ``k`` is None where it is unknown, ``batch`` but in the task "batches", ``coordinates`` (cells ×
    2 or 3) and ``slices`` (numbers from 0) but in the task "domains".
    """

    matrix: sp.csr_matrix
    genes: list[str]
    out: str
    k: int | None
    seed: int
    kind: str
    settings: dict[str, Any]
    batch: np.ndarray | None = None
    coordinates: np.ndarray | None = None
    slices: np.ndarray | None = None


def read() -> Job:
    """All inputs of a method; they contain no labels."""
    inputs, out, k, seed, kind, settings = sys.argv[1:7]
    with open(os.path.join(inputs, "genes.txt"), encoding="utf-8") as file:
        genes = file.read().splitlines()
    parts = [
        np.fromfile(os.path.join(inputs, name), dtype)
        for name, dtype in (("values.f8", "<f8"), ("genes.i4", "<i4"), ("starts.i4", "<i4"))
    ]
    matrix = sp.csr_matrix(tuple(parts), shape=(len(parts[2]) - 1, len(genes)))
    batch, coordinates, slices = (
        np.fromfile(path, f"<{name[-2:]}")
        if os.path.exists(path := os.path.join(inputs, name))
        else None
        for name in ("batches.i4", "coordinates.f8", "slices.i4")
    )
    if coordinates is not None:
        coordinates = coordinates.reshape(matrix.shape[0], -1)
    return Job(
        matrix, genes, out, int(k) or None, int(seed), kind, json.loads(settings), batch,
        coordinates, slices,
    )  # fmt: skip


def whole_counts(job: Job) -> np.ndarray:
    """Dense integers: the counts, or log values transformed back and rounded up."""
    values = job.matrix.toarray()
    return np.ceil(np.expm1(values) if job.kind == "log" else values).astype(np.int64)


def finish(
    job: Job, labels: Any, start: float, embedding: np.ndarray | None = None, **about: Any
) -> None:
    """Write one label per cell, and the seconds since ``start`` (time.perf_counter).

    The embedding (cells × axes), in which neighbors of a cell are looked for, is written in the
    task "batches" only.
    """
    about["seconds"] = time.perf_counter() - start
    about["memory"] = _peak_memory()
    if job.batch is not None and embedding is not None:
        np.asarray(embedding, "<f4").tofile(os.path.join(job.out, "embedding.f4"))
    with open(os.path.join(job.out, "about.txt"), "w", encoding="utf-8") as file:
        file.writelines(f"{name}\t{value}\n" for name, value in about.items())
    with open(os.path.join(job.out, "labels.txt"), "w", encoding="utf-8") as file:
        file.writelines(f"{label}\n" for label in np.asarray(labels).tolist())


def _peak_memory() -> int:
    try:
        with open("/proc/self/status") as file:
            line = next(line for line in file if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration):
        return 0
