"""What a search for settings tried: the score of each trial, and of each value."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from scinno._drawing.figure import drawing, finish, panels
from scinno._drawing.palette import PALETTE
from scinno._tune.result import Tuning

# Panels in a row.
COLUMNS = 3


@drawing
def tuning(
    data: Tuning,
    *,
    ax: Sequence[Axes] | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> list[Axes]:
    """Scores of all trials of a search, and which values of each setting had them.

    First panel: the score of each finished trial in the order of the search, and the best so far as
    a line; the trials that were pruned or cut off stand at the bottom. Other panels: one for each
    setting, with the score of each finished trial over its value. The square is the first trial,
    whose score is the dashed line; the star is the best.

    Parameters
    ----------
    data : Tuning
        Of `scinno.tune`.
    ax : sequence of Axes, optional
        One more than settings were searched.
    show, save
        As in `scinno.pl.embedding`.

    Returns
    -------
    list of Axes

    Raises
    ------
    TypeError
        ``data`` is not a Tuning.
    ValueError
        No trial was finished.
    """
    if not isinstance(data, Tuning):
        raise TypeError(f"data must be a scinno.Tuning, got {type(data).__name__}")
    table = data.table
    finished = table[table["state"] == "complete"]
    if finished.empty:
        raise ValueError(
            "no trial was finished within the budget, so there is nothing to draw: search longer"
        )
    names = data.searched
    axes = panels(1 + len(names), ax, (3.6, 3.0), COLUMNS)
    _order(axes[0], table, finished)
    for axis, name in zip(axes[1:], names, strict=True):
        values = _values(table[name])
        places = finished[name].map(values.index).to_numpy()
        _points(axis, places, finished)
        axis.set_xticks(range(len(values)), [str(value) for value in values])
        axis.set(xlabel=name, ylabel="score", xlim=(-0.5, len(values) - 0.5))
    for axis in axes:
        axis.axhline(_first(finished), color="0.3", lw=1, ls="--", gid="first", zorder=0)
        axis.spines[["top", "right"]].set_visible(False)
    finish(axes, show, save)
    return axes


def _order(axis: Axes, table: pd.DataFrame, finished: pd.DataFrame) -> None:
    """The trials in their order, as they are numbered in the table."""
    _points(axis, finished["trial"].to_numpy(), finished)
    best = np.maximum.accumulate(finished["score"])
    axis.step(finished["trial"], best, where="post", color=PALETTE[0], lw=1, gid="best so far")
    cut = table[table["state"] != "complete"]
    if len(cut):
        low = finished["score"].min()
        axis.plot(cut["trial"], [low] * len(cut), "x", color="0.6", ms=4, label="not finished")
        axis.legend(edgecolor="none", framealpha=0.9, loc="best", fontsize=8)
    axis.set(xlabel="trial", ylabel="score", title="Trials")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))


def _points(axis: Axes, places: np.ndarray, finished: pd.DataFrame) -> None:
    axis.plot(places, finished["score"], "o", color=PALETTE[0], ms=4, alpha=0.7)
    for mark, shape, size, color in (("start", "s", 7, "0.3"), ("best", "*", 11, PALETTE[3])):
        here = finished[mark].to_numpy(dtype=bool)
        axis.plot(
            places[here], finished["score"][here], shape, color=color, ms=size, label=mark, gid=mark
        )


def _values(column: pd.Series) -> list[object]:
    """The values that were tried, in the order of numbers or of letters."""
    values = [value for value in column.unique() if value is not None]
    return sorted(values, key=lambda value: (isinstance(value, str), value))


def _first(finished: pd.DataFrame) -> float:
    return float(finished.loc[finished["start"].astype(bool), "score"].iloc[0])
