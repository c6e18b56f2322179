"""``scinno cluster`` and ``scinno demo``."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

import scinno
from scinno.cli import options
from scinno.cli.progress import Progress

if TYPE_CHECKING:
    from scinno._distributed.group import Team


def cluster(
    input_path: options.Input,
    n_clusters: options.NClusters = None,
    out: options.Out = Path("scinno-run"),
    preset: options.PresetName = "default",
    seed: options.Seed = 0,
    device: options.Device = "auto",
    label_key: options.LabelKey = None,
    layer: options.Layer = None,
    kind: options.Kind = "auto",
    unassigned: options.Unassigned = None,
    setting: options.Setting = None,
    backed: options.Backed = None,
    checkpoint: options.Checkpoint = None,
    scheduler: options.Scheduler = None,
    report: options.Report = False,
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    as_json: options.AsJson = False,
) -> None:
    """Cluster the cells of INPUT and write labels, memberships, embedding, model and pictures.

    \b
    Examples:
      scinno cluster pbmc.h5ad --n-clusters 8 --out pbmc-run
      scinno cluster filtered_feature_bc_matrix/ --out run    (K is estimated)
      scinno cluster cells.h5ad --n-clusters 5:12 --out run   (K is estimated within)
      scinno cluster cells.h5ad --layer counts --label-key cell_type --out run
      scinno cluster cells.h5ad --unassigned 0.5 --json --out run > summary.json
      scinno cluster atlas.h5ad --backed --out run            (in blocks, never whole)
      torchrun --nproc-per-node 4 -m scinno cluster atlas.h5ad --out run --checkpoint state
    """
    from scinno._data.read import read_cells
    from scinno._distributed.env import team_size
    from scinno._distributed.group import team_of_torchrun
    from scinno.cli.run_folder import check_free
    from scinno.cli.streamed import run_streamed, streams

    start = time.perf_counter()
    asked = options.n_clusters_of(n_clusters)
    check_free(out, force)
    chosen: dict[str, Any] = {"preset": preset, "seed": seed, "device": device, "input": kind}
    chosen |= options.settings_of(setting)
    needed_by = {
        "torchrun": team_size() > 1,
        "--checkpoint": checkpoint is not None,
        "--scheduler": scheduler is not None,
    }
    if not streams(input_path, backed, next((name for name in needed_by if needed_by[name]), None)):
        given = (asked, out, label_key, force, quiet, as_json, layer, unassigned, report)
        _run(read_cells(input_path), start, *given, **chosen)
        return
    with team_of_torchrun() as team:
        if not team.first:  # what all see, one says
            quiet = True
            logging.getLogger("scinno").setLevel(logging.ERROR)
        run_streamed(
            _run, input_path, start, asked, out, label_key, force, quiet, as_json, layer,
            unassigned, report, team, checkpoint, scheduler, **chosen,
        )  # fmt: skip


def demo(
    out: options.Out = Path("scinno-demo"),
    seed: options.Seed = 0,
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    as_json: options.AsJson = False,
) -> None:
    """Cluster 700 blood cells that ship with scanpy (10x PBMC 68k, reduced).

    \b
    Example:
      scinno demo --out scinno-demo
    """
    import warnings

    import scanpy as sc

    from scinno.cli.run_folder import check_free

    start = time.perf_counter()
    check_free(out, force)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old file format, read all the same
        data = sc.datasets.pbmc68k_reduced().raw.to_adata()
    data.uns.clear()
    _run(
        data, start, data.obs["bulk_labels"].nunique(), out, "bulk_labels", force, quiet, as_json,
        seed=seed, input="log",
    )  # fmt: skip


def _run(
    data: Any,
    start: float,
    n_clusters: int | tuple[int, int] | None,
    out: Path,
    label_key: str | None,
    force: bool,
    quiet: bool,
    as_json: bool,
    layer: str | None = None,
    unassigned: float | None = None,
    report: bool = False,
    cells: Callable[[Progress], Any] | None = None,
    values: Any = None,
    team: Team | None = None,
    **chosen: Any,
) -> None:
    """Fit and write; ``cells`` makes what is fitted if it is not in ``data``.

    ``values`` are then the same cells for the page. Of a ``team`` only the first one writes.
    """
    import numpy as np

    from scinno._anndata.cluster import check_unassigned, counts_of
    from scinno.cli.run_folder import complete_or_nothing, write_run

    check_unassigned(unassigned)
    writes = team is None or team.first
    if label_key is not None and writes and label_key not in data.obs:
        raise ValueError(
            f"--label-key {label_key!r} is not in obs, which holds: {', '.join(data.obs) or 'none'}"
        )
    with Progress(shown=not quiet and sys.stderr.isatty()) as progress:
        x = counts_of(data, layer) if cells is None else cells(progress)
        fit = scinno.fit(x, n_clusters, genes=data.var_names, callback=progress, **chosen)
    if not writes:
        return
    seconds = {"read_and_fit": round(time.perf_counter() - start, 2)}
    with complete_or_nothing(out, force) as folder:
        scored = write_run(
            folder, data, fit, label_key, seconds, layer, unassigned, large=cells is not None
        )
    if report:  # when the results are safe: a page that fails must not cost a long fit
        from scinno.report import write_report

        write_report(
            data, out / "report.html", label_key=label_key, title=out.name,
            about={"seconds": seconds}, values=values,
            layer=layer if values is None else None,
        )  # fmt: skip
    options.print_warnings(fit.warnings)
    few = 0 if unassigned is None else int((fit.confidence < unassigned).sum())
    if as_json:
        sizes = np.bincount(fit.labels, minlength=fit.n_clusters)
        options.print_json({
            "cells": len(fit.labels),
            "n_clusters": fit.n_clusters,
            "clusters": {str(j): size for j, size in enumerate(sizes)},
            "mean_confidence": fit.confidence.mean(),
            "unassigned": few,
            "genes_used": len(fit.genes),
            "input": fit.preprocessing.kind,
            "seed": fit.seed,
            "warnings": fit.warnings,
            "seconds": seconds["read_and_fit"],
            "scores": scored,
            "out": str(out),
        })  # fmt: skip
    if quiet or as_json:
        return
    typer.echo(f"{fit!r}")
    typer.echo(f"read and fitted in {seconds['read_and_fit']:.1f} s")
    if unassigned is not None:
        typer.echo(f"{few} cell(s) below a confidence of {unassigned:g} are unassigned")
    for name, value in scored.items():
        typer.echo(f"{name} against {label_key}: {value:.3f}")
    typer.echo(f"labels, memberships, embedding, model and pictures are in {out}/")
