"""Run methods on sets; each run leaves one file."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from scinno._runtime import atomic
from scinno.bench._execute.machine import environment, machine, versions
from scinno.bench._execute.methods import GIVEN, UNKNOWN, Method
from scinno.bench._execute.process import ProcessResult, run_limited
from scinno.bench._execute.run_lock import run_lock
from scinno.bench._execute.scores import score
from scinno.bench._execute.sets import LabeledSet, find_files, prepare
from scinno.bench._execute.stored import (
    DONE,
    FAILED,
    FORMAT,
    LEFT_OUT,
    read_benchmark,
    read_run,
)


@dataclass(frozen=True)
class Plan:
    """Sets, methods and limits of a benchmark.

    Attributes
    ----------
    sets : sequence of Path
        .h5ad files and folders of them.
    methods : sequence of Method
    out : Path
        The benchmark's folder; runs that it holds are not repeated.
    seeds : int
        Runs of each method on each set: seeds 0, 1, 2 …
    modes : tuple of str
        "given", "unknown" or both.
    label_key, kind : str
        As in `scinno.bench._execute.sets.prepare`.
    time_limit, memory_limit : float, float or None
        Seconds and bytes for each run.
    threads : int
        For each run.
    settings : dict
        Settings of scinno, which override those of its methods.
    doublets : bool
        Look for doublets in the quality report.
    redo : sequence of str
        Methods whose runs are repeated; "failed" for all that failed.
    """

    sets: Sequence[Path]
    methods: Sequence[Method]
    out: Path
    seeds: int = 5
    modes: tuple[str, ...] = (GIVEN, UNKNOWN)
    label_key: str = "cell_type"
    kind: str = "auto"
    time_limit: float = 3600.0
    memory_limit: float | None = None
    threads: int = 1
    settings: dict[str, Any] = field(default_factory=dict)
    doublets: bool = False
    redo: Sequence[str] = ()


@dataclass(frozen=True)
class Task:
    """One run."""

    data: LabeledSet
    method: Method
    mode: str
    seed: int

    @property
    def key(self) -> str:
        return f"{self.data.name}__{self.method.key}__{self.mode}__{self.seed}"


def run(plan: Plan, progress: Callable[[str], None] = lambda line: None) -> int:
    """Do all runs that are not done yet; each writes ``runs/KEY.json`` and its labels.

    Any number of processes may do this in one folder at the same time: each run is done by one.
    After an interruption the same call resumes.

    Parameters
    ----------
    plan : Plan
    progress : callable, optional
        Gets each line on the progress.

    Returns
    -------
    int
        Runs that another process was doing.
    """
    files = find_files(plan.sets)
    (plan.out / "runs").mkdir(parents=True, exist_ok=True)
    (plan.out / "labels").mkdir(exist_ok=True)
    _same_benchmark(plan)
    sets = []
    for file in files:
        progress(f"checking {file.name}")
        sets.append(prepare(file, plan.label_key, plan.kind, plan.out, plan.doublets))
    tasks = list(_tasks(plan, sorted(sets, key=lambda one: (len(one.truth), one.name))))
    results = {task.key: plan.out / "runs" / f"{task.key}.json" for task in tasks}
    for task in tasks:
        _drop_old(results[task.key], task, plan.redo)
    todo = [task for task in tasks if not results[task.key].exists()]
    progress(f"{len(tasks) - len(todo)} of {len(tasks)} runs are done")
    n_locked = 0
    for place, task in enumerate(todo, 1):
        with run_lock(results[task.key]) as locked:
            if not locked:
                n_locked += not results[task.key].exists()
                continue
            record = _one(task, plan)
            atomic.write_file(results[task.key], json.dumps(record, indent=1).encode())
        progress(f"[{place}/{len(todo)}] {_line(record)}")
    return n_locked


def _tasks(plan: Plan, sets: Sequence[LabeledSet]) -> Iterator[Task]:
    """Seeds outermost, so that an interrupted benchmark has runs of every method and set."""
    installed = [method for method in plan.methods if method.missing() is None]
    for seed in range(plan.seeds):
        for data in sets:
            for method in installed:
                for mode in plan.modes:
                    if mode in method.k and (seed == 0 or method.random):
                        yield Task(data, method, mode, seed)


def _same_benchmark(plan: Plan) -> None:
    """Runs with different settings must not be in one table (ValueError)."""
    path = plan.out / "benchmark.json"
    settings = {"label_key": plan.label_key, "input": plan.kind, "settings": plan.settings}
    expected = {"format": FORMAT, **settings, "threads": plan.threads}
    if not path.exists():
        atomic.write_file(path, json.dumps(expected, indent=1).encode())
        return
    stored = read_benchmark(path)
    for name, value in expected.items():
        if stored.get(name) != value:
            raise ValueError(
                f"--out {plan.out} holds a benchmark with {name} = {stored.get(name)!r}, and this "
                f"one has {value!r}: choose another folder"
            )


def _drop_old(result: Path, task: Task, redo: Sequence[str]) -> None:
    if not result.exists():
        return
    record = read_run(result)
    failed = record["status"] == FAILED and "failed" in redo
    if record["sha"] != task.data.sha or failed or task.method.key in redo:
        result.unlink(missing_ok=True)


def _one(task: Task, plan: Plan) -> dict[str, Any]:
    """Run, score and describe one task."""
    data, method = task.data, task.method
    record: dict[str, Any] = {
        "set": data.name,
        "method": method.key,
        "k_mode": task.mode,
        "seed": task.seed,
        "sha": data.sha,
        "cells": len(data.truth),
        "k_true": data.k,
        "date": date.today().isoformat(),
        "machine": machine(),
        "versions": versions(),
    }
    if data.kind == "log" and not method.log_values:
        return record | {"status": LEFT_OUT, "reason": "needs counts; the set holds log values"}
    folder = Path(tempfile.mkdtemp(prefix="scinno-bench-"))
    command = _command(task, folder, plan)
    variables = environment(plan.threads, command[0]) | {"TMPDIR": str(folder)}
    log = folder / "log.txt"
    try:
        result = run_limited(command, folder, variables, log, plan.time_limit, plan.memory_limit)
        about = _about(folder / "about.txt")
        record |= {
            "wall_seconds": result.seconds,
            "seconds": float(about.pop("seconds", result.seconds)),
            "peak_memory": max(result.peak_memory or 0, int(about.pop("memory", 0))) or None,
            "about": about,
        }
        labels, reason = _labels(folder / "labels.txt", len(data.truth), result)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if labels is None:
        return record | {"status": FAILED, "reason": reason}
    labels[data.order] = labels.copy()
    _save_labels(plan.out / "labels" / f"{task.key}.npz", labels)
    scores = score(data.truth, labels, data.points)
    found = len(np.unique(labels))
    return record | {"status": DONE, "reason": None, "k_found": found, "scores": scores}


def _command(task: Task, folder: Path, plan: Plan) -> list[str]:
    method = task.method
    program = method.interpreter()
    assert program is not None
    k = task.data.k if task.mode == GIVEN else 0
    settings = plan.settings if method.group in ("scinno", "ablation") else {}
    return [
        program, str(method.script), str(task.data.inputs.resolve()), str(folder), str(k),
        str(task.seed), task.data.kind, json.dumps(settings),
    ]  # fmt: skip


def _about(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = (line.partition("\t") for line in path.read_text().splitlines())
    return {name: value for name, _, value in pairs}


def _labels(path: Path, cells: int, result: ProcessResult) -> tuple[np.ndarray | None, str | None]:
    """Labels as integers, or the reason why there are none."""
    if result.failure is not None:
        return None, result.failure
    if not path.exists():
        return None, "ended without writing labels.txt"
    lines = path.read_text().split("\n")[:-1]
    if len(lines) != cells:
        return None, f"gave {len(lines)} labels for {cells} cells"
    return np.unique(lines, return_inverse=True)[1].astype(np.int32), None


def _save_labels(path: Path, labels: np.ndarray) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, labels=labels)
    atomic.write_file(path, buffer.getvalue())


def _line(record: dict[str, Any]) -> str:
    name = f"{record['set']}, {record['method']}, K {record['k_mode']}, seed {record['seed']}: "
    if record["status"] != DONE:
        return name + f"{record['status']}: {record['reason']}"
    return name + (
        f"ARI {record['scores']['ARI']:.3f}, {record['k_found']} clusters, "
        f"{record['seconds']:.1f} s"
    )
