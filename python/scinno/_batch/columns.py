"""Columns of a table of cells that name their batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from scinno._runtime.suggest import did_you_mean


def batch_of(
    obs: pd.DataFrame, key: str | Sequence[str] | None, argument: str = "batch_key"
) -> pd.DataFrame | None:
    """The columns of ``obs`` that name the batch of each cell; None without a key.

    Parameters
    ----------
    obs : DataFrame, (cells,)
    key : str or sequence of str, optional
    argument : str
        What the key is called where the user gave it.

    Raises
    ------
    KeyError
        No such column.
    ValueError
        An empty sequence, or a column twice.
    """
    if key is None:
        return None
    keys = [key] if isinstance(key, str) else list(key)
    if not keys or len(set(keys)) < len(keys):
        raise ValueError(f"{argument} must name one or more different columns of obs, got {key!r}")
    for name in keys:
        if name not in obs:
            hint = did_you_mean(str(name), list(obs.columns))
            raise KeyError(f"{argument} {name!r} is not in obs: {hint}")
    return obs[keys]


def columns_of_fit(obs: pd.DataFrame, about: Any) -> list[str]:
    """The columns that a clustering was told of, by its record in ``uns``, if all are there."""
    told = about.get("batch_key") if isinstance(about, Mapping) else None
    names = [] if told is None else [str(name) for name in told]
    return names if set(names) <= set(obs) else []
