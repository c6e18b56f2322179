"""Run methods on sets; each run leaves one file."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from scinno._clusters.agreement import agreement
from scinno._runtime import atomic
from scinno.bench._execute._batches.cases import cases_of
from scinno.bench._execute._batches.embedding import read_embedding, save_embedding, scib_scores
from scinno.bench._execute._batches.scores import batch_scores
from scinno.bench._execute._domains.tissues import tissues_of
from scinno.bench._execute.machine import environment, machine, versions
from scinno.bench._execute.methods import BATCHES, DOMAINS, GIVEN, TYPES
from scinno.bench._execute.plan import Plan, Task, check_task, same_benchmark
from scinno.bench._execute.process import ProcessResult, run_limited
from scinno.bench._execute.run_lock import run_lock
from scinno.bench._execute.scores import score
from scinno.bench._execute.sets import LabeledSet, find_files, prepare
from scinno.bench._execute.stored import DONE, FAILED, LEFT_OUT, read_run


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
    check_task(plan)
    files = find_files(plan.sets)
    (plan.out / "runs").mkdir(parents=True, exist_ok=True)
    (plan.out / "labels").mkdir(exist_ok=True)
    same_benchmark(plan)
    sets = _sets(plan, files, progress)
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


def _sets(plan: Plan, files: Sequence[Path], progress: Callable[[str], None]) -> list[LabeledSet]:
    if plan.task == BATCHES:
        return cases_of(
            files, plan.label_key, plan.batch_key, plan.kind, plan.out, plan.doublets, progress
        )
    if plan.task == DOMAINS:
        return tissues_of(
            files, plan.label_key, plan.spatial_key, plan.library_key, plan.kind, plan.out,
            plan.doublets, progress,
        )  # fmt: skip
    sets = []
    for file in files:
        progress(f"checking {file.name}")
        sets.append(prepare(file, plan.label_key, plan.kind, plan.out, plan.doublets))
    return sets


def _tasks(plan: Plan, sets: Sequence[LabeledSet]) -> Iterator[Task]:
    """Seeds outermost, so that an interrupted benchmark has runs of every method and set."""
    installed = [method for method in plan.methods if method.missing() is None]
    for seed in range(plan.seeds):
        for data in sets:
            for method in installed:
                for mode in plan.modes:
                    if mode in method.k and (seed == 0 or method.random):
                        yield Task(data, method, mode, seed)


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
        **({"task": plan.task} if plan.task != TYPES else {}),
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
        points = None
        if labels is not None and data.batch is not None:
            try:
                points = read_embedding(folder / "embedding.f4", data.order)
            except ValueError as error:
                labels, reason = None, str(error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if labels is None:
        return record | {"status": FAILED, "reason": reason}
    labels[data.order] = labels.copy()
    _save_labels(plan.out / "labels" / f"{task.key}.npz", labels)
    scores = _scores(task, plan, labels, points, record)
    found = len(np.unique(labels))
    return record | {"status": DONE, "reason": None, "k_found": found, "scores": scores}


def _scores(
    task: Task, plan: Plan, labels: np.ndarray, points: np.ndarray | None, record: dict[str, Any]
) -> dict[str, float | None]:
    """Scores of the task; what scored an embedding is noted in the record."""
    data = task.data
    if plan.task == DOMAINS:
        return {**agreement(data.truth, labels)}
    if data.batch is None:
        return score(data.truth, labels, data.points)
    scores = batch_scores(data.truth, data.batch, labels, data.guard)
    if points is not None:
        if task.seed == 0:
            save_embedding(plan.out / "embeddings" / f"{task.key}.npz", points)
        more, by = scib_scores(points, data.truth, data.batch, plan.threads, plan.time_limit)
        scores |= more
        record["about"]["scib-metrics"] = by
    return scores


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
