"""``scinno tree``: the levels of a run, and its clusters at another one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scinno.cli import options

if TYPE_CHECKING:
    import anndata as ad
    import numpy as np
    import pandas as pd

    from scinno._result.fit import Fit
    from scinno._tree.cluster_tree import ClusterTree

# Splits on a screen below the requested level, for the next numbers to try.
MORE_SHOWN = 4


def tree(
    command: typer.Context,
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="Folder of a scinno run, or its model.safetensors."),
    ],
    n_clusters: Annotated[
        int | None, typer.Option("--n-clusters", "-k", help="The level with so many clusters.")
    ] = None,
    resolution: Annotated[
        float | None,
        typer.Option("--resolution", "-r", help="1 is the run's own level, more gives more."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the tree, and the clusters of that level."),
    ] = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    as_json: options.AsJson = False,
) -> None:
    """Show which clusters of RUN split last, how well supported each split is, and cut elsewhere.

    Nothing is trained again. With --out the tree is written as a table and two pictures: the tree
    beside genes that distinguish its branches, and the flow of cells between levels. With
    --n-clusters or --resolution also labels, memberships and a model of that level. The expression
    in the picture is that of clustered.h5ad in the run's folder, else of the denoising network.

    \b
    Examples:
      scinno tree pbmc-run
      scinno tree pbmc-run --n-clusters 12 --out pbmc-12
      scinno tree pbmc-run --resolution 2 --json
    """
    import numpy as np
    import pandas as pd

    from scinno._result.fit import load
    from scinno._runtime.atomic import atomic_folder
    from scinno.cli.earlier_run import check_free
    from scinno.cli.run_folder import write_settings, write_tables

    if n_clusters is not None and resolution is not None:
        raise ValueError("give either --n-clusters or --resolution, not both")
    if out is not None:
        if out.resolve() == (run if run.is_dir() else run.parent).resolve():
            raise ValueError(f"--out {out} is RUN itself, which would be replaced: choose another")
        check_free(out, force)
        options.hold(command, out)
    model = run / "model.safetensors" if run.is_dir() else run
    if not model.is_file():
        raise FileNotFoundError(f"RUN {run}: there is no file {model}")
    fit = load(model)
    found = fit.tree
    asked = n_clusters is not None or resolution is not None
    k = found.level(n_clusters, resolution) if asked else found.n_clusters
    names, sizes = found.names(k), np.bincount(found.cut(k), minlength=k)
    summary: dict[str, Any] = {
        "n_clusters": k,
        "n_leaves": found.n_leaves,
        "cells": {name: int(size) for name, size in zip(names, sizes, strict=True)},
        "out": None if out is None else str(out),
    }
    if out is not None:
        cut = fit.cut(k) if asked else None
        with atomic_folder(out) as folder:
            _write_tree(folder, fit, k, _cells_of(model.parent / "clustered.h5ad", fit))
            if cut is not None:
                labels = model.parent / "labels.csv"
                cells = _names_in(labels) if labels.is_file() else pd.RangeIndex(len(cut.labels))
                write_tables(folder, cells, cut.labels, cut.memberships, cut.embedding, cut.latent)
                _clusters_of(cut.labels, found, k).to_csv(folder / "clusters.csv", index=False)
                cut.save(folder / "model.safetensors")
            write_settings(folder, {"model": str(model), **summary})
    if as_json:
        options.print_json(summary | {"splits": found.splits.to_dict("records")})
    elif not quiet:
        _print(found.splits.head(k - 1 + MORE_SHOWN), found.n_clusters)
        typer.echo(f"{k} clusters: " + ", ".join(f"{n} ({s})" for n, s in summary["cells"].items()))
        if out is not None:
            typer.echo(f"the tree is in {out}/")


def _names_in(labels: Path) -> pd.Index:
    """Names of the cells in labels.csv, "NA" and "nan" too."""
    import pandas as pd

    reading: Any = {"usecols": ["cell"], "dtype": str, "keep_default_na": False}
    return pd.Index(pd.read_csv(labels, **reading)["cell"])


def _cells_of(file: Path, fit: Fit) -> ad.AnnData | None:
    """The clustered cells with their values; None where there are none of this fit."""
    from scinno._data.read import read_cells

    if not file.is_file():
        return None
    data = read_cells(file, "RUN")
    same = data.n_obs == len(fit.labels) and set(fit.genes) <= set(data.var_names)
    return data if same and data.X is not None else None


def _write_tree(folder: Path, fit: Fit, k: int, adata: ad.AnnData | None) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from scinno import pl
    from scinno._runtime._texts.csv_text import write_csv
    from scinno._tree.flow import shown_levels

    write_csv(folder / "tree.csv", fit.tree.splits)
    if k > 1:
        pl.tree(fit, k, adata=adata, save=folder / "tree.png")
    pl.levels(fit, [*shown_levels(fit.tree), k], save=folder / "levels.png")


def _clusters_of(labels: np.ndarray, found: ClusterTree, k: int) -> pd.DataFrame:
    """Name in the tree of each label, that of most of its cells, and its number of cells."""
    import pandas as pd

    both = pd.crosstab(labels, found.cut(k))
    names = found.names(k)
    return pd.DataFrame({
        "label": both.index,
        "name": [names[int(group)] for group in both.idxmax(axis=1)],
        "n_cells": both.sum(axis=1).to_numpy(),
    })  # fmt: skip


# Columns on a screen; the file and --json hold all.
_SHOWN = {
    "n_clusters": "K", "node": "split", "left": "into", "right": "and", "n_left": "cells",
    "n_right": "cells", "support": "support", "stability": "stability", "n_genes": "genes",
}  # fmt: skip


def _print(splits: pd.DataFrame, n_clusters: int) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name, words in _SHOWN.items():
        table.add_column(words, justify="left" if name in ("node", "left", "right") else "right")
    table.add_column("")
    for row in splits.to_dict("records"):
        cells = [f"{row[c]:.2f}" if isinstance(row[c], float) else str(row[c]) for c in _SHOWN]
        own = row["n_clusters"] == n_clusters
        table.add_row(*cells, "(run)" if own else "", style="bold" if own else None)
    Console().print(table)
