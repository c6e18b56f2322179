"""Means, standard deviations and ranks of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import friedmanchisquare, rankdata, studentized_range

from scinno.bench._execute._batches.scores import BATCH_SCORES, GUARD_SCORES, LOWER
from scinno.bench._execute._domains.scores import DOMAIN_SCORES
from scinno.bench._execute.methods import BATCHES, DOMAINS, TYPES
from scinno.bench._execute.scores import SCORES

# Columns of the tables of means beside the scores.
OTHER_COLUMNS = ("k_found", "k_error", "seconds", "peak_memory")
# Means of two methods closer than this are shown as equal.
CLOSE = 0.005
LEVEL = 0.05


def definitions(task: str) -> dict[str, str]:
    """The scores of the tables of a task, in their order, and what they are."""
    return {TYPES: SCORES, BATCHES: BATCH_SCORES, DOMAINS: DOMAIN_SCORES}[task]


def scores_in(table: pd.DataFrame) -> list[str]:
    """The scores that a table of runs has."""
    return [name for name in SCORES | BATCH_SCORES | GUARD_SCORES if name in table]


def sign(score: str) -> int:
    """−1 for a score of which less is better."""
    return -1 if score in LOWER else 1


def frame(runs: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """One row per run; scores of its task as columns, empty where a run failed."""
    rows = []
    tasks = {record.get("task", TYPES) for record in runs} or {TYPES}
    scores = {name: None for task in sorted(tasks) for name in definitions(task)}
    if BATCHES in tasks:
        scores |= dict.fromkeys(GUARD_SCORES)
    for record in runs:
        row = {k: v for k, v in record.items() if not isinstance(v, dict)}
        row |= {name: (record.get("scores") or {}).get(name) for name in scores}
        if record.get("k_found"):
            row["k_error"] = abs(record["k_found"] - record["k_true"]) / record["k_true"]
        rows.append(row)
    table = pd.DataFrame(rows)
    for name in (*scores, *OTHER_COLUMNS):
        table[name] = pd.to_numeric(table[name]) if name in table else np.nan
    return table


def per_set(table: pd.DataFrame, mode: str, value: str, spread: bool = False) -> pd.DataFrame:
    """Means over seeds, or standard deviations, as sets × methods; NaN where no run is done."""
    done = table[(table["k_mode"] == mode) & (table["status"] == "done")]
    cells = done.groupby(["set", "method"])[value]
    return (cells.std() if spread else cells.mean()).unstack("method")


@dataclass(frozen=True)
class Summary:
    """One method's row in a table of means.

    Attributes
    ----------
    method : str
    sets : int
        On how many sets it has runs.
    means, spreads : dict
        Mean over its sets of the means over seeds; mean over its sets of the standard deviations
        over seeds. Empty for a method without runs.
    shared : int
        On how many sets both this method and the first of the tables have runs.
    own_ari, first_ari : float or None
        Mean ARI of this method and of the first one on those, to compare with where a method has
        not done all sets. None without such sets.
    failed, left_out : int
        Runs.
    missing : str or None
        Why it could not run.
    """

    method: str
    sets: int
    means: dict[str, float]
    spreads: dict[str, float]
    shared: int
    own_ari: float | None
    first_ari: float | None
    failed: int
    left_out: int
    missing: str | None


def summaries(table: pd.DataFrame, methods: Sequence[dict[str, Any]], mode: str) -> list[Summary]:
    """The methods of a mode, in the order of ``methods``; those without runs last."""
    found = []
    scores = scores_in(table)
    values = {name: per_set(table, mode, name) for name in (*scores, *OTHER_COLUMNS)}
    spreads = {name: per_set(table, mode, name, spread=True) for name in (*scores, "k_found")}
    first = methods[0]["key"]
    for method in methods:
        key = method["key"]
        if mode not in method["k"]:
            continue
        runs = table[(table["method"] == key) & (table["k_mode"] == mode)]
        done = values["ARI"][key].dropna().index if key in values["ARI"] else []
        both = values["ARI"].reindex(columns=[key, first]).dropna()
        found.append(
            Summary(
                method=key,
                sets=len(done),
                means={n: _mean(v[key]) for n, v in values.items() if key in v},
                spreads={n: _mean(v[key]) for n, v in spreads.items() if key in v},
                shared=len(both),
                own_ari=_mean(both.iloc[:, 0]) if len(both) else None,
                first_ari=_mean(both.iloc[:, 1]) if len(both) else None,
                failed=int((runs["status"] == "failed").sum()),
                left_out=int((runs["status"] == "left out").sum()),
                missing=method["missing"] if runs.empty else None,
            )
        )
    return sorted(found, key=lambda row: row.sets == 0)


def _mean(values: pd.Series) -> float:
    return float(values.mean()) if values.notna().any() else float("nan")


@dataclass(frozen=True)
class Ranks:
    """Mean ranks over the sets that all compared methods have done; 1 is best.

    Attributes
    ----------
    methods : list of str
        Best first.
    ranks : list of float
    sets : int
    critical : float or None
        Nemenyi's critical difference at 5 %: mean ranks with a larger difference differ.
    p : float or None
        Of Friedman's test that all methods are equal.
    dropped : list of str
        Methods that lack sets which others have done.
    """

    methods: list[str]
    ranks: list[float]
    sets: int
    critical: float | None
    p: float | None
    dropped: list[str]


def is_variant(key: str) -> bool:
    """Whether a method is an ablation of scinno, which is not ranked."""
    return key.startswith("scinno-")


def ranks(table: pd.DataFrame, mode: str, value: str = "ARI") -> Ranks:
    """Rank the methods on each set, and test whether they differ.

    Methods that did not do every set are left out, not the sets: otherwise a method that needs
    counts, or that fails on large sets, would decide on which sets the others are compared.
    scinno's ablations are not ranked.
    """
    scores = per_set(table, mode, value)
    scores = scores.dropna(how="all", axis=0).dropna(how="all", axis=1)
    scores = scores[[key for key in scores if not is_variant(str(key))]]
    complete = scores.notna().all()
    dropped = [str(name) for name in scores.columns[~complete]]
    scores = scores.loc[:, complete]
    n, k = scores.shape
    if n < 1 or k < 2:
        return Ranks([], [], n, None, None, dropped)
    each = np.array([rankdata(-sign(value) * row) for row in scores.round(6).to_numpy()])
    mean = each.mean(axis=0)
    order = np.argsort(mean, kind="stable")
    critical = critical_difference(k, n) if n > 1 else None
    p = None
    if n > 1 and k > 2 and (each != each[:, :1]).any():
        p = float(friedmanchisquare(*scores.round(6).to_numpy().T).pvalue)
    names = [str(scores.columns[place]) for place in order]
    return Ranks(names, [float(mean[i]) for i in order], n, critical, p, dropped)


def critical_difference(methods: int, sets: int) -> float:
    """Nemenyi's: mean ranks over ``sets`` with a larger difference differ at 5 %.

    Demšar, Journal of Machine Learning Research 7, 1–30, 2006.
    """
    q = studentized_range.isf(LEVEL, methods, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(methods * (methods + 1) / (6 * sets)))


def failures(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Failed and left-out runs, those of one method and set with one reason together."""
    bad = table[table["status"] != "done"]
    if bad.empty:
        return []
    groups = bad.groupby(["method", "set", "k_mode", "status", "reason"], sort=False)["seed"]
    names = ("method", "set", "k_mode", "status", "reason")
    return [dict(zip(names, key, strict=True)) | {"runs": len(seeds)} for key, seeds in groups]
