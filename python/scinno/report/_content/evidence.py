"""Evidence for the number of clusters, for pictures and a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from scinno._clusters.n_clusters import decide

CANDIDATE, CHOSEN = "n_clusters", "chosen"
# Titles of columns whose name is not clear enough.
TITLES = {
    "votes": "Votes: partitions into so many communities",
    "mean_purity": "Neighbor purity, mean over clusters",
    "min_purity": "Neighbor purity, minimum over clusters",
    "pure_clusters": "Pure clusters",
}


def k_evidence(about: Mapping[str, Any], k: int) -> dict[str, Any] | None:
    """Evidence for the number of clusters; None where K was given.

    Parameters
    ----------
    about : mapping
        ``uns[key]``; its ``k_evidence`` has a row per candidate. Each of its columns with numbers
        becomes a picture.
    k : int
        Clusters of the fit.

    Returns
    -------
    dict or None
        k; why (text); n_clusters; parts (name, values); and the table's head and rows, as text.
    """
    table = about.get("k_evidence")
    if not isinstance(table, pd.DataFrame) or CANDIDATE not in table or not len(table):
        return None
    table = table.sort_values(CANDIDATE)
    numbers = [
        name
        for name in table.columns
        if name != CANDIDATE and _is_number(table[name]) and table[name].notna().any()
    ]
    return {
        "k": k,
        "why": _why(table, k),
        "n_clusters": table[CANDIDATE].astype(int).tolist(),
        "parts": [
            {"name": _title(name), "values": table[name].astype(float).tolist()}
            for name in numbers
        ],
        "head": ["Clusters", *(_title(str(name)) for name in table.columns if name != CANDIDATE)],
        "rows": [_row(line, k) for line in table.to_dict("records")],
    }  # fmt: skip


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _title(name: str) -> str:
    text = name.replace("_", " ")
    return TITLES.get(name, text[:1].upper() + text[1:])


def _row(line: dict[Any, Any], k: int) -> dict[str, Any]:
    cells = [_formatted(value) for name, value in line.items() if name != CANDIDATE]
    n = int(line[CANDIDATE])
    return {"n_clusters": n, "cells": cells, "is_k": n == k}


def _formatted(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "–"
    if isinstance(value, int | float | np.number):
        return f"{value:.3g}" if np.isfinite(value) else "–"
    return "–" if value is None else str(value)


def _why(table: pd.DataFrame, k: int) -> str:
    """The rule where it gave this K; else only that it was chosen."""
    low, high = int(table[CANDIDATE].min()), int(table[CANDIDATE].max())
    chosen = (
        f"K = {k} was chosen from {low} to {high} clusters by the scores below. It is an "
        "estimate: to use another number, give --n-clusters."
    )
    if "votes" not in table:
        return chosen  # an earlier version decided by another rule
    lower, upper, by_rule = decide(table)
    if k != by_rule:
        return chosen  # a range was given
    return (
        f"Cells that share neighbors were divided into communities {table['votes'].sum()} times, "
        f"in two spaces at six resolutions. Half of the partitions have {lower} to {upper} "
        f"communities, and the median is K = {k}. It is an estimate: to use another number, give "
        "--n-clusters."
    )
