"""Scores of a benchmark as bars: the paper's figures 4 and 6."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from scinno._names import unknown
from scinno._palette import colours_of
from scinno.pl._figure import finish, panels

# An ablation is named so: "no attention".
WITHOUT = "no "


def benchmark(
    results: pd.DataFrame | str | Path,
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
    results : DataFrame or path
        One row per fit with columns set, method, the scores, and where there are several also
        seed and k_given; or a .csv, .json or .jsonl file with such rows.
    scores : str or sequence of str
        Columns to draw, one panel each.
    methods, sets : sequence of str, optional
        Which to draw, in this order; default all, in the order of the rows.
    k_given : bool
        Rows in which methods were told K, or those in which they estimated it.
    mean : bool
        Add the mean over sets, of methods that were run on all of them.
    ax, show, save
        As in `scinno.pl.embedding`.

    Returns
    -------
    Axes, or list of Axes where ``scores`` is a sequence
        A bar is the mean over seeds, its whisker their standard deviation. A set on which a method
        was not run has no bar.

    Raises
    ------
    TypeError
        ``results`` is neither a DataFrame nor a path.
    FileNotFoundError
        There is no such file.
    KeyError
        A column, method or set is missing.
    ValueError
        There are no rows to draw, or the file is of another kind.
    """
    wanted = [scores] if isinstance(scores, str) else list(scores)
    table = _rows(results, wanted, k_given)
    methods = _chosen("method", methods, table)
    sets = _chosen("set", sets, table)
    width = max(4.0, 1.5 + len(sets) * (0.16 * len(methods) + 0.3))
    axes = panels(len(wanted), ax, (width, 3.8), ncols=1)
    for axis, score in zip(axes, wanted, strict=True):
        _bars(axis, table, score, methods, sets, mean)
    axes[0].legend(
        frameon=False, fontsize=8, ncols=min(len(methods), 4), loc="lower left",
        bbox_to_anchor=(0, 1.02), borderaxespad=0,
    )  # fmt: skip
    finish(axes, show, save)
    return axes[0] if isinstance(scores, str) else axes


def ablation(
    results: pd.DataFrame | str | Path,
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
    """Bars of the whole method beside the same without one part, as in the paper's figure 6.

    Parameters
    ----------
    results, scores, sets, k_given, mean, ax, show, save
        As in `benchmark`.
    full : str
        Name of the whole method.
    without : sequence of str, optional
        Names of the others; default all that contain ``"no "``, as in "no attention".

    Returns
    -------
    Axes, or list of Axes where ``scores`` is a sequence

    Raises
    ------
    TypeError, FileNotFoundError, KeyError, ValueError
        As `benchmark`; ValueError also where no method is an ablation.
    """
    wanted = [scores] if isinstance(scores, str) else list(scores)
    table = _rows(results, wanted, k_given)
    if without is None:
        known = list(dict.fromkeys(table["method"]))
        without = [name for name in known if WITHOUT in name and name != full]
        if not without:
            raise ValueError(
                f"no method is an ablation (named {WITHOUT!r} and a part), there is "
                f"{', '.join(known)}: name them in without"
            )
    return benchmark(
        table, scores, methods=[full, *without], sets=sets, k_given=k_given, mean=mean, ax=ax,
        show=show, save=save,
    )  # fmt: skip


def _rows(results: pd.DataFrame | str | Path, scores: list[str], k_given: bool) -> pd.DataFrame:
    table = results if isinstance(results, pd.DataFrame) else _read(results)
    for name in ("set", "method", *scores):
        if name not in table.columns:
            raise KeyError(f"results have no column {name!r}: {unknown(name, table.columns)}")
    if "k_given" in table.columns:
        table = table[table["k_given"].astype(bool) == k_given]
    if not len(table):
        raise ValueError(f"results have no rows with k_given = {k_given}")
    return table.assign(set=table["set"].astype(str), method=table["method"].astype(str))


def _read(path: str | Path) -> pd.DataFrame:
    if not isinstance(path, str | Path):
        raise TypeError(f"results must be a DataFrame or a path, got {type(path).__name__}")
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"results {path}: there is no such file")
    if path.suffix == ".csv":
        return pd.read_csv(path)
    if path.suffix in (".json", ".jsonl"):
        return pd.read_json(path, lines=path.suffix == ".jsonl")
    raise ValueError(f"results must be a .csv, .json or .jsonl file, got {path}")


def _chosen(column: str, asked: Sequence[str] | None, table: pd.DataFrame) -> list[str]:
    known = list(dict.fromkeys(table[column]))
    if asked is None:
        return known
    for name in asked:
        if name not in known:
            raise KeyError(f"results have no {column} {name!r}: {unknown(name, known)}")
    return list(asked)


def _bars(
    axis: Axes, table: pd.DataFrame, score: str, methods: list[str], sets: list[str], mean: bool
) -> None:
    groups = table.groupby(["set", "method"], sort=False)[score]
    centre = groups.mean().unstack().reindex(index=sets, columns=methods)
    spread = groups.std().unstack().reindex(index=sets, columns=methods)
    shown = list(sets)
    if mean and len(sets) > 1:
        # A mean over fewer sets would be one of easier or harder sets.
        centre.loc["mean"] = centre.mean(skipna=False)
        spread.loc["mean"] = np.nan
        shown.append("mean")
    places = np.arange(len(shown), dtype=float)
    places[len(sets) :] += 0.4
    width = 0.8 / len(methods)
    for j, (method, colour) in enumerate(zip(methods, colours_of(methods), strict=True)):
        at = places + (j - (len(methods) - 1) / 2) * width
        high, sd = centre[method].to_numpy(float), spread[method].to_numpy(float)
        known = np.isfinite(high)
        axis.bar(at[known], high[known], width * 0.92, color=colour, label=method)
        seen = known & np.isfinite(sd)
        axis.errorbar(at[seen], high[seen], sd[seen], fmt="none", ecolor="0.25", elinewidth=0.8)
    axis.margins(x=0.01)
    long = max(len(name) for name in shown) > 6
    axis.set_xticks(
        places, shown, rotation=40 if long else 0, ha="right" if long else "center", fontsize=8
    )
    low = min(0.0, float(np.nanmin(centre.to_numpy())) * 1.05)
    axis.set(ylabel=score, ylim=(low, 1.02))
    axis.spines[["top", "right"]].set_visible(False)
