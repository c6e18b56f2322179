"""The command line: ``scinno cluster``, ``scinno predict``, ``scinno demo``."""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

import scinno
from scinno._progress import Progress

app = typer.Typer(
    help="Deep clustering of single-cell RNA-seq: denoising autoencoder, attention, fuzzy k-means.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)

Input = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT",
        help="Cells × genes: .h5ad, 10x .h5, 10x folder, .csv, .tsv (also .gz), .loom",
    ),
]
NClusters = Annotated[
    int | None, typer.Option("--n-clusters", "-k", help="Number of clusters; estimated if absent.")
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")]
PresetName = Annotated[str, typer.Option("--preset", help="'default' or 'paper'.")]
Seed = Annotated[int, typer.Option("--seed", help="Same seed, same clusters.")]
Device = Annotated[str, typer.Option("--device", help="'auto' (CUDA, else CPU), 'cpu', 'cuda'.")]
LabelKey = Annotated[
    str | None, typer.Option("--label-key", help="obs column of known labels: only to score.")
]
Layer = Annotated[str | None, typer.Option("--layer", help="Layer with the counts (default: X).")]
Kind = Annotated[str, typer.Option("--input", help="'auto', 'counts' or 'log'.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the results of an earlier run.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no summary.")]
Setting = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any setting, e.g. --set epochs=40."),
]


def _version(show: bool) -> None:
    if show:
        typer.echo(f"scinno {scinno.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def cluster(
    input_path: Input,
    n_clusters: NClusters = None,
    out: Out = Path("scinno-run"),
    preset: PresetName = "default",
    seed: Seed = 0,
    device: Device = "auto",
    label_key: LabelKey = None,
    layer: Layer = None,
    kind: Kind = "auto",
    setting: Setting = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Cluster the cells of INPUT and write labels, memberships, embedding, model and pictures.

    Example: scinno cluster pbmc.h5ad --n-clusters 8 --out pbmc-run
    """
    from scinno._read import read_cells
    from scinno._run_folder import check_free

    start = time.perf_counter()
    check_free(out, force)
    data = read_cells(input_path)
    options: dict[str, Any] = {"layer": layer, "preset": preset, "seed": seed}
    options |= {"device": device, "input": kind} | _settings(setting)
    _run(data, start, n_clusters, out, label_key, force, quiet, **options)


@app.command()
def demo(
    out: Out = Path("scinno-demo"),
    seed: Seed = 0,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Cluster 700 blood cells that ship with scanpy (10x PBMC 68k, reduced)."""
    import warnings

    import scanpy as sc

    from scinno._run_folder import check_free

    start = time.perf_counter()
    check_free(out, force)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old file format, read all the same
        data = sc.datasets.pbmc68k_reduced().raw.to_adata()
    data.uns.clear()
    _run(
        data, start, data.obs["bulk_labels"].nunique(), out, "bulk_labels", force, quiet,
        seed=seed, input="log",
    )  # fmt: skip


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="model.safetensors of a run.")],
    input_path: Input,
    out: Out = Path("scinno-predicted"),
    layer: Layer = None,
    min_overlap: Annotated[
        float, typer.Option(help="Least share of the model's genes that INPUT must hold.")
    ] = 0.5,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Place the cells of INPUT in the clusters of an earlier run.

    Example: scinno predict pbmc-run/model.safetensors more.h5ad --out more-run
    """
    from scinno._anndata import counts_of
    from scinno._read import read_cells
    from scinno._run_folder import check_free, complete_or_nothing, write_tables

    check_free(out, force)
    fit = scinno.load(model)
    data = read_cells(input_path)
    embedding = fit.transform(counts_of(data, layer), data.var_names, min_overlap=min_overlap)
    memberships = fit.network.memberships(embedding)
    labels = memberships.argmax(axis=1)
    with complete_or_nothing(out, force) as folder:
        write_tables(folder, data.obs_names, labels, memberships, embedding)
        about = {"scinno": scinno.__version__, "model": str(model), "cells": data.n_obs}
        (folder / "settings.json").write_text(json.dumps(about, indent=2) + "\n")
    if not quiet:
        typer.echo(f"{data.n_obs} cells placed in {len(set(labels.tolist()))} clusters: {out}/")


def _run(
    data: Any,
    start: float,
    n_clusters: int | None,
    out: Path,
    label_key: str | None,
    force: bool,
    quiet: bool,
    layer: str | None = None,
    **options: Any,
) -> None:
    from scinno._anndata import counts_of
    from scinno._run_folder import complete_or_nothing, write_run

    if label_key is not None and label_key not in data.obs:
        raise ValueError(
            f"--label-key {label_key!r} is not in obs, which holds: {', '.join(data.obs) or 'none'}"
        )
    with Progress(shown=not quiet and sys.stderr.isatty()) as progress:
        fit = scinno.fit(
            counts_of(data, layer), n_clusters, genes=data.var_names, callback=progress, **options
        )
    seconds = {"read_and_fit": round(time.perf_counter() - start, 2)}
    with complete_or_nothing(out, force) as folder:
        scored = write_run(folder, data, fit, label_key, seconds)
    if quiet:
        return
    typer.echo(f"{fit!r}")
    typer.echo(f"read and fitted in {seconds['read_and_fit']:.1f} s")
    for name, value in scored.items():
        typer.echo(f"{name} against {label_key}: {value:.3f}")
    typer.echo(f"labels, memberships, embedding, model and pictures are in {out}/")


def _settings(pairs: list[str] | None) -> dict[str, Any]:
    """``NAME=VALUE`` texts as keyword arguments; values are JSON, or text where they are not."""
    options: dict[str, Any] = {}
    for pair in pairs or []:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ValueError(f"--set needs NAME=VALUE, got {pair!r}")
        try:
            options[name] = json.loads(text)
        except json.JSONDecodeError:
            options[name] = text
    return options


def main() -> None:
    """Run the command line; expected problems end in one line on stderr and exit code 2."""
    logging.basicConfig(format="scinno: %(message)s", level=logging.WARNING)
    logging.captureWarnings(True)
    try:
        app(standalone_mode=True)
    except (ValueError, TypeError, KeyError, OSError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        typer.echo(f"scinno: error: {message}", err=True)
        raise SystemExit(2) from None
