"""``scinno tune``: settings for these cells, searched for without labels."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scinno.cli import options
from scinno.cli.job import parse_n_clusters, settings_of
from scinno.cli.progress import BudgetBar

if TYPE_CHECKING:
    from scinno._tune.result import Tuning


# Seconds that are kept for the picture.
DRAWING = 4.0


def tune(
    input_path: options.Input,
    n_clusters: options.NClusters = None,
    budget: Annotated[
        float, typer.Option("--budget", metavar="SECONDS", help="The command ends within these.")
    ] = 600.0,
    n_trials: Annotated[
        int | None, typer.Option("--trials", help="Most trials; as many as fit if absent.")
    ] = None,
    study: Annotated[
        Path | None,
        typer.Option("--study", metavar="FILE", help="Keep all trials here, and go on from them."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the table and its picture.")
    ] = None,
    preset: options.PresetName = "default",
    seed: options.Seed = 0,
    device: options.Device = "auto",
    layer: options.Layer = None,
    kind: options.Kind = "auto",
    setting: options.Setting = None,
    backed: options.Backed = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    as_json: options.AsJson = False,
) -> None:
    """Search for settings that suit the cells of INPUT, without labels.

    Each trial clusters half of the molecules of each cell, and the other half scores it.
    Other settings than those given are recommended only if fresh halves confirm them.
    INPUT must hold raw counts.

    \b
    Examples:
      scinno tune pbmc.h5ad --n-clusters 8
      scinno tune pbmc.h5ad -k 8 --budget 1800 --study pbmc.db --out tuned
      scinno tune cells.h5ad --layer counts --json > tuned.json
    """
    from scinno._tune.clock import CLOSING, Clock, check_budget

    requested = parse_n_clusters(n_clusters)
    with BudgetBar(check_budget(budget), shown=not quiet and sys.stderr.isatty()) as bar:
        # Before what takes seconds to load, so that these count.
        clock = Clock(budget, bar.tick, CLOSING if out is None else CLOSING + DRAWING)
        from scinno._data.counts import input_kind
        from scinno._runtime.device import pick_device
        from scinno._runtime.validate import check_seed
        from scinno._tune.study import check_study, import_optuna
        from scinno._tune.tune import Plan, check_n_trials, tune_cells
        from scinno.cli._input.backed import announce, reads_in_blocks
        from scinno.cli._input.cells import open_source
        from scinno.cli.earlier_run import check_free

        try:
            import_optuna()
        except ModuleNotFoundError as error:  # the command line does not need it otherwise
            raise ValueError(error) from None
        if out is not None:
            check_free(out, force)
            import_pictures()
        plan = Plan(
            budget, check_n_trials(n_trials), None, check_study(study),
            settings_of(preset, options.parse_settings(setting)), check_seed(seed),
            pick_device(device),
        )  # fmt: skip
        given, folder = input_kind(kind), None
        if reads_in_blocks(input_path, backed):
            folder = Path(tempfile.gettempdir()) if out is None else out.parent
            announce(input_path, layer, plan.settings, folder, shown=not quiet and not as_json)
        with open_source(input_path, layer, given, folder) as (_, source, _):
            found = tune_cells(source, requested, plan, clock, bar.trial)
    summary = _summary(found) | {
        "cells": source.n_cells, "seed": seed, "out": None if out is None else str(out),
    }  # fmt: skip
    if out is not None:
        _write(out, found, summary)
    if as_json:
        options.print_json(summary | {"trials": found.table.to_dict("records")})
    elif not quiet:
        _print(found, input_path, n_clusters)
        if out is not None:
            typer.echo(f"the table and its picture are in {out}/")


def _summary(found: Tuning) -> dict[str, Any]:
    return {
        "settings": asdict(found.settings),
        "changes": found.changes(),
        "best": found.changes("best"),
        "reason": found.reason,
        "gains": found.gains.tolist(),
        "n_clusters": found.n_clusters,
        "budget": found.budget,
        "seconds": round(found.seconds, 2),
    }


def import_pictures() -> Any:
    """`scinno.pl`, for files only."""
    import matplotlib as mpl

    mpl.use("Agg")
    from scinno import pl

    return pl


def _write(out: Path, found: Tuning, summary: dict[str, Any]) -> None:
    from scinno._runtime.atomic import atomic_folder
    from scinno.cli.run_folder import write_settings

    with atomic_folder(out) as folder:
        found.table.to_csv(folder / "trials.csv", index=False, float_format="%.6g")
        if (found.table["state"] == "complete").any():
            import_pictures().tuning(found, save=folder / "trials.png")
        write_settings(folder, summary)


# Columns on a screen before those of the settings; the file and --json hold all.
_SHOWN = {
    "trial": "trial", "held_out": "held out", "stability": "stability", "score": "score",
    "seconds": "seconds",
}  # fmt: skip


def _print(found: Tuning, path: Path, n_clusters: str | None) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for words in _SHOWN.values():
        table.add_column(words, justify="right", no_wrap=True)
    table.add_column("differs from the first in")
    table.add_column("", no_wrap=True)
    for row in found.table.to_dict("records"):
        mark = "best" if row["best"] else row["state"] if row["state"] != "complete" else ""
        changed = (n for n in found.searched if row[n] != getattr(found.start, n))
        differs = " ".join(f"{name}={row[name]}" for name in changed)
        cells = [_text(row[name]) for name in _SHOWN]
        table.add_row(*cells, differs, mark, style="bold" if row["best"] else None)
    Console().print(table)
    typer.echo(f"why: {found.reason}")
    sets = " ".join(f"--set {name}={value}" for name, value in found.changes().items())
    k = f" -k {n_clusters}" if n_clusters is not None else ""
    typer.echo(f"cluster with: scinno cluster {path}{k} {sets}".rstrip())


def _text(value: Any) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.3f}"
    return str(value)
