"""``scinno predict``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

import scinno
from scinno.cli import options
from scinno.cli.progress import Progress


def predict(
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
    """Place the cells of INPUT in the clusters of an earlier run.

    \b
    Examples:
      scinno predict pbmc-run/model.safetensors more.h5ad --out more-run
      scinno predict pbmc-run/model.safetensors other-chip/ --min-overlap 0.3 --out other
      scinno predict big-run/model.safetensors atlas.h5ad --backed --out atlas-run
    """
    import numpy as np

    from scinno._anndata.cluster import counts_of
    from scinno._data.read import read_cells
    from scinno._data.source import source_of
    from scinno.cli.run_folder import check_free, complete_or_nothing, write_placed, write_tables
    from scinno.cli.streamed import open_streamed, streams

    check_free(out, force)
    fit = scinno.load(model)
    large = streams(input_path, backed)
    with Progress(shown=not quiet and sys.stderr.isatty()) as progress:
        if large:
            with open_streamed(input_path, layer, out.parent) as files:
                cells, genes = files.obs.index, list(files.var_names)
                x = source_of(files.rows, genes, folder=out.parent, told=progress.told)
                embedding = fit.transform(x, min_overlap=min_overlap)
        else:
            data = read_cells(input_path)
            cells, x = data.obs_names, counts_of(data, layer)
            embedding = fit.transform(x, data.var_names, min_overlap=min_overlap)
    memberships = fit.network.memberships(embedding)
    labels = memberships.argmax(axis=1)
    write = write_placed if large else write_tables
    with complete_or_nothing(out, force) as folder:
        write(folder, cells, labels, memberships, embedding)
        about = {"scinno": scinno.__version__, "model": str(model), "cells": len(cells)}
        (folder / "settings.json").write_text(json.dumps(about, indent=2) + "\n")
    sizes = np.bincount(labels, minlength=fit.n_clusters)
    if as_json:
        options.print_json({
            "cells": len(cells),
            "clusters": {str(j): size for j, size in enumerate(sizes)},
            "mean_confidence": memberships.max(axis=1).mean(),
            "out": str(out),
        })  # fmt: skip
    elif not quiet:
        typer.echo(f"{len(cells)} cells placed in {np.count_nonzero(sizes)} clusters: {out}/")
