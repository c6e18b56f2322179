"""Evidence for the number of clusters: the scores of each candidate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from scinno._clusters.k_choice import KChoice
from scinno._drawing.figure import drawing, finish, panels
from scinno._drawing.palette import PALETTE
from scinno.pl._source import source_of


@drawing
def k_evidence(
    data: Any,
    *,
    key: str = "scinno",
    ax: Sequence[Axes] | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> list[Axes]:
    """Scores of each candidate number of clusters, where K was estimated.

    Left: the votes, which decide: how many partitions into communities have so many clusters; K is
    the median. Middle: neighbor purity, the fraction of cells' ten nearest cells that are in their
    own cluster; mean and minimum over clusters. Right: stability (adjusted Rand index between
    subsamples) and silhouette. The dashed line is the K that was chosen, the dotted one the
    runner-up; gray is outside the requested range.

    Parameters
    ----------
    data : AnnData, (cells, genes), Fit, or KChoice of `scinno.choose_k`
    ax : sequence of Axes, optional
        Three; two for evidence of an early version, without stability.
    key, show, save
        As in `scinno.pl.embedding`.

    Returns
    -------
    list of Axes

    Raises
    ------
    TypeError
        ``data`` is none of these.
    ValueError
        ``data`` holds no results, or K was given.
    """
    table, k = _evidence(data, key)
    runner_up = _marked(table, "runner_up")
    has_stability = "stability" in table
    axes = panels(3 if has_stability else 2, ax, (4.6, 3.6))
    _votes(axes[0], table)
    _purities(axes[1], table)
    if has_stability:
        _stability(axes[2], table)
    second = f", runner-up: {runner_up}" if runner_up is not None else ""
    for axis in axes:
        _gray_outside(axis, table)
        axis.axvline(k, color="0.3", lw=1.5, ls="--", gid="chosen")
        if runner_up is not None:
            axis.axvline(runner_up, color="0.3", lw=1.5, ls=":", gid="runner-up")
        axis.set_xlabel(f"number of clusters (chosen: {k}{second})")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.spines[["top", "right"]].set_visible(False)
    finish(axes, show, save)
    return axes


def _evidence(data: Any, key: str) -> tuple[pd.DataFrame, int]:
    """The table, and the number of clusters."""
    if isinstance(data, KChoice):
        return data.table, data.n_clusters
    source = source_of(data, key)
    if source.k_evidence is None:
        raise ValueError("K was given, so there is no evidence for it: fit with n_clusters=None")
    return source.k_evidence, len(source.names)


def _marked(table: pd.DataFrame, column: str) -> int | None:
    if column not in table or not table[column].any():
        return None
    return int(table.loc[table[column].astype(bool), "n_clusters"].iloc[0])


def _line(axis: Axes, table: pd.DataFrame, name: str, words: str, color: str) -> None:
    axis.plot(table["n_clusters"], table[name], "-o", color=color, ms=3, label=words)


def _purities(axis: Axes, table: pd.DataFrame) -> None:
    _line(axis, table, "mean_purity", "mean over clusters", PALETTE[0])
    _line(axis, table, "min_purity", "minimum over clusters", PALETTE[3])
    axis.set(ylim=(0, 1.02), ylabel="fraction of neighbors in own cluster", title="Neighbor purity")
    axis.legend(edgecolor="none", framealpha=0.9, loc="best", fontsize=8)


def _votes(axis: Axes, table: pd.DataFrame) -> None:
    if "votes" in table:
        axis.bar(table["n_clusters"], table["votes"], color=PALETTE[2])
        axis.set(ylabel="partitions into so many communities", title="Votes")
    else:  # a fit of a version whose rule counted pure clusters
        _line(axis, table, "pure_clusters", "", PALETTE[2])
        axis.set(ylabel="clusters with a purity of 0.82 or more", title="Pure clusters")
    axis.yaxis.set_major_locator(MaxNLocator(integer=True))


def _stability(axis: Axes, table: pd.DataFrame) -> None:
    _line(axis, table, "stability", "stability under subsampling", PALETTE[1])
    _line(axis, table, "silhouette", "silhouette", PALETTE[4])
    low = min(0.0, float(table["silhouette"].min()) * 1.1)
    axis.set(
        ylim=(low, 1.02), ylabel="ARI of subsamples, silhouette", title="Stability and silhouette"
    )
    axis.legend(edgecolor="none", framealpha=0.9, loc="best", fontsize=8)


def _gray_outside(axis: Axes, table: pd.DataFrame) -> None:
    """Shade the candidates outside the requested range."""
    if "in_range" not in table or table["in_range"].all():
        return
    numbers = table["n_clusters"]
    requested = numbers[table["in_range"].astype(bool)]
    for start, end in ((numbers.min(), requested.min()), (requested.max() + 1, numbers.max() + 1)):
        if start < end:
            axis.axvspan(start - 0.5, end - 0.5, color="0.93", zorder=0)
