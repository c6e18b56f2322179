"""``scinno predict``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from scinno.cli import options


def predict(
    command: typer.Context,
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="model.safetensors of a run.")],
    input_path: options.Input,
    out: options.Out = Path("scinno-predicted"),
    layer: options.Layer = None,
    min_overlap: Annotated[
        float, typer.Option(help="Least share of the model's genes that INPUT must hold.")
    ] = 0.5,
    backed: options.Backed = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    as_json: options.AsJson = False,
) -> None:
    """Label the cells of INPUT with the clusters of an earlier run.

    \b
    Examples:
      scinno predict pbmc-run/model.safetensors more.h5ad --out more-run
      scinno predict pbmc-run/model.safetensors other-chip/ --min-overlap 0.3 --out other
      scinno predict big-run/model.safetensors atlas.h5ad --backed --out atlas-run
    """
    import numpy as np

    from scinno._nn.inference import memberships as memberships_of
    from scinno._result.fit import load
    from scinno._result.predict import ANY_KIND, embed_new_cells
    from scinno._run import RunContext
    from scinno._runtime.atomic import atomic_folder
    from scinno.cli.backed import reads_in_blocks
    from scinno.cli.cells import open_source
    from scinno.cli.progress import ProgressBar
    from scinno.cli.run_folder import check_free, write_predictions, write_settings, write_tables

    check_free(out, force)
    options.hold(command, out)
    fit = load(model)
    in_blocks = reads_in_blocks(input_path, backed)
    folder = out.parent if in_blocks else None
    with (
        ProgressBar(shown=not quiet and sys.stderr.isatty()) as bar,
        open_source(input_path, layer, ANY_KIND, folder) as (cells, source, scratch),
    ):
        context = RunContext(scratch, progress=bar.cells_done)
        embedding = embed_new_cells(source, fit.preprocessing, fit.network, min_overlap, context)
    memberships = memberships_of(fit.network, embedding)
    labels = memberships.argmax(axis=1)
    write = write_predictions if in_blocks else write_tables
    with atomic_folder(out) as folder:
        write(folder, cells, labels, memberships, embedding)
        write_settings(folder, {"model": str(model), "cells": len(cells)})
    sizes = np.bincount(labels, minlength=fit.n_clusters)
    if as_json:
        options.print_json({
            "cells": len(cells),
            "clusters": {str(j): size for j, size in enumerate(sizes)},
            "mean_confidence": memberships.max(axis=1).mean(),
            "out": str(out),
        })  # fmt: skip
    elif not quiet:
        typer.echo(f"{len(cells)} cells labeled, in {np.count_nonzero(sizes)} clusters: {out}/")
