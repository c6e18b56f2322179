"""What the tables of the task "batches" have beside those of every task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from scinno.bench._execute._batches.scores import GUARD_SCORES
from scinno.bench._execute.methods import TYPES
from scinno.bench._tables.tables import per_set
from scinno.bench._tables.text import formatted

# A method loses a case where its ARI is more than this below that of the whole set.
LOST = 0.02
# The same of the removed type's overlap with its cluster: a type that is merged with another one
# of its size falls by about a half.
MERGED = 0.25
TITLES = {"ARI_kept": "ARI of the same cells", "type_kept": "Overlap of the type with its cluster"}


def task_of(results: dict[str, Any]) -> str:
    """The task of a benchmark; results of earlier versions are of the first one."""
    return str(results["about"].get("task", TYPES))


def cases(results: dict[str, Any]) -> list[list[str]]:
    """For each case: name, cells, types, batches with their cells, and what is removed."""
    return [
        [
            one["name"], f"{one['cells']:,}", str(one["types"]),
            ", ".join(f"{name} {cells:,}" for name, cells in one.get("batch_sizes", {}).items()),
            lacking(one),
        ]
        for one in results["sets"]
    ]  # fmt: skip


def lacking(one: dict[str, Any]) -> str:
    """What a case lacks, in words; "" for a whole set."""
    lacks = one.get("lacks")
    return "" if not lacks else f"{lacks['type']} in {lacks['batch']} ({lacks['cells']:,} cells)"


@dataclass(frozen=True)
class GuardRow:
    """One case that lacks a type in a batch.

    Attributes
    ----------
    case, lacks : str
    cells : list of str
        For each method the score of the whole set and that of the case; a dash without either.
    lost : list of bool
        Where it falls by more than `LOST` (ARI) or `MERGED` (overlap).
    """

    case: str
    lacks: str
    cells: list[str]
    lost: list[bool]


def guards(
    table: pd.DataFrame, results: dict[str, Any], methods: Sequence[str], mode: str, score: str
) -> list[GuardRow]:
    """Whole sets against their cases that lack a type, on the same cells.

    Parameters
    ----------
    table : DataFrame
        Of `scinno.bench._tables.tables.frame`.
    results : dict
    methods : sequence of str
        Keys, in the order of the columns.
    mode : {"given", "unknown"}
    score : str
        One of `GUARD_SCORES`.
    """
    assert score in GUARD_SCORES
    means = per_set(table, mode, score).reindex(columns=list(methods))
    limit = LOST if score == "ARI_kept" else MERGED
    found = []
    for one in results["sets"]:
        if not one.get("lacks") or one["name"] not in means.index:
            continue
        part = means.loc[one["name"]].tolist()
        name = one["lacks"]["set"]
        whole = means.loc[name].tolist() if name in means.index else [float("nan")] * len(part)
        cells = [f"{formatted(w)} → {formatted(p)}" for w, p in zip(whole, part, strict=True)]
        lost = [w - p > limit for w, p in zip(whole, part, strict=True)]
        found.append(GuardRow(one["name"], lacking(one), cells, lost))
    return found
