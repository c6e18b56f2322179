"""Cells of the command line that are read in blocks: when, what they take, and how they open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import typer

from scinno._data._formats.reasons import reason
from scinno._data.backed import (
    BACKED_FORMATS,
    BackedCells,
    open_cells,
    parts_of,
    stored_values,
)
from scinno._data.file_size import size_of
from scinno._runtime.memory import available_memory
from scinno._runtime.scratch import ScratchSpace
from scinno._settings.settings import Settings
from scinno.cli._input.estimate import check_resources, estimate

# A file that would take more than this share of the available memory is read in blocks.
SHARE = 0.5


def reads_in_blocks(path: Path, backed: bool | None, needed_by: str | None = None) -> bool:
    """Whether a file is to be read in blocks: as requested, else if it is large.

    Parameters
    ----------
    path : Path
    backed : bool, optional
        ``--backed`` or ``--in-memory``.
    needed_by : str, optional
        What else works with cells in blocks only.

    Raises
    ------
    ValueError
        It is requested, and the format does not allow it.
    """
    if not path.exists():  # the reader of whole files has the better error
        return False
    if needed_by is not None:
        if backed is False:
            raise ValueError(f"{needed_by} reads cells in blocks: leave --in-memory out")
        backed = True
    if backed and not parts_of(path):
        raise ValueError(
            f"{needed_by or '--backed'} needs {BACKED_FORMATS}, got {path}: leave it out or "
            "convert the file"
        )
    if backed is not None or not parts_of(path):
        return bool(backed)
    try:
        return size_of(path).needed > SHARE * available_memory()
    except Exception:  # whatever is wrong with the file, its reader has the better error
        return False


def announce(
    path: Path,
    layer: str | None,
    settings: Settings,
    folder: Path,
    shown: bool,
    processes: int = 1,
    here: int = 1,
) -> None:
    """Say what a fit will take, if ``shown``, and refuse what does not fit (ValueError)."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        needed = estimate(*stored_values(path, layer), settings, processes, here)
    except OSError as error:
        raise ValueError(f"INPUT {path} cannot be read: {reason(error)}") from error
    check_resources(needed, folder)
    if shown:
        typer.echo(str(needed), err=True)


@contextmanager
def open_backed(
    path: Path, layer: str | None, scratch: ScratchSpace, with_obs: bool = True
) -> Iterator[BackedCells]:
    """Open INPUT for reading in blocks; errors as a command's.

    Raises
    ------
    ValueError
        It cannot be opened.
    """
    if scratch.folder is not None:
        scratch.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            cells = stack.enter_context(open_cells(path, layer, scratch, with_obs))
        except OSError as error:
            raise ValueError(f"INPUT {path} cannot be read: {reason(error)}") from error
        yield cells
