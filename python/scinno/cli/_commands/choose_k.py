"""``scinno choose-k``: how many clusters, and why."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import scinno
from scinno.cli import options
from scinno.cli.progress import Progress

if TYPE_CHECKING:
    from scinno import KChoice


def choose_k(
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
    from scinno._data.counts import input_kind
    from scinno._data.read import read_cells
    from scinno._data.source import Source, source_of
    from scinno._settings import Settings
    from scinno.cli.run_folder import check_free, complete_or_nothing
    from scinno.cli.streamed import check_streamed, open_streamed, streams

    start = time.perf_counter()
    asked = options.n_clusters_of(within)
    if isinstance(asked, int):
        raise ValueError(f"--n-clusters must be a range such as 5:12 here, got {within!r}")
    if out is not None:
        check_free(out, force)
    given, changes = input_kind(kind), options.settings_of(setting)
    folder = Path(tempfile.gettempdir()) if out is None else out.parent
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(shown=not quiet and sys.stderr.isatty()))
        x: Any
        if streams(input_path, backed):
            settings = Settings.make(preset, changes)
            check_streamed(input_path, layer, settings, folder, told=not quiet and not as_json)
            files = stack.enter_context(open_streamed(input_path, layer, folder))
            x = source_of(files.rows, list(files.var_names), given, folder, progress.told)
            layer = None
        else:
            x = read_cells(input_path)
        choice = scinno.choose_k(
            x, asked, layer=layer, preset=preset, seed=seed, device=device, callback=progress,
            input=given, **changes,
        )  # fmt: skip
        cells = x.n_cells if isinstance(x, Source) else x.n_obs
    told = _told(choice) | {
        "cells": cells, "seed": seed, "seconds": round(time.perf_counter() - start, 2),
        "out": None if out is None else str(out),
    }  # fmt: skip
    if out is not None:
        with complete_or_nothing(out, force) as folder:
            _write(folder, choice, told)
    options.print_warnings(choice.warnings)
    if as_json:
        options.print_json(told | {"candidates": choice.table.to_dict("records")})
    elif not quiet:
        _print(choice)
        if out is not None:
            typer.echo(f"the table and its picture are in {out}/")


def _told(choice: KChoice) -> dict[str, Any]:
    return {
        "k": choice.k,
        "runner_up": choice.runner_up,
        "lower": choice.lower,
        "upper": choice.upper,
        "range": choice.within,
        "reason": choice.reason,
        "warnings": choice.warnings,
    }


def _write(folder: Path, choice: KChoice, told: dict[str, Any]) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    choice.table.to_csv(folder / "k_evidence.csv", index=False)
    scinno.pl.k_evidence(choice, save=folder / "k_evidence.png")
    about = {"scinno": scinno.__version__} | told
    (folder / "settings.json").write_text(json.dumps(about, indent=2) + "\n")


# Columns on a screen; the files hold all.
_SHOWN = {
    "n_clusters": "K",
    "mean_share": "mean share",
    "least_share": "least share",
    "good_clusters": "good clusters",
    "stability": "stability",
    "silhouette": "silhouette",
}


def _print(choice: KChoice) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for words in (*_SHOWN.values(), ""):
        table.add_column(words, justify="right" if words else "left")
    for row in choice.table[choice.table["allowed"]].to_dict("records"):
        mark = "chosen" if row["chosen"] else "runner-up" if row["runner_up"] else ""
        cells = [
            f"{row[name]:.2f}" if isinstance(row[name], float) else str(row[name])
            for name in _SHOWN
        ]
        table.add_row(*cells, mark, style="bold" if mark == "chosen" else None)
    Console().print(table)
    second = "none" if choice.runner_up is None else str(choice.runner_up)
    typer.echo(f"chosen: {choice.k} clusters; runner-up: {second}")
    typer.echo(f"why: {choice.reason}")
