"""How the network was trained, and why K was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from scinno._clustered import PARTS
from scinno._names import unknown
from scinno._palette import PALETTE
from scinno.pl._figure import finish, panels
from scinno.pl._source import source_of


def history(
    data: Any,
    parts: str | Sequence[str] | None = None,
    *,
    key: str = "scinno",
    ncols: int = 3,
    ax: Axes | Sequence[Axes] | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> Axes | list[Axes]:
    """Each part of the loss by epoch; where the joint phase begins stands a dashed line.

    Parameters
    ----------
    data : AnnData, (cells, genes), or Fit
    parts : str or sequence of str, optional
        Columns of `Fit.history` (loss, reconstruction, contrast, scatter, imbalance, changed, …),
        one panel each; default all parts of the loss that were in use.
    ncols : int
        Panels beside each other.
    key, ax, show, save
        As in `scinno.pl.embedding`.

    Returns
    -------
    Axes, or list of Axes unless ``parts`` is one name

    Raises
    ------
    TypeError
        ``data`` is neither an AnnData nor a Fit.
    ValueError
        ``data`` holds no results or no history.
    KeyError
        No such part.
    """
    table = source_of(data, key).history
    if table is None:
        raise ValueError(f"uns[{key!r}] holds no training history: it was made by something else")
    numbers = [
        name for name in table.columns
        if name not in ("epoch", "epochs", "phase") and table[name].notna().any()
    ]  # fmt: skip
    if parts is None:
        wanted = [name for name in PARTS if name in numbers]
    else:
        wanted = [parts] if isinstance(parts, str) else list(parts)
    for name in wanted:
        if name not in numbers:
            raise KeyError(f"the history has no part {name!r}: {unknown(name, numbers)}")
    epochs = range(1, len(table) + 1)
    phases = table["phase"].astype(str).tolist() if "phase" in table else []
    axes = panels(len(wanted), ax, (4, 3), ncols)
    for axis, name in zip(axes, wanted, strict=True):
        axis.plot(epochs, table[name].to_numpy(float), "-o", color=PALETTE[0], ms=3)
        if "cluster" in phases:
            axis.axvline(phases.index("cluster") + 0.5, color="0.4", lw=1, ls="--")
        axis.set(xlabel="epoch", title=PARTS.get(name, name))
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.spines[["top", "right"]].set_visible(False)
    finish(axes, show, save)
    return axes[0] if isinstance(parts, str) else axes


def k_evidence(
    data: Any,
    *,
    key: str = "scinno",
    ax: Sequence[Axes] | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> list[Axes]:
    """What each candidate number of clusters scored, where K was estimated.

    Left: of cells' ten nearest cells, how many are in their own cluster; mean and least over
    clusters. Right: how many clusters hold together. Thin dashed lines are the limits of the rule,
    the thick one is the K that was chosen.

    Parameters
    ----------
    data : AnnData, (cells, genes), or Fit
    ax : sequence of two Axes, optional
    key, show, save
        As in `scinno.pl.embedding`.

    Returns
    -------
    list of two Axes

    Raises
    ------
    TypeError
        ``data`` is neither an AnnData nor a Fit.
    ValueError
        ``data`` holds no results, or K was given.
    """
    from scinno._n_clusters import GOOD_CLUSTER, GOOD_PARTITION

    source = source_of(data, key)
    table = source.k_evidence
    if table is None:
        raise ValueError("K was given, so there is no evidence for it: fit with n_clusters=None")
    k = len(source.names)
    left, right = panels(2, ax, (5, 3.6))
    for name, words, colour in (
        ("mean_share", "mean over clusters", PALETTE[0]),
        ("least_share", "least of all clusters", PALETTE[3]),
    ):
        left.plot(table["n_clusters"], table[name], "-o", color=colour, ms=3, label=words)
    left.axhline(GOOD_PARTITION, color=PALETTE[0], lw=0.8, ls="--")
    left.axhline(GOOD_CLUSTER, color=PALETTE[3], lw=0.8, ls="--")
    left.set(ylim=(0, 1.02), ylabel="share of own neighbours", title="Do clusters hold together?")
    left.legend(edgecolor="none", framealpha=0.9, loc="lower left", fontsize=8)
    right.plot(table["n_clusters"], table["good_clusters"], "-o", color=PALETTE[2], ms=3)
    right.set(
        ylabel=f"clusters with a share of {GOOD_CLUSTER:g} or more", title="How many of them do?"
    )
    for axis in (left, right):
        axis.axvline(k, color="0.3", lw=1.5, ls="--")
        axis.set_xlabel(f"number of clusters (chosen: {k})")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.spines[["top", "right"]].set_visible(False)
    right.yaxis.set_major_locator(MaxNLocator(integer=True))
    finish([left, right], show, save)
    return [left, right]
