"""How the network was trained, how K was found, and with which settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import pandas as pd

from scinno._clustered import PARTS
from scinno._settings import Settings


def curves(about: Mapping[str, Any]) -> dict[str, Any] | None:
    """Loss per epoch and part, or None without a history."""
    history = about.get("history")
    if not isinstance(history, pd.DataFrame) or not len(history):
        return None
    phases = history["phase"].astype(str).tolist() if "phase" in history else []
    planned = int(history["epochs"].iloc[-1]) if "epochs" in history else len(history)
    changed = history["changed"].to_numpy(float) if "changed" in history else np.array([])
    changed = changed[np.isfinite(changed)]
    return {
        "epoch": list(range(1, len(history) + 1)),
        "parts": [
            {"name": words, "values": history[name].astype(float).tolist()}
            for name, words in PARTS.items()
            if name in history and history[name].notna().any()
        ],
        # The first epoch in which clusters are trained as well.
        "joint": phases.index("cluster") + 1 if "cluster" in phases else None,
        "planned": planned,
        "changed": float(changed[-1]) if len(changed) else None,
    }


def training_note(found: dict[str, Any]) -> str:
    """What the curves say, in one or two sentences."""
    done, planned = len(found["epoch"]), found["planned"]
    text = f"{done} epochs were trained"
    if done < planned:
        text += (
            f" of {planned} planned: training ends early when it would move too many cells to "
            "another cluster, or when it is interrupted"
        )
    text += "."
    if found["changed"] is not None:
        text += f" In the last one {100 * found['changed']:.1f} % of cells changed cluster."
    return text


def k_evidence(about: Mapping[str, Any], k: int) -> dict[str, Any] | None:
    """Evidence for K with the sentence on why it was chosen; None where K was given."""
    table = about.get("k_evidence")
    wanted = ["n_clusters", "mean_share", "least_share", "good_clusters"]
    if not isinstance(table, pd.DataFrame) or not set(wanted) <= set(table.columns):
        return None
    from scinno._n_clusters import GOOD_CLUSTER, GOOD_PARTITION

    upper = max(2, int(table["good_clusters"].max()))
    holds = table.loc[table["mean_share"] >= GOOD_PARTITION, "n_clusters"]
    lower = int(holds.max()) if len(holds) else 2
    why = (
        f"K = {k} lies between two counts. With up to {lower} clusters, cells still find on "
        f"average {100 * GOOD_PARTITION:.0f}\u00a0% or more of their nearest neighbours in their "
        f"own cluster; and at most {upper} clusters at once keep {100 * GOOD_CLUSTER:.0f}\u00a0% "
        "of theirs. K is the geometric mean of the two. It is an estimate: if you know better, "
        "give --n-clusters."
    )
    return {
        "k": k,
        "why": why,
        "limits": [float(GOOD_PARTITION), float(GOOD_CLUSTER)],
        **{name: table[name].astype(float).tolist() for name in wanted},
    }


def settings_rows(about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every setting with its default, those that differ first; empty where none are stored."""
    params = about.get("params")
    if not isinstance(params, Mapping):
        return []
    default = asdict(Settings())
    rows = []
    for field in fields(Settings):
        value = _plain(params.get(field.name))  # None is not stored
        if isinstance(default[field.name], bool) and value is not None:
            value = bool(value)
        changed = not _same(value, default[field.name])
        rows.append(
            {"name": field.name, "value": _shown(value), "default": _shown(default[field.name]),
             "changed": changed}
        )  # fmt: skip
    return sorted(rows, key=lambda row: not row["changed"])


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float):
        return bool(np.isclose(a, b))
    return bool(a == b)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _shown(value: Any) -> str:
    if value is None:
        return "automatic"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
