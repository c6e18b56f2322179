"""Options that several commands share, each defined once."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from scinno._runtime._texts.plain_text import plain_text
from scinno._runtime.json import json_ready
from scinno._runtime.out_folder import only_user_of

EXIT_CODES = (
    "Exit codes: 0 success; 1 scinno doctor found a problem, or an unexpected error (with a "
    "traceback); 2 the input or an option is wrong, with one sentence; "
    "130 interrupted."
)


def _log_more(verbose: bool) -> bool:
    if verbose:
        logging.getLogger("scinno").setLevel(logging.INFO)
    return verbose


Input = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT",
        help="Cells × genes: .h5ad, .zarr, 10x .h5, 10x folder, a folder of several of one of "
        "these, .csv, .tsv (also .gz), .loom",
    ),
]
Clustered = Annotated[
    Path,
    typer.Argument(metavar="RUN", help="Folder of a scinno run, or a clustered .h5ad file."),
]
NClusters = Annotated[
    str | None,
    typer.Option(
        "--n-clusters",
        "-k",
        metavar="K|LOW:HIGH",
        help="Number of clusters, or a range such as 5:12; estimated if absent.",
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")]
PresetName = Annotated[str, typer.Option("--preset", help="'default' or 'paper'.")]
Seed = Annotated[int, typer.Option("--seed", help="Same seed, same clusters.")]
Device = Annotated[str, typer.Option("--device", help="'auto' (CUDA, else CPU), 'cpu', 'cuda'.")]
LabelKey = Annotated[
    str | None, typer.Option("--label-key", help="obs column of known labels: only to score.")
]
Layer = Annotated[
    str | None, typer.Option("--layer", help="Layer with the counts, or raw (default: X).")
]
Kind = Annotated[
    str,
    typer.Option(
        "--input", help="'auto', 'counts', 'log', or 'normalized' (TPM, CPM, fractional counts)."
    ),
]
BatchKey = Annotated[
    list[str] | None,
    typer.Option(
        "--batch-key",
        help="obs column with the batch of each cell (donor, chip, protocol), which is not to make "
        "clusters. Several times: each combination is a batch.",
    ),
]
BatchForce = Annotated[
    bool,
    typer.Option(
        "--batch-force", help="Bring batches together even if they have nothing in common."
    ),
]
SpatialKey = Annotated[
    str | None,
    typer.Option(
        "--spatial-key",
        help="obsm entry with the places of the cells in their tissue: find its domains, too.",
    ),
]
LibraryKey = Annotated[
    str | None,
    typer.Option(
        "--library-key", help="obs column with the slice of each cell (with --spatial-key)."
    ),
]
NDomains = Annotated[
    str | None,
    typer.Option(
        "--n-domains",
        metavar="K|LOW:HIGH",
        help="Number of domains, or a range; default that of clusters, estimated if absent.",
    ),
]
Smoothing = Annotated[
    str,
    typer.Option(
        "--smoothing",
        metavar="auto|ROUNDS",
        help="How often cells are averaged with their neighbors in space; auto chooses.",
    ),
]
Unassigned = Annotated[
    float | None,
    typer.Option(
        "--unassigned",
        metavar="SHARE",
        help="Call cells 'unassigned' in clustered.h5ad whose confidence is below this.",
    ),
]
Backed = Annotated[
    bool | None,
    typer.Option(
        "--backed/--in-memory",
        help="Read .h5ad, .zarr or a folder of them in blocks, never whole; or whole. Default: in "
        "blocks if it would take more than half of the available memory.",
        show_default=False,
    ),
]
Checkpoint = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        metavar="FOLDER",
        help="Keep the state of training here, and resume from it after the program was killed. "
        "INPUT is then read in blocks.",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="A Dask scheduler, as in tcp://host:8786: its workers do the first reading of INPUT.",
    ),
]
Values = Annotated[
    Path | None,
    typer.Option(
        "--values",
        metavar="INPUT",
        help="The file(s) that were clustered, if the run was in blocks and so holds no values.",
    ),
]
Report = Annotated[bool, typer.Option("--report", help="Write report.html, too: one page.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the results of an earlier run.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print warnings and errors only.")]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", callback=_log_more, help="Print what is assumed, too."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Setting = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any setting, e.g. --set pretrain_epochs=40."),
]


def hold(command: typer.Context, out: Path) -> None:
    """Keep other runs from a folder until the command ends; errors as `only_user_of`."""
    command.with_resource(only_user_of(out))


def print_warnings(texts: Sequence[str]) -> None:
    """Sentences about the clusters, on stderr, also with --quiet and --json."""
    for text in texts:
        typer.echo(f"scinno: warning: {plain_text(text)}", err=True)


def parse_settings(pairs: list[str] | None) -> dict[str, Any]:
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


def print_json(what: Any) -> None:
    """One JSON object on stdout; NaN and infinities, which JSON lacks, become null."""
    typer.echo(json.dumps(json_ready(what), indent=2, allow_nan=False, default=str))
