"""``scinno cluster`` for files that are read in blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anndata as ad
import pandas as pd
import typer

from scinno._data.backed import STREAMED, CellFiles, open_cells, parts_of, stored_values
from scinno._data.read import reason
from scinno._data.source import Source, source_of
from scinno._distributed.env import processes_here
from scinno._distributed.group import Team
from scinno._preprocess.dask_stats import dask_client, reading_by
from scinno._runtime.memory import available_memory, size_of
from scinno._runtime.scratch import Room
from scinno._settings import Settings
from scinno._train.checkpoint import Checkpoint
from scinno.cli.estimate import check_room, estimate
from scinno.cli.progress import Progress

# A file that would take more than this share of the available memory is read in blocks.
SHARE = 0.5


def streams(path: Path, backed: bool | None, needed_by: str | None = None) -> bool:
    """Whether a file is to be read in blocks: as asked for, else if it is large.

    Parameters
    ----------
    needed_by : str, optional
        What else works with cells in blocks only.

    Raises
    ------
    ValueError
        It is asked for, and the format does not allow it.
    """
    if not path.exists():  # which the reader of whole files says best
        return False
    if needed_by is not None:
        if backed is False:
            raise ValueError(f"{needed_by} reads cells in blocks: leave --in-memory out")
        backed = True
    if backed and not parts_of(path):
        raise ValueError(
            f"{needed_by or '--backed'} needs {STREAMED}, got {path}: leave it out or convert the "
            "file"
        )
    if backed is not None or not parts_of(path):
        return bool(backed)
    there = available_memory()
    try:
        return there is not None and size_of(path).needed > SHARE * there
    except Exception:  # whatever is wrong with the file, its reader says it better
        return False


def run_streamed(
    run: Callable[..., None],
    path: Path,
    start: float,
    n_clusters: Any,
    out: Path,
    label_key: str | None,
    force: bool,
    quiet: bool,
    as_json: bool,
    layer: str | None,
    unassigned: float | None,
    report: bool,
    team: Team,
    checkpoint: Path | None,
    scheduler: str | None,
    **chosen: Any,
) -> None:
    """Say what it will take, refuse what does not fit, then cluster as any other run.

    Raises
    ------
    ValueError
        Too little memory or disk.
    """
    words = ("preset", "seed", "device", "input")
    changes = {name: value for name, value in chosen.items() if name not in words}
    settings = Settings.make(chosen["preset"], changes)
    told = not quiet and not as_json
    check_streamed(path, layer, settings, out.parent, told, team.size, processes_here())
    with (
        open_streamed(path, layer, out.parent, with_obs=team.first) as files,
        dask_client(scheduler) as client,
    ):
        if client is not None and files.by_columns:
            raise ValueError(f"--scheduler needs values stored by rows, {path} has them by columns")
        # Who does not write needs no names of cells.
        obs = {"obs": files.obs} if team.first else {}
        about = ad.AnnData(**obs, var=pd.DataFrame(index=files.var_names))
        kept = Checkpoint(checkpoint)
        kind = chosen.pop("input")

        def source(progress: Progress) -> Source:
            found = source_of(files.rows, list(files.var_names), kind, out.parent, progress.told)
            reading = client and reading_by(client, path, layer, files.rows.shape[0], kind)
            return replace(found, team=team, checkpoint=kept, reading=reading)

        run(
            about, start, n_clusters, out, label_key, force, quiet, as_json, layer, unassigned,
            report, cells=source, values=files.rows, team=team, **chosen,
        )  # fmt: skip
        kept.clear()


def check_streamed(
    path: Path,
    layer: str | None,
    settings: Settings,
    folder: Path,
    told: bool,
    processes: int = 1,
    here: int = 1,
) -> None:
    """Say what a fit will take, if ``told``, and refuse what does not fit (ValueError)."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        needed = estimate(*stored_values(path, layer), settings, processes, here)
    except OSError as error:
        raise ValueError(f"INPUT {path} cannot be read: {reason(error)}") from error
    check_room(needed, folder)
    if told:
        typer.echo(str(needed), err=True)


@contextmanager
def open_streamed(
    path: Path, layer: str | None, folder: Path, with_obs: bool = True
) -> Iterator[CellFiles]:
    """Open INPUT for reading in blocks, with temporary files in ``folder``; errors as a command's.

    Raises
    ------
    ValueError
        It cannot be opened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            files = stack.enter_context(open_cells(path, layer, Room(folder), with_obs))
        except OSError as error:
            raise ValueError(f"INPUT {path} cannot be read: {reason(error)}") from error
        yield files
