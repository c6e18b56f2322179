"""``scinno subcluster``: one cluster of a run, divided by a fit of its own cells."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scinno.cli import options
from scinno.cli.job import ClusterJob, parse_n_clusters, settings_of


def subcluster(
    run: options.Clustered,
    cluster: Annotated[
        str, typer.Argument(metavar="CLUSTER", help="Name of the cluster, as in obs.")
    ],
    n_clusters: options.NClusters = None,
    out: options.Out = Path("scinno-subclusters"),
    key: Annotated[str, typer.Option("--key", help="obs column with the clusters.")] = "scinno",
    preset: options.PresetName = "default",
    seed: options.Seed = 0,
    device: options.Device = "auto",
    layer: Annotated[
        str | None,
        typer.Option("--layer", help="Layer with the counts (default: what was clustered)."),
    ] = None,
    setting: options.Setting = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    as_json: options.AsJson = False,
) -> None:
    """Divide one cluster of RUN, with a network and most variable genes of its own.

    --out is a run of the cells of that cluster, for scinno report, markers, tree and predict.
    all_labels.csv in it has every cell of RUN: 3.1, 3.2 and so on, or its cluster.

    \b
    Examples:
      scinno subcluster pbmc-run 3 --out pbmc-3
      scinno subcluster clustered.h5ad 0 --n-clusters 4 --out parts
    """
    from scinno.cli.parts import divide

    job = ClusterJob(
        input_path=run,
        n_clusters=parse_n_clusters(n_clusters),
        out=out,
        settings=settings_of(preset, options.parse_settings(setting)),
        seed=seed,
        device=device,
        layer=layer,
        force=force,
        quiet=quiet,
        as_json=as_json,
    )
    divide(job, cluster, key)
