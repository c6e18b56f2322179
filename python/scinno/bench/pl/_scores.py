"""Scores of a benchmark as bars: the paper's figures 4 and 6."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from scinno._drawing.figure import drawing, finish, panels
from scinno._drawing.names import as_label
from scinno._drawing.palette import colors_of
from scinno.bench.pl._results import Rows, is_ablation, rows_of

# Longer names are rotated below the bars …
MAX_UPRIGHT = 6
# … and a figure is at most this wide, in inches.
MAX_WIDTH = 24.0


@drawing
def benchmark(
    results: pd.DataFrame | dict[str, Any] | str | Path,
    scores: str | Sequence[str] = ("NMI", "ARI"),
    *,
    methods: Sequence[str] | None = None,
    sets: Sequence[str] | None = None,
    k_given: bool = True,
    mean: bool = True,
    ax: Axes | Sequence[Axes] | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> Axes | list[Axes]:
    """Bars of each score by set and method, as in the paper's figure 4.

    Parameters
    ----------
    results : path, dict or DataFrame
        What ``scinno bench`` has written: its folder, results.json or results.csv; or what
        `scinno.bench.collect` gives. Or another table, as a DataFrame, .csv, .json or
        .jsonl: one row per fit with columns set, method, the scores, and where there are several
        also seed and k_given. Of a benchmark's runs those that are done are drawn.
    scores : str or sequence of str
        Columns to draw, one panel each.
    methods, sets : sequence of str, optional
        Which to draw, in this order; default all, in the order of the rows, but no ablations
        (`ablation` draws them), unless there is nothing else.
    k_given : bool
        Runs with K given, or those in which methods estimated it.
    mean : bool
        Add the mean over sets, of methods that were run on all of them.
    ax, show, save
        As in `scinno.pl.embedding`.

    Returns
    -------
    Axes, or list of Axes where ``scores`` is a sequence
        A bar is the mean over seeds, its whisker their standard deviation. A method without runs
        on a set has no bar.

    Raises
    ------
    TypeError
        ``results`` is none of these.
    FileNotFoundError
        There is no such file.
    KeyError
        A column, method or set is missing.
    ValueError
        There are no rows to draw, or the file is of another kind.
    """
    requested = [scores] if isinstance(scores, str) else list(scores)
    rows = rows_of(results, requested, k_given)
    if methods is None:
        methods = [key for key in rows.methods if not is_ablation(key)] or rows.methods
    methods = rows.chosen("method", methods)
    sets = rows.chosen("set", sets)
    drawn = rows.table[rows.table["set"].isin(sets) & rows.table["method"].isin(methods)]
    for score in requested:
        if drawn[score].isna().all():
            raise ValueError(f"score {score!r} has no value in these runs")
    width = min(MAX_WIDTH, max(4.0, 1.5 + len(sets) * (0.16 * len(methods) + 0.3)))
    axes = panels(len(requested), ax, (width, 3.8), ncols=1)
    for axis, score in zip(axes, requested, strict=True):
        _bars(axis, rows, score, methods, sets, mean)
    if ax is None:  # panels are stacked: the names of the sets are needed only once
        for axis in axes[:-1]:
            axis.tick_params(labelbottom=False)
    axes[0].legend(
        frameon=False, fontsize=8, ncols=_legend_columns(rows, methods, width), loc="lower left",
        bbox_to_anchor=(0, 1.02), borderaxespad=0,
    )  # fmt: skip
    finish(axes, show, save)
    return axes[0] if isinstance(scores, str) else axes


@drawing
def ablation(
    results: pd.DataFrame | dict[str, Any] | str | Path,
    scores: str | Sequence[str] = ("NMI", "ARI"),
    *,
    full: str = "scinno",
    without: Sequence[str] | None = None,
    sets: Sequence[str] | None = None,
    k_given: bool = True,
    mean: bool = True,
    ax: Axes | Sequence[Axes] | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> Axes | list[Axes]:
    """Bars of the full method and of its ablations, as in the paper's figure 6.

    Parameters
    ----------
    results, scores, sets, k_given, mean, ax, show, save
        As in `benchmark`.
    full : str
        Name of the full method.
    without : sequence of str, optional
        The others; default all with the word "no" in them, as in "no attention" or in the key
        "scinno-no-attention" of ``scinno bench``.

    Returns
    -------
    Axes, or list of Axes where ``scores`` is a sequence

    Raises
    ------
    TypeError, FileNotFoundError, KeyError, ValueError
        As `benchmark`; ValueError also where no method is an ablation.
    """
    requested = [scores] if isinstance(scores, str) else list(scores)
    if without is None:
        known = rows_of(results, requested, k_given).methods
        without = [key for key in known if is_ablation(key) and key != full]
        if not without:
            raise ValueError(
                "no method is an ablation (named 'no' and a part, as in 'no attention'), there is "
                f"{', '.join(known)}: name them in without"
            )
    return benchmark(
        results, scores, methods=[full, *without], sets=sets, k_given=k_given, mean=mean, ax=ax,
        show=show, save=save,
    )  # fmt: skip


def _legend_columns(rows: Rows, methods: list[str], width: float) -> int:
    """Columns of the legend; a wider legend would narrow the axes."""
    longest = max(len(rows.name(key)) for key in methods)
    return max(1, min(len(methods), int((width - 0.9) / (0.45 + 0.07 * longest))))


def _bars(
    axis: Axes, rows: Rows, score: str, methods: list[str], sets: list[str], mean: bool
) -> None:
    groups = rows.table.groupby(["set", "method"], sort=False)[score]
    center = groups.mean().unstack().reindex(index=sets, columns=methods)
    spread = groups.std().unstack().reindex(index=sets, columns=methods)
    shown = list(sets)
    if mean and len(sets) > 1:
        # A mean over fewer sets could be of easier or harder sets.
        center.loc["mean"] = center.mean(skipna=False)
        spread.loc["mean"] = np.nan
        shown.append("mean")
    places = np.arange(len(shown), dtype=float)
    places[len(sets) :] += 0.4
    width = 0.8 / len(methods)
    for j, (method, color) in enumerate(zip(methods, colors_of(methods), strict=True)):
        at = places + (j - (len(methods) - 1) / 2) * width
        bar, sd = center[method].to_numpy(float), spread[method].to_numpy(float)
        known = np.isfinite(bar)
        axis.bar(
            at[known], bar[known], width * 0.92, color=color, label=as_label(rows.name(method))
        )
        repeated = known & np.isfinite(sd)
        axis.errorbar(
            at[repeated], bar[repeated], sd[repeated], fmt="none", ecolor="0.25", elinewidth=0.8
        )
    axis.margins(x=0.01)
    long = max(len(name) for name in shown) > MAX_UPRIGHT
    axis.set_xticks(
        places,
        [as_label(name) for name in shown],
        rotation=40 if long else 0,
        ha="right" if long else "center",
        fontsize=8,
    )
    low = min(0.0, float(np.nanmin(center.to_numpy())) * 1.05)
    # Scores end at 1; seconds and memory do not.
    high = max(1.02, float(np.nanmax((center + spread.fillna(0)).to_numpy())) * 1.02)
    axis.set(ylabel=score, ylim=(low, high))
    axis.spines[["top", "right"]].set_visible(False)
