"""results.json, results.csv, the page and the Markdown, of the same finished runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from scinno._runtime import atomic
from scinno._runtime.validate import checked
from scinno._settings.settings import Settings
from scinno.bench._execute.methods import GROUPS, Method, all_methods
from scinno.bench._execute.run import FORMAT
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
        The folder holds neither runs nor results.
    """
    records = [json.loads(file.read_text()) for file in sorted((folder / "runs").glob("*.json"))]
    if not records:
        stored = folder / RESULTS
        if not stored.exists():
            raise FileNotFoundError(f"{folder} holds no finished run and no {RESULTS}")
        return read_results(stored)
    newest = max(records, key=lambda record: record["date"])
    environments: list[dict[str, Any]] = []
    runs = [_run(record, environments) for record in records]
    about = json.loads((folder / "benchmark.json").read_text())
    about |= {
        "made": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": newest["machine"],
        "machines": len({json.dumps(one["machine"]) for one in environments}),
        "versions": newest["versions"],
        "defaults": asdict(Settings()),
    }
    done = {record["method"] for record in records}
    named_keys = {method.key for method in methods}
    more = [method for method in all_methods() if method.key in done - named_keys]
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
        report: dict[str, Any] = next(
            (json.loads(file.read_text()) for file in files if file.exists()), {}
        )
        found.append({"name": name, "sha256": sha} | report)
    return sorted(found, key=lambda one: (one.get("cells", 0), one["name"]))


@checked
def read_results(path: Path) -> dict[str, Any]:
    """A stored ``results.json``.

    Raises
    ------
    ValueError
        The file is not one, or was written by a later version.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path {path}: there is no such file")
    try:
        results = json.loads(path.read_text(errors="replace"))
        version = results["format"]
    except (json.JSONDecodeError, KeyError, TypeError):
        raise ValueError(f"{path} is not a results.json of a scinno benchmark") from None
    if version > FORMAT:
        raise ValueError(f"{path} has format {version}, and this scinno reads up to {FORMAT}")
    return results


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
    folder: Path, results: dict[str, Any], pictures: Sequence[dict[str, Any]] = ()
) -> None:
    """Write results.json, results.csv and benchmark.html into a folder.

    Parameters
    ----------
    folder : Path
    results : dict
        Of `collect`.
    pictures : sequence of dict
        Of `scinno.bench.pl._tsne.panels`.
    """
    from scinno.bench._tables.html import page

    table = frame(results["runs"])
    first = ["set", "method", "k_mode", "seed", "status", "reason", "cells", "k_true", "k_found"]
    first += [name for name in ("wall_seconds", "date") if name not in table]
    for name in first:
        if name not in table:
            table[name] = None
    table = table[first + [name for name in table.columns if name not in first]]
    atomic.write_file(folder / RESULTS, _one_line_per_run(results).encode())
    absent = [{"method": one["key"], "status": "not installed", "reason": one["missing"]}
              for one in results["methods"] if one["missing"]]  # fmt: skip
    lines = table.to_csv(index=False) + pd.DataFrame(absent, columns=table.columns).to_csv(
        index=False, header=False
    )
    atomic.write_file(folder / TABLE, lines.encode())
    atomic.write_file(folder / PAGE, page(results, pictures).encode())
