"""``scinno predict``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scinno.cli import options

if TYPE_CHECKING:
    from scinno._batch.labels import BatchLabels
    from scinno._data.source import BlockSource
    from scinno._result.fit import Fit

NewBatches = Annotated[
    bool,
    typer.Option(
        "--new-batches",
        help="Take batches that MODEL does not know: their centers are found without training, and "
        "the model that knows them is written, too.",
    ),
]


def predict(
    command: typer.Context,
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="model.safetensors of a run.")],
    input_path: options.Input,
    out: options.Out = Path("scinno-predicted"),
    batch_key: options.BatchKey = None,
    new_batches: NewBatches = False,
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
      scinno predict run/model.safetensors new.h5ad --batch-key donor --new-batches --out new
      scinno predict big-run/model.safetensors atlas.h5ad --backed --out atlas-run
    """
    import numpy as np

    from scinno._batch.columns import batch_of
    from scinno._batch.labels import batch_labels, known_batch
    from scinno._nn.inference import memberships as memberships_of
    from scinno._result.fit import load
    from scinno._result.predict import ANY_KIND, embed_new_cells
    from scinno._run import RunContext
    from scinno._runtime.atomic import atomic_folder
    from scinno.cli._input.backed import reads_in_blocks
    from scinno.cli._input.cells import BATCH_KEY, open_source
    from scinno.cli.earlier_run import check_free
    from scinno.cli.progress import ProgressBar
    from scinno.cli.run_folder import write_predictions, write_settings, write_tables

    check_free(out, force)
    options.hold(command, out)
    fit = load(model)
    n_known = len(fit.preprocessing.batches)
    in_blocks = reads_in_blocks(input_path, backed)
    folder = out.parent if in_blocks else None
    with (
        ProgressBar(shown=not quiet and sys.stderr.isatty()) as bar,
        open_source(input_path, layer, ANY_KIND, folder) as (obs, source, scratch),
    ):
        columns: Any = batch_of(obs, batch_key or None, BATCH_KEY)
        if columns is not None and fit.batches is not None:
            labels = batch_labels(columns, len(obs))
            if new_batches:
                fit = with_new_batches(fit, source, labels, min_overlap)
            columns = [labels.names[code] for code in labels.codes]
        codes = known_batch(columns, fit.preprocessing.batches, len(obs))
        context = RunContext(scratch, progress=bar.cells_done)
        embedding = embed_new_cells(
            source, fit.preprocessing, fit.network, min_overlap, context, codes
        )
    memberships = memberships_of(fit.network, embedding)
    assigned = memberships.argmax(axis=1)
    write = write_predictions if in_blocks else write_tables
    with atomic_folder(out) as folder:
        write(folder, obs.index, assigned, memberships, embedding)
        write_settings(folder, {"model": str(model), "cells": len(obs)})
        if len(fit.preprocessing.batches) > n_known:
            fit.save(folder / "model.safetensors")
    sizes = np.bincount(assigned, minlength=fit.n_clusters)
    if as_json:
        options.print_json({
            "cells": len(obs),
            "clusters": {str(j): size for j, size in enumerate(sizes)},
            "mean_confidence": memberships.max(axis=1).mean(),
            "out": str(out),
        })  # fmt: skip
    elif not quiet:
        typer.echo(f"{len(obs)} cells labeled, in {np.count_nonzero(sizes)} clusters: {out}/")


def with_new_batches(fit: Fit, source: BlockSource, labels: BatchLabels, min_overlap: float) -> Fit:
    """The fit with those batches of the new cells that it does not know."""
    import numpy as np

    from scinno._data.blocks import SomeCells

    genes = list(source.genes) if source.named else None
    for code, name in enumerate(labels.names):
        if name not in fit.preprocessing.batches:
            cells = SomeCells(source.reader, np.flatnonzero(labels.codes == code))
            fit = fit.add_batch(cells, name, genes, min_overlap=min_overlap)
    return fit
