"""What the command line says of batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scinno._runtime._texts.plain_text import plain_text

if TYPE_CHECKING:
    from scinno._result.fit import Fit

# Of more batches only how they mix is shown; the files hold all.
MAX_SHOWN = 6


def batch_summary(fit: Fit) -> dict[str, Any]:
    """For ``--json``; empty for a fit without batches."""
    if fit.batches is None or fit.batch_mix is None:
        return {}
    return {
        "batches": fit.batches.reset_index().to_dict("records"),
        "batch_mix": fit.batch_mix.to_dict("records"),
    }


def print_batch_mix(fit: Fit) -> None:
    """A row per cluster: how mixed its cells' neighborhoods are, and its share of each batch."""
    if fit.batch_mix is None:
        return
    names = list(fit.batch_mix.columns[-len(fit.preprocessing.batches) :])
    table = Table(
        box=None, pad_edge=False, title="batches per cluster, mixing 0 to 1", title_justify="left"
    )
    shown = names if len(names) <= MAX_SHOWN else []
    for words in ("cluster", "cells", "mixing before", "after", *shown):
        table.add_column(Text(plain_text(words)), justify="right")  # a name is no markup
    for row in fit.batch_mix.to_dict("records"):
        shares = [f"{row[name]:.0%}" for name in shown]
        mixing = [f"{row[name]:.2f}" for name in ("mixing_before", "mixing_after")]
        table.add_row(str(row["cluster"]), str(row["n_cells"]), *mixing, *shares)
    Console().print(table)
