"""results.json, results.csv, the page and the Markdown, of the same finished runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from scinno._runtime import atomic
from scinno._runtime._texts.csv_text import csv_text, warn_of_formulas, without_formula
from scinno._runtime.validate import checked
from scinno._settings.settings import Settings
from scinno.bench._execute.methods import GROUPS, TYPES, Method, all_methods
from scinno.bench._execute.stored import (
    FORMAT,
    read_benchmark,
    read_report,
    read_results,
    read_run,
)
from scinno.bench._tables.tables import frame

RESULTS, TABLE, PAGE = "results.json", "results.csv", "benchmark.html"


@checked
def collect(folder: Path, methods: Sequence[Method]) -> dict[str, Any]:
    """All finished runs of a folder, the sets and the methods, as plain data.

    Parameters
    ----------
    folder : Path
        The benchmark's folder, or one that only holds a ``results.json``.
    methods : sequence of Method
        Methods that the tables name, whether they have runs or not.

    Raises
    ------
    FileNotFoundError
        The folder holds neither runs nor results, or lacks benchmark.json or a report on a set.
    ValueError
        A file of it is damaged.
    """
    records = [read_run(file) for file in sorted((folder / "runs").glob("*.json"))]
    if not records:
        stored = folder / RESULTS
        if not stored.exists():
            raise FileNotFoundError(f"{folder} holds no finished run and no {RESULTS}")
        return read_results(stored)
    # Of one day those of scinno: its code is named with the versions.
    newest = max(records, key=lambda run: (run["date"], run["method"].startswith("scinno")))
    environments: list[dict[str, Any]] = []
    runs = [_run(record, environments) for record in records]
    about = read_benchmark(folder / "benchmark.json")
    about |= {
        "made": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": newest["machine"],
        "machines": len({json.dumps(one["machine"]) for one in environments}),
        "versions": newest["versions"],
        "defaults": asdict(Settings()),
    }
    done = {record["method"] for record in records}
    named_keys = {method.key for method in methods}
    known = all_methods(about.get("task", TYPES))
    more = [method for method in known if method.key in done - named_keys]
    order = {group: place for place, group in enumerate(GROUPS)}
    named = [
        _described(one, one.key in done)
        for one in sorted([*methods, *more], key=lambda m: order[m.group])
    ]
    unknown = sorted(done - {method["key"] for method in named})
    named += [{"key": key, "name": key, "group": "own", "k": ["given", "unknown"], "get": "",
               "notes": "Its script was not named when the tables were made.", "missing": None,
               "random": True} for key in unknown]  # fmt: skip
    return {"format": FORMAT, "about": about, "sets": _sets(folder, records, about["label_key"]),
            "methods": named, "environments": environments, "runs": runs}  # fmt: skip


def _run(record: dict[str, Any], environments: list[dict[str, Any]]) -> dict[str, Any]:
    """A run with the index of its machine and versions, which most runs share."""
    own = {"machine": record["machine"], "versions": record["versions"]}
    if own not in environments:
        environments.append(own)
    short = {k: v for k, v in record.items() if k not in ("machine", "versions", "sha")}
    return short | {"environment": environments.index(own)}


def _described(method: Method, done: bool) -> dict[str, Any]:
    """A method for results.json; one with runs was installed, whatever this environment has."""
    return {
        "key": method.key,
        "name": method.name,
        "group": method.group,
        "k": list(method.k),
        "get": method.get,
        "notes": method.notes,
        "random": method.random,
        "missing": None if done else method.missing(),
    }


def _sets(folder: Path, records: Sequence[dict[str, Any]], label_key: str) -> list[dict[str, Any]]:
    """The quality report of every set that has runs, small sets first."""
    shas = {record["set"]: record["sha"] for record in records}
    found = []
    for name, sha in shas.items():
        stem = f"{name}-{sha[:8]}-{label_key}"
        files = [folder / "sets" / f"{stem}{end}.json" for end in ("-doublets", "")]
        file = next((file for file in files if file.exists()), files[-1])
        report = read_report(file)
        found.append({"name": name, "sha256": sha} | report)
    return sorted(found, key=_place)


def _place(one: dict[str, Any]) -> tuple[int, str, bool]:
    """Small sets first; a case that lacks a type after its whole set."""
    lacks = one.get("lacks")
    if lacks is None:
        return one["cells"], one["name"], False
    return one["cells"] + lacks["cells"], lacks["set"], True


def _one_line_per_run(results: dict[str, Any]) -> str:
    """JSON with one line per run, which version control can compare."""
    parts = [
        f"{json.dumps(name)}: "
        + ("[\n" + ",\n".join(map(json.dumps, part)) + "\n]" if isinstance(part, list) else
           json.dumps(part))
        for name, part in results.items()
    ]  # fmt: skip
    return "{\n" + ",\n".join(parts) + "\n}\n"


@checked
def write_outputs(
    folder: Path,
    results: dict[str, Any],
    pictures: Sequence[dict[str, Any]] = (),
    images: Mapping[str, bytes] | None = None,
) -> None:
    """Write results.json, results.csv and benchmark.html into a folder.

    Parameters
    ----------
    folder : Path
    results : dict
        Of `collect`.
    pictures : sequence of dict
        Of `scinno.bench.pl._tsne.panels`.
    images : mapping, optional
        PNG files of the task "batches" by their titles.
    """
    from scinno.bench._tables.html import page

    table = frame(results["runs"])
    first = ["set", "method", "k_mode", "seed", "status", "reason", "cells", "k_true", "k_found"]
    first += [name for name in ("wall_seconds", "date") if name not in table]
    for name in first:
        if name not in table:
            table[name] = None
    # Of strange programs; names stay as they are, for programs that join by them.
    table["reason"] = table["reason"].map(without_formula, na_action="ignore")
    table = table[first + [name for name in table.columns if name not in first]]
    atomic.write_file(folder / RESULTS, _one_line_per_run(results).encode())
    absent = [{"method": one["key"], "status": "not installed", "reason": one["missing"]}
              for one in results["methods"] if one["missing"]]  # fmt: skip
    lines = csv_text(table, float_format=None)
    lines += pd.DataFrame(absent, columns=table.columns).to_csv(index=False, header=False)
    atomic.write_file(folder / TABLE, lines.encode())
    warn_of_formulas(folder / TABLE, {*table["set"].astype(str), *table["method"].astype(str)})
    atomic.write_file(folder / PAGE, page(results, pictures, images).encode())
