"""Runs of a benchmark, from files of ``scinno bench`` or a table of the user."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from scinno._runtime.suggest import did_you_mean

RESULTS = "results.json"
# Ablations are named "no attention" or "scinno-no-attention".
_WITHOUT = re.compile(r"\bno\b")


@dataclass(frozen=True)
class Rows:
    """Finished fits of one kind.

    Attributes
    ----------
    table : DataFrame
        Columns set, method and the scores; one row per fit.
    names : dict
        Names of methods in pictures, where they differ from the keys.
    """

    table: pd.DataFrame
    names: dict[str, str]

    @property
    def methods(self) -> list[str]:
        return list(dict.fromkeys(self.table["method"]))

    def chosen(self, column: str, requested: Sequence[str] | None) -> list[str]:
        """Sets or methods in the requested order, or all.

        Raises
        ------
        KeyError
            One that has no row.
        """
        known = list(dict.fromkeys(self.table[column]))
        if requested is None:
            return known
        keys = {name: key for key, name in self.names.items()} if column == "method" else {}
        found = [name if name in known else keys.get(name, name) for name in requested]
        for name in found:
            if name not in known:
                raise KeyError(f"results have no {column} {name!r}: {did_you_mean(name, known)}")
        return found

    def name(self, method: str) -> str:
        return self.names.get(method, method)


def is_ablation(method: str) -> bool:
    """Whether a method is another one without a part."""
    return _WITHOUT.search(method) is not None


def rows_of(results: Any, scores: Sequence[str], k_given: bool) -> Rows:
    """Check results and select the finished runs; errors as `scinno.bench.pl.benchmark`."""
    names: dict[str, str] = {}
    if isinstance(results, dict):
        table, names = _of_bench(results)
    elif isinstance(results, pd.DataFrame):
        table = results
    else:
        table, names = _read(results)
    for name in ("set", "method", *scores):
        if name not in table.columns:
            raise KeyError(f"results have no column {name!r}: {did_you_mean(name, table.columns)}")
    if "status" in table.columns:
        table = table[table["status"] == "done"]
    if "k_given" in table.columns:
        table = table[table["k_given"].astype(bool) == k_given]
    elif "k_mode" in table.columns:
        table = table[table["k_mode"] == ("given" if k_given else "unknown")]
    if not len(table):
        raise ValueError(f"results have no rows with k_given = {k_given}")
    table = table.assign(set=table["set"].astype(str), method=table["method"].astype(str))
    return Rows(table, names)


def _read(path: Any) -> tuple[pd.DataFrame, dict[str, str]]:
    if not isinstance(path, str | Path):
        raise TypeError(f"results must be a DataFrame or a path, got {type(path).__name__}")
    path = Path(path)
    if os.path.isdir(path):  # False also of names that no system takes
        path = path / RESULTS
    if not os.path.isfile(path):
        raise FileNotFoundError(f"results {path}: there is no such file")
    if path.suffix not in (".csv", ".json", ".jsonl"):
        raise ValueError(f"results must be a .csv, .json or .jsonl file, got {path}")
    try:
        if path.suffix == ".csv":
            return pd.read_csv(path), {}
        if path.suffix == ".jsonl":
            return pd.read_json(path, lines=True), {}
        stored = json.loads(path.read_text(encoding="utf-8"))
        rows = None if isinstance(stored, dict) else pd.DataFrame(stored)
    except json.JSONDecodeError as error:
        raise ValueError(f"results {path}: it is not valid JSON ({error})") from None
    except Exception as error:  # of pandas, of many kinds
        raise ValueError(f"results {path} cannot be read: {error}") from error
    return _of_bench(stored) if rows is None else (rows, {})


def _of_bench(results: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, str]]:
    """The table and the names of `scinno.bench.collect` or results.json."""
    if not {"runs", "methods", "sets"} <= set(results):
        raise ValueError(
            "results must be those of scinno bench (with runs, methods and sets) or rows, got the "
            f"keys {', '.join(map(str, results)) or 'none'}"
        )
    from scinno.bench._execute.stored import results_problem
    from scinno.bench._tables.tables import frame

    if wrong := results_problem(results):
        raise ValueError(f"results are not those of scinno bench, or damaged: {wrong}")
    table = frame(results["runs"])
    names = {method["key"]: method["name"] for method in results["methods"]}
    if len(table):
        # The order of the benchmark's own tables: methods as listed, small sets first.
        sets = {one["name"]: place for place, one in enumerate(results["sets"])}
        methods = {key: place for place, key in enumerate(names)}
        order = pd.DataFrame({
            "method": table["method"].map(methods), "set": table["set"].map(sets),
            "seed": table["seed"],
        })  # fmt: skip
        table = table.loc[order.sort_values(["method", "set", "seed"]).index]
    return table, names
