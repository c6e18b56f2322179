"""The training history and the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import pandas as pd

from scinno._anndata.results import LOSS_PARTS
from scinno._settings.settings import Settings


def curves(about: Mapping[str, Any]) -> dict[str, Any] | None:
    """Loss per epoch and part, or None without a history."""
    history = about.get("history")
    if not isinstance(history, pd.DataFrame) or not len(history):
        return None
    phases = history["phase"].astype(str).tolist() if "phase" in history else []
    planned = int(history["n_epochs"].iloc[-1]) if "n_epochs" in history else len(history)
    label_change = (
        history["label_change"].to_numpy(float) if "label_change" in history else np.array([])
    )
    label_change = label_change[np.isfinite(label_change)]
    return {
        "epoch": list(range(1, len(history) + 1)),
        "parts": [
            {"name": title, "values": history[name].astype(float).tolist()}
            for name, title in LOSS_PARTS.items()
            if name in history and history[name].notna().any()
        ],
        # The first epoch in which clusters are trained as well.
        "joint": phases.index("joint") + 1 if "joint" in phases else None,
        "planned": planned,
        "label_change": float(label_change[-1]) if len(label_change) else None,
    }


def training_note(found: dict[str, Any]) -> str:
    """One or two sentences on the length of the training."""
    done, planned = len(found["epoch"]), found["planned"]
    text = f"{done} epochs were trained"
    if done < planned:
        text += (
            f" of {planned} planned: training ends early when it would move too many cells to "
            "another cluster, or when it is interrupted"
        )
    text += "."
    if found["label_change"] is not None:
        text += f" In the last one {100 * found['label_change']:.1f} % of cells changed cluster."
    return text


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
