"""``scinno choose-k``: how many clusters, and why."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scinno.cli import options
from scinno.cli.job import parse_n_clusters, settings_of
from scinno.cli.progress import ProgressBar

if TYPE_CHECKING:
    from scinno._clusters.k_choice import KChoice


def choose_k(
    command: typer.Context,
    input_path: options.Input,
    within: Annotated[
        str | None,
        typer.Option("--n-clusters", "-k", metavar="LOW:HIGH", help="Choose from this range only."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the table and its picture.")
    ] = None,
    preset: options.PresetName = "default",
    seed: options.Seed = 0,
    device: options.Device = "auto",
    batch_key: options.BatchKey = None,
    batch_force: options.BatchForce = False,
    layer: options.Layer = None,
    kind: options.Kind = "auto",
    setting: options.Setting = None,
    backed: options.Backed = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    as_json: options.AsJson = False,
) -> None:
    """Estimate the number of clusters of INPUT, and show what each candidate scored.

    Clusters are not refined, which 'scinno cluster' does: it chooses the same number.

    \b
    Examples:
      scinno choose-k pbmc.h5ad
      scinno choose-k pbmc.h5ad --n-clusters 5:12 --out evidence
      scinno choose-k cells.h5ad --layer counts --json > choice.json
    """
    from scinno._choose_k import choose_k_of_cells
    from scinno._clusters.requested_k import check_within
    from scinno._data.counts import input_kind
    from scinno._run import RunContext
    from scinno._runtime.atomic import atomic_folder
    from scinno._runtime.device import pick_device
    from scinno._runtime.validate import check_seed
    from scinno.cli._input.backed import announce, reads_in_blocks
    from scinno.cli._input.cells import open_source
    from scinno.cli.earlier_run import check_free
    from scinno.cli.run_folder import write_settings

    start = time.perf_counter()
    requested = parse_n_clusters(within)
    if isinstance(requested, int):
        raise ValueError(f"--n-clusters must be a range such as 5:12 here, got {within!r}")
    if out is not None:
        check_free(out, force)
        options.hold(command, out)
    given = input_kind(kind)
    settings = settings_of(preset, options.parse_settings(setting))
    seed, torch_device = check_seed(seed), pick_device(device)
    folder = None
    if reads_in_blocks(input_path, backed):
        folder = Path(tempfile.gettempdir()) if out is None else out.parent
        announce(input_path, layer, settings, folder, shown=not quiet and not as_json)
    with (
        ProgressBar(shown=not quiet and sys.stderr.isatty()) as bar,
        open_source(input_path, layer, given, folder, tuple(batch_key or ()), batch_force) as (
            _,
            source,
            scratch,
        ),
    ):
        range_of_k = check_within(requested, source.n_cells)
        context = RunContext(scratch, progress=bar.cells_done, callback=bar)
        choice = choose_k_of_cells(source, range_of_k, settings, seed, torch_device, context)
    summary = _summary(choice) | {
        "cells": source.n_cells, "seed": seed, "seconds": round(time.perf_counter() - start, 2),
        "out": None if out is None else str(out),
    }  # fmt: skip
    if out is not None:
        with atomic_folder(out) as made:
            _write(made, choice)
            write_settings(made, summary)
    options.print_warnings(choice.warnings)
    if as_json:
        options.print_json(summary | {"candidates": choice.table.to_dict("records")})
    elif not quiet:
        _print(choice)
        if out is not None:
            typer.echo(f"the table and its picture are in {out}/")


def _summary(choice: KChoice) -> dict[str, Any]:
    return {
        "n_clusters": choice.n_clusters,
        "runner_up": choice.runner_up,
        "lower": choice.lower,
        "upper": choice.upper,
        "range": choice.within,
        "reason": choice.reason,
        "warnings": choice.warnings,
    }


def _write(folder: Path, choice: KChoice) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from scinno import pl

    choice.table.to_csv(folder / "k_evidence.csv", index=False)
    pl.k_evidence(choice, save=folder / "k_evidence.png")


# Columns on a screen; the files hold all.
_SHOWN = {
    "n_clusters": "K",
    "votes": "votes",
    "mean_purity": "mean purity",
    "min_purity": "min purity",
    "stability": "stability",
    "silhouette": "silhouette",
}


def _print(choice: KChoice) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for words in (*_SHOWN.values(), ""):
        table.add_column(words, justify="right" if words else "left")
    for row in choice.table[choice.table["in_range"]].to_dict("records"):
        mark = "chosen" if row["chosen"] else "runner-up" if row["runner_up"] else ""
        cells = [
            f"{row[name]:.2f}" if isinstance(row[name], float) else str(row[name])
            for name in _SHOWN
        ]
        table.add_row(*cells, mark, style="bold" if mark == "chosen" else None)
    Console().print(table)
    second = "none" if choice.runner_up is None else str(choice.runner_up)
    typer.echo(f"chosen: {choice.n_clusters} clusters; runner-up: {second}")
    typer.echo(f"why: {choice.reason}")
