"""The command ``scinno report``."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from scinno._runtime.out_folder import check_folder
from scinno.cli import options


def report(
    source: Annotated[
        Path,
        typer.Argument(metavar="RUN_DIR|CLUSTERED.h5ad", help="A run folder, or its .h5ad file."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="The page; default: report.html in the run folder or beside the file.",
        ),
    ] = None,
    key: Annotated[
        str, typer.Option("--key", help="Name the results are stored under.")
    ] = "scinno",
    label_key: Annotated[
        str | None, typer.Option("--label-key", help="obs column of known labels to compare with.")
    ] = None,
    batch_key: Annotated[
        str | None,
        typer.Option("--batch-key", help="obs column of batches (default: 'batch', if present)."),
    ] = None,
    genes: Annotated[
        list[str] | None,
        typer.Option("--genes", "-g", help="Gene(s) the page must hold: CD3D,NKG7 or repeated."),
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Title of the page.")] = None,
    layer: Annotated[
        str | None, typer.Option("--layer", help="Layer with the counts (default: X).")
    ] = None,
    values: options.Values = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing page.")] = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    as_json: options.AsJson = False,
) -> None:
    """One self-contained HTML page about a run: map, clusters, markers, checks of the data.

    \b
    Examples:
      scinno report pbmc-run
      scinno report pbmc-run --label-key cell_type --genes CD3D,NKG7
      scinno report clustered.h5ad --batch-key donor --title "Blood, chip 1" --out page.html
      scinno report big-run --values atlas.h5ad    (a run in blocks keeps no values)
    """
    from scinno.report._sources import fit_of, open_source

    if out is None:
        out = source / "report.html" if source.is_dir() else source.with_name(f"{source.stem}.html")
    check_page_path(out, force)
    if out.parent.is_dir():
        check_folder(out.parent, out)
    opened = open_source(source, key)
    from scinno.report import write_report

    requested = [name.strip() for text in genes or [] for name in text.split(",") if name.strip()]
    with ExitStack() as stack:
        reader = None
        if values is not None:
            from scinno.cli._input.values import values_of_run

            reader = stack.enter_context(values_of_run(values, layer, opened.adata, out.parent))
        write_report(
            opened.adata, out, key=key, label_key=label_key, batch_key=batch_key, genes=requested,
            title=title or opened.title, layer=layer if reader is None else None,
            about=opened.about, values=reader, fit=fit_of(source, opened.adata, key),
        )  # fmt: skip
    size = out.stat().st_size
    if as_json:
        options.print_json({"cells": opened.adata.n_obs, "bytes": size, "out": str(out)})
    elif not quiet:
        typer.echo(f"{opened.adata.n_obs:,} cells on one page of {size / 1e6:.1f} MB: {out}")


def check_page_path(out: Path, force: bool) -> None:
    """Refuse a page that would overwrite something.

    Raises
    ------
    FileExistsError
        ``out`` exists and ``force`` is not given; or is a folder, or a file that is not a page.
    """
    if out.is_dir():
        raise FileExistsError(f"--out must be a file, but {out} is a folder")
    if out.exists():
        if not force:
            raise FileExistsError(f"--out {out} exists: choose another or add --force")
        if out.suffix.lower() not in (".html", ".htm"):
            raise FileExistsError(
                f"--out {out} exists and is not an .html file: --force replaces pages only"
            )
