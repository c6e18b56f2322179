"""Columns that cells can be colored by, packed for the page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scinno.report._pack import Pack, codes_dtype, fine_steps

# More values than this are names or barcodes, not groups.
MAX_LEVELS = 100
# Columns beyond these would make the page heavy and the menu long.
MAX_COLUMNS = 40

MISSING = "not given"


def add_columns(pack: Pack, obs: pd.DataFrame, skipped: set[str]) -> list[dict[str, Any]]:
    """Pack the columns that can be drawn; describe each one.

    Parameters
    ----------
    obs : DataFrame, (drawn cells,)
    skipped : set of str
        Columns that the page shows already.
    """
    described: list[dict[str, Any]] = []
    for name in obs.columns:
        if name in skipped or len(described) == MAX_COLUMNS:
            continue
        if list(obs.columns).count(name) > 1:
            continue
        column = obs[name]
        number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        place = f"obs{len(described)}"
        if number:
            described.append(add_number(pack, place, str(name), column.to_numpy(dtype=float)))
        elif (levels := column.astype(str).nunique()) <= MAX_LEVELS and levels > 0:
            described.append(add_groups(pack, place, str(name), column))
    return described


def add_number(pack: Pack, place: str, name: str, values: np.ndarray) -> dict[str, Any]:
    """Pack numbers of cells."""
    steps, low, step = fine_steps(values)
    pack.add(place, steps)
    return {"id": place, "name": name, "kind": "number", "low": low, "step": step}


def add_groups(pack: Pack, place: str, name: str, column: pd.Series) -> dict[str, Any]:
    """Pack groups of cells; missing values are a separate group, the last."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        column = column.where(column.isna(), column.astype(str)).astype("category")
    column = column.cat.remove_unused_categories()
    levels = [str(level) for level in column.cat.categories]
    codes = column.cat.codes.to_numpy().astype(np.int64)
    if (codes < 0).any():
        codes = np.where(codes < 0, len(levels), codes)
        levels.append(MISSING)
    pack.add(place, codes.astype(codes_dtype(len(levels))))
    return {"id": place, "name": name, "kind": "groups", "levels": levels}
