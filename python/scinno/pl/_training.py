"""How the network was trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from scinno._anndata.results import LOSS_PARTS
from scinno._drawing.figure import drawing, finish, panels
from scinno._drawing.palette import PALETTE
from scinno._runtime.suggest import did_you_mean
from scinno.pl._source import source_of


@drawing
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
    """Each part of the loss by epoch; a dashed line marks the start of the joint phase.

    Parameters
    ----------
    data : AnnData, (cells, genes), or Fit
    parts : str or sequence of str, optional
        Columns of `Fit.history` (loss, reconstruction, contrastive, scatter, negative_entropy,
        label_change, …), one panel each; default all parts of the loss that were used.
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
        raise ValueError(f"uns[{key!r}] holds no training history: scinno.cluster did not write it")
    if not len(table):
        raise ValueError("the history has no epoch: training was interrupted in its first epoch")
    numbers = [
        name for name in table.columns
        if name not in ("epoch", "n_epochs", "phase") and table[name].notna().any()
    ]  # fmt: skip
    if parts is None:
        requested = [name for name in LOSS_PARTS if name in numbers]
    else:
        requested = [parts] if isinstance(parts, str) else list(parts)
    for name in requested:
        if name not in numbers:
            raise KeyError(f"the history has no part {name!r}: {did_you_mean(name, numbers)}")
    epochs = range(1, len(table) + 1)
    phases = table["phase"].astype(str).tolist() if "phase" in table else []
    axes = panels(len(requested), ax, (4, 3), ncols)
    for axis, name in zip(axes, requested, strict=True):
        axis.plot(epochs, table[name].to_numpy(float), "-o", color=PALETTE[0], ms=3)
        if "joint" in phases:
            axis.axvline(phases.index("joint") + 0.5, color="0.4", lw=1, ls="--")
        axis.set(xlabel="epoch", title=LOSS_PARTS.get(name, name))
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.spines[["top", "right"]].set_visible(False)
    finish(axes, show, save)
    return axes[0] if isinstance(parts, str) else axes
