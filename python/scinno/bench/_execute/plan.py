"""What is to be run: sets, methods and limits; and one run of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scinno._runtime import atomic
from scinno.bench._execute.methods import (
    BATCHES,
    DOMAINS,
    GIVEN,
    TASK_WORDS,
    TASKS,
    TYPES,
    UNKNOWN,
    Method,
)
from scinno.bench._execute.sets import LabeledSet
from scinno.bench._execute.stored import FORMAT, read_benchmark


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
    task : {"types", "batches", "domains"}
        What is asked. In "batches" methods get the batch of each cell, and each set has a second
        case that lacks a type in one batch. In "domains" they get the place and the slice of each
        cell, and the labels are domains.
    batch_key : str
        Column of ``obs`` with the batches, for the task "batches".
    spatial_key : str
        Array of ``obsm`` with the places, for the task "domains".
    library_key : str, optional
        Column of ``obs`` with the slices, for that task; without it "batch" where a set has it.
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
    task: str = TYPES
    batch_key: str = "batch"
    spatial_key: str = "spatial"
    library_key: str | None = None


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


def check_task(plan: Plan) -> None:
    """Refuse a task that is none, and methods that do not run in it (ValueError)."""
    if plan.task not in TASKS:
        raise ValueError(f"task must be {TASK_WORDS}, got {plan.task!r}")
    if others := [method.key for method in plan.methods if plan.task not in method.tasks]:
        raise ValueError(f"methods: {', '.join(others)} do not run in the task {plan.task!r}")


def same_benchmark(plan: Plan) -> None:
    """Runs with different settings must not be in one table (ValueError)."""
    path = plan.out / "benchmark.json"
    settings = {"label_key": plan.label_key, "input": plan.kind, "settings": plan.settings}
    expected = {"format": FORMAT, **settings, "threads": plan.threads}
    if plan.task != TYPES:
        expected["task"] = plan.task
    if plan.task == BATCHES:
        expected["batch_key"] = plan.batch_key
    if plan.task == DOMAINS:
        expected |= {"spatial_key": plan.spatial_key, "library_key": plan.library_key}
    if not path.exists():
        atomic.write_file(path, json.dumps(expected, indent=1).encode())
        return
    stored = read_benchmark(path)
    # Folders of the first task have no word about it.
    if stored.get("task", TYPES) != plan.task:
        raise ValueError(
            f"--out {plan.out} holds a benchmark of the task {stored.get('task', TYPES)!r}, and "
            f"this one is of {plan.task!r}: choose another folder"
        )
    for name, value in expected.items():
        if stored.get(name) != value:
            raise ValueError(
                f"--out {plan.out} holds a benchmark with {name} = {stored.get(name)!r}, and this "
                f"one has {value!r}: choose another folder"
            )
