"""``scinno markers``: genes that set clusters apart, from the command line."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scinno._runtime._texts.plain_text import plain_text
from scinno.cli import options

if TYPE_CHECKING:
    import pandas as pd

# On a screen; files and JSON hold all that was requested.
ROWS_SHOWN = 10


def markers(
    run: options.Clustered,
    cluster: Annotated[
        list[str] | None,
        typer.Option("--cluster", "-c", help="Cluster to describe; may be repeated. Default: all."),
    ] = None,
    against: Annotated[
        str, typer.Option("--against", "-a", help="Another cluster, or 'rest'.")
    ] = "rest",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="CSV file for the full table.")
    ] = None,
    key: Annotated[str, typer.Option("--key", help="obs column with the clusters.")] = "scinno",
    layer: Annotated[
        str | None, typer.Option("--layer", help="Layer to test (default: what was clustered).")
    ] = None,
    kind: options.Kind = "auto",
    values: options.Values = None,
    method: Annotated[
        str, typer.Option("--method", help="wilcoxon, t-test or t-test_overestim_var (scanpy).")
    ] = "wilcoxon",
    n_genes: Annotated[
        int | None, typer.Option("--n-genes", "-n", help="Best genes per cluster. Default: all.")
    ] = None,
    batch_key: Annotated[
        list[str] | None,
        typer.Option(
            "--batch-key",
            help="obs column with batches, to test within each; may be repeated. "
            "Default: that of the run.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the CSV file.")] = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    as_json: options.AsJson = False,
) -> None:
    """Genes that set a cluster apart from the others, or from one other (scanpy's tests).

    \b
    Examples:
      scinno markers pbmc-run
      scinno markers pbmc-run --cluster 3 --against 5 --out markers.csv
      scinno markers clustered.h5ad --cluster 3 --n-genes 20 --json
      scinno markers big-run --values atlas.h5ad    (a run in blocks: of a sample of 20,000 cells)
    """
    from scinno._anndata.markers import markers as find_markers
    from scinno._data.counts import input_kind
    from scinno._data.read import read_clustered
    from scinno._runtime._texts.csv_text import csv_text, warn_of_formulas
    from scinno._runtime.atomic import write_file

    if out is not None:
        if out.is_dir():
            raise IsADirectoryError(f"--out must be a CSV file, but {out} is a folder")
        if out.exists() and not force:
            raise FileExistsError(f"--out {out} exists: choose another or add --force")
        if not out.parent.is_dir():
            raise FileNotFoundError(f"--out {out}: there is no folder {out.parent}")
    data = read_clustered(run, key)
    if values is not None:
        from scinno.cli._input.values import sample_with_values, values_of_run

        n_cells = data.n_obs
        with values_of_run(values, layer, data, Path(tempfile.gettempdir())) as reader:
            data, layer = sample_with_values(data, reader, key), None
        if data.n_obs < n_cells and not quiet:
            typer.echo(f"from {data.n_obs:,} of {n_cells:,} cells, at random", err=True)
    elif data.X is None and layer is None:
        raise ValueError(
            f"{run} holds no values, as after a run in blocks: name the file that was clustered "
            "with --values"
        )
    table = find_markers(
        data, key=key, groups=cluster or None, reference=against, layer=layer, method=method,
        input=input_kind(kind), n_genes=n_genes, batch_key=batch_key or "auto",
    )  # fmt: skip
    if out is not None:
        write_file(out, csv_text(table).encode())
        warn_of_formulas(out, {*table["cluster"].astype(str), *table["gene"].astype(str)})
    if as_json:
        options.print_json({
            "against": against,
            "method": method,
            "markers": table.to_dict("records"),
            "out": None if out is None else str(out),
        })  # fmt: skip
    elif not quiet:
        for name, part in table.groupby("cluster", sort=False):
            typer.echo(_screen(str(name), against, part.head(ROWS_SHOWN)))
        if out is not None:
            typer.echo(f"{len(table)} rows are in {out}")


def _screen(cluster: str, against: str, best: pd.DataFrame) -> str:
    genes = [plain_text(gene) for gene in best["gene"]]
    width = max(12, *(len(gene) + 2 for gene in genes))
    against = "the rest" if against == "rest" else against
    lines = [
        plain_text(f"cluster {cluster} against {against}"),
        f"  {'gene':<{width}}{'log2 fold':>10}{'p adjusted':>12}{'in':>7}{'out':>7}",
    ]
    for gene, row in zip(genes, best.itertuples(), strict=True):
        lines.append(
            f"  {gene:<{width}}{row.log2_fold_change:>10.2f}{row.p_adjusted:>12.1e}"
            f"{row.fraction_in:>7.0%}{row.fraction_out:>7.0%}"
        )
    return "\n".join(lines) + "\n"
