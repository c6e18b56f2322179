"""Files in the folder of a benchmark, checked when they are read: one schema for each."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from scinno._runtime.json import (
    Schema,
    is_flag,
    is_number,
    is_object,
    is_size,
    is_text,
    is_whole,
    one_of,
    or_none,
    problem,
    read_json,
)
from scinno._runtime.validate import checked
from scinno.bench._execute._batches.scores import BATCH_SCORES, GUARD_SCORES
from scinno.bench._execute.methods import TASKS
from scinno.bench._execute.scores import SCORES

# Raise when the meaning of what is written changes.
FORMAT = 1
DONE, FAILED, LEFT_OUT = "done", "failed", "left out"

_SCORES: Schema = {f"{name}?": or_none(is_number) for name in SCORES | BATCH_SCORES | GUARD_SCORES}
# The type that a case lacks in a batch, how many cells that is, and the whole set.
_LACKS: Schema = {"set": is_text, "type": is_text, "batch": is_text, "cells": is_size}
_MACHINE: Schema = {
    "processor": is_text, "cores": or_none(is_number), "memory_gb": or_none(is_number),
}  # fmt: skip
_VERSIONS: Schema = {"scinno code": is_text}
_RUN: dict[str, Schema] = {
    "set": is_text,
    "method": is_text,
    "k_mode": one_of("given", "unknown"),
    "seed": is_whole,
    "cells": is_size,
    "k_true": is_size,
    "date": is_text,
    "status": one_of(DONE, FAILED, LEFT_OUT),
    "reason": or_none(is_text),
    "seconds?": is_number,
    "wall_seconds?": is_number,
    "peak_memory?": or_none(is_number),
    "about?": is_object,
    # Without it: of the task "types", which was the only one.
    "task?": one_of(*TASKS),
}
# Of one that is done.
_DONE: Schema = {"k_found": is_size, "scores": _SCORES}
_OWN_RUN: Schema = _RUN | {"sha": is_text, "machine": _MACHINE, "versions": _VERSIONS}
_REPORT: dict[str, Schema] = {
    "values": is_text,
    **dict.fromkeys(("cells", "genes", "types", "smallest_type", "largest_type"), is_size),
    **dict.fromkeys(("zeros", "genes_per_cell"), is_number),
    **dict.fromkeys(
        ("counts_per_cell", "counts_lowest", "counts_highest", "mitochondrial_share",
         "doublet_share", "batches", "batch_mix"), or_none(is_number),
    ),
    # Of the task "batches".
    "batch_sizes?": lambda value: (
        is_object(value) and all(is_text(name) and is_size(n) for name, n in value.items())
    ),
    "lacks?": _LACKS,
    # Of the task "domains".
    "slices?": is_size,
}  # fmt: skip
_BENCHMARK: dict[str, Schema] = {
    "format": is_size,
    "label_key": is_text,
    "input": is_text,
    "settings": is_object,
    "threads": is_size,
    # Of other tasks than "types".
    "task?": one_of(*TASKS),
    "batch_key?": is_text,
    "spatial_key?": is_text,
    "library_key?": or_none(is_text),
}
_ABOUT: Schema = _BENCHMARK | {
    "made": is_text, "machine": _MACHINE, "machines": is_whole, "versions": _VERSIONS,
    "defaults": is_object,
}  # fmt: skip
_METHOD: Schema = {
    "key": is_text, "name": is_text, "group": is_text, "k": [one_of("given", "unknown")],
    "get": is_text, "notes": is_text, "missing": or_none(is_text), "random?": is_flag,
}  # fmt: skip
_RESULTS: Schema = {
    "format": is_size,
    "about": _ABOUT,
    "sets": [_REPORT | {"name": is_text, "sha256": is_text}],
    "methods": [_METHOD],
    "environments": [{"machine": _MACHINE, "versions": _VERSIONS}],
    "runs": [_RUN | {"environment": is_whole}],
}


def read_run(path: Path) -> dict[str, Any]:
    """A finished run, ``runs/KEY.json``.

    Raises
    ------
    ValueError
        It is none, or damaged.
    """
    what = "a run of a scinno benchmark"
    record = dict(read_json(path, what, _OWN_RUN))
    if wrong := _run_problem(record):
        raise ValueError(f"{path} is not {what}, or damaged: {wrong}; remove it to repeat the run")
    return record


def read_benchmark(path: Path) -> dict[str, Any]:
    """What all runs of a folder have in common, ``benchmark.json``; errors as `read_run`."""
    return dict(read_json(path, "the benchmark.json of a scinno benchmark", _BENCHMARK))


def read_report(path: Path) -> dict[str, Any]:
    """The quality report of a set, ``sets/….json``; errors as `read_run`."""
    return dict(read_json(path, "a quality report of a scinno benchmark", _REPORT))


@checked
def read_results(path: Path) -> dict[str, Any]:
    """A stored ``results.json``.

    Raises
    ------
    ValueError
        The file is not one, is damaged, or was written by a later version.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path {path}: there is no such file")
    what = "a results.json of a scinno benchmark"
    version = read_json(path, what, {"format": is_size})["format"]
    if version > FORMAT:
        raise ValueError(f"{path} has format {version}, and this scinno reads up to {FORMAT}")
    results = dict(read_json(path, what, _RESULTS))
    if wrong := results_problem(results):
        raise ValueError(f"{path} is not {what}, or damaged: {wrong}")
    return results


def results_problem(results: Any) -> str:
    """What is wrong with results of `scinno.bench.collect`; "" if nothing is."""
    if wrong := problem(results, _RESULTS):
        return wrong
    n = len(results["environments"])
    for record in results["runs"]:
        if record["environment"] >= n:
            return f"'environment' is {record['environment']}, and there are {n}"
        if wrong := _run_problem(record):
            return wrong
    for name, key in (("sets", "name"), ("methods", "key")):
        names = [one[key] for one in results[name]]
        if len(set(names)) < len(names):
            return f"{name!r} hold one twice"
    for name, key in (("set", "name"), ("method", "key")):
        known = {one[key] for one in results[f"{name}s"]}
        if other := next((r[name] for r in results["runs"] if r[name] not in known), None):
            return f"{name} {other[:60]!a} of a run is not among its {name}s"
    return ""


def _run_problem(record: dict[str, Any]) -> str:
    return problem(record, _DONE) if record["status"] == DONE else ""


def read_labels(path: Path, n_cells: int) -> np.ndarray:
    """Labels of a run, ``labels/KEY.npz``, int32 (cells,).

    Raises
    ------
    ValueError
        They are none, damaged, or of another number of cells.
    """
    wrong = f"{path} holds no labels of {n_cells} cells, or is damaged; remove it and its run"
    try:
        # Sizes are looked at before anything of them is allocated.
        with zipfile.ZipFile(path) as archive, archive.open("labels.npy") as member:
            _check_header(member, (n_cells,), "i")
        labels = np.load(path)["labels"]
    except FileNotFoundError:
        raise
    except Exception as error:  # zipfile and zlib have errors of many kinds
        raise ValueError(wrong) from error
    return np.asarray(labels)


def read_points(path: Path, n_cells: int) -> np.ndarray:
    """Principal components of a set, ``sets/….npy``, float32 (cells, axes).

    Raises
    ------
    ValueError
        They are none, damaged, or of another number of cells.
    """
    try:
        with path.open("rb") as file:
            shape = _check_header(file, (n_cells, None), "f")
            if path.stat().st_size != file.tell() + 4 * n_cells * shape[1]:
                raise ValueError("another size")
        points = np.load(path)
        if not np.isfinite(points).all():
            raise ValueError("not finite")
    except FileNotFoundError:
        raise
    except Exception as error:  # NumPy's header is a Python literal, with errors of its own
        raise ValueError(
            f"{path} holds no components of {n_cells} cells, or is damaged; remove it"
        ) from error
    return np.asarray(points)


def _check_header(file: Any, shape: tuple[int | None, ...], kind: str) -> tuple[int, ...]:
    """Shape in the header of an open .npy file, compared with what is expected (ValueError)."""
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ValueError("another version")
    found, _, dtype = np.lib.format.read_array_header_1_0(file)
    fits = len(found) == len(shape) and all(
        want in (None, have) for want, have in zip(shape, found, strict=True)
    )
    if not fits or dtype != np.dtype(f"<{kind}4"):
        raise ValueError("another shape or kind")
    return tuple(int(side) for side in found)
