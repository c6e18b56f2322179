"""Why there are so many clusters: whatever the estimate of K kept, as pictures and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from scinno._clusters.k_choice import PURE_CLUSTER, PURE_PARTITION
from scinno._clusters.n_clusters import decide

CANDIDATE, CHOSEN = "n_clusters", "chosen"
# Columns that need more words than their name gives.
WORDS = {
    "mean_purity": "Share of own neighbors, mean of clusters",
    "min_purity": "Share of own neighbors, worst cluster",
    "pure_clusters": "Clusters that keep their neighbors",
}


def k_evidence(about: Mapping[str, Any], k: int) -> dict[str, Any] | None:
    """Everything that speaks for one K or another; None where K was given.

    Parameters
    ----------
    about : mapping
        ``uns[key]``; its ``k_evidence`` has a row per candidate. Each of its columns with numbers
        becomes a picture, whatever its name.
    k : int
        Clusters of the fit.

    Returns
    -------
    dict or None
        k; why, in words; n_clusters; parts (name, values, limit of the rule or None); and the
        table's head and rows, as text.
    """
    table = about.get("k_evidence")
    if not isinstance(table, pd.DataFrame) or CANDIDATE not in table or not len(table):
        return None
    table = table.sort_values(CANDIDATE)
    limits = {"mean_purity": float(PURE_PARTITION), "min_purity": float(PURE_CLUSTER)}
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
            {"name": _words(name), "values": table[name].astype(float).tolist(),
             "limit": limits.get(name)}
            for name in numbers
        ],
        "head": ["Clusters", *(_words(str(name)) for name in table.columns if name != CANDIDATE)],
        "rows": [_row(line, k) for line in table.to_dict("records")],
    }  # fmt: skip


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _words(name: str) -> str:
    text = name.replace("_", " ")
    return WORDS.get(name, text[:1].upper() + text[1:])


def _row(line: dict[Any, Any], k: int) -> dict[str, Any]:
    cells = [_shown(value) for name, value in line.items() if name != CANDIDATE]
    n = int(line[CANDIDATE])
    return {"n_clusters": n, "cells": cells, "is_k": n == k}


def _shown(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "–"
    if isinstance(value, int | float | np.number):
        return f"{value:.3g}" if np.isfinite(value) else "–"
    return "–" if value is None else str(value)


def _why(table: pd.DataFrame, k: int) -> str:
    """The rule in words where it gave this K; else only that it was chosen."""
    least, most = int(table[CANDIDATE].min()), int(table[CANDIDATE].max())
    plain = (
        f"K = {k} was chosen among {least} to {most} clusters by what is drawn here. It is an "
        "estimate: if you know better, give --n-clusters."
    )
    if not {"mean_purity", "pure_clusters"} <= set(table.columns):
        return plain
    lower, upper, by_rule = decide(table)
    if k != by_rule:
        return plain  # a range was given, or another version decided
    return (
        f"K = {k} lies between two counts. With up to {lower} clusters, cells still find on "
        f"average {100 * PURE_PARTITION:.0f}\u00a0% or more of their nearest neighbors in their "
        f"own cluster; and at most {upper} clusters at once keep {100 * PURE_CLUSTER:.0f}\u00a0% "
        "of theirs. K is the geometric mean of the two. It is an estimate: if you know better, "
        "give --n-clusters."
    )
