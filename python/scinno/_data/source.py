"""Cells that are read block by block, ready for `fit`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scinno._data.blocks import Rows, is_on_disk, rows_of
from scinno._data.counts import Counts, InputKind, as_counts, gene_names, input_kind
from scinno._distributed.group import ALONE, Team
from scinno._preprocess.gene_stats import Reading
from scinno._runtime.scratch import Room
from scinno._train.checkpoint import NOWHERE, Checkpoint

# What is being done, cells done, all cells.
Told = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Source:
    """As `Counts`, but neither read nor checked yet.

    Attributes
    ----------
    rows : Rows
    genes : ndarray of str, (genes,)
    named : bool
        Whether the gene names came from the caller.
    input : {"auto", "counts", "log"}
    room : Room
        Where large arrays of the fit may lie.
    told : callable, optional
        Gets a word for what is being done, cells done and all cells.
    team : Team
        The processes that share out the cells.
    checkpoint : Checkpoint
        Where training goes on if it was killed.
    reading : callable, optional
        Another way to do the first reading of a part of the cells, see `survey`.
    """

    rows: Rows
    genes: np.ndarray
    named: bool
    input: InputKind
    room: Room
    told: Told | None = None
    team: Team = ALONE
    checkpoint: Checkpoint = NOWHERE
    reading: Callable[[range], Reading] | None = None

    @property
    def n_cells(self) -> int:
        return self.rows.shape[0]


def cells_of(
    x: Any, genes: Sequence[str] | None = None, input: InputKind = "auto"
) -> Counts | Source:
    """What `prepare` takes: checked counts in memory, or a source; errors as `as_counts`."""
    if isinstance(x, Source):
        return x
    return source_of(x, genes, input) if is_on_disk(x) else as_counts(x, genes, input)


def telling(told: Told | None, what: str) -> Callable[[int, int], None] | None:
    """``told`` for one task."""
    return None if told is None else lambda done, of: told(what, done, of)


def source_of(
    x: Any,
    genes: Sequence[str] | None = None,
    input: InputKind = "auto",
    folder: Path | None = None,
    told: Told | None = None,
) -> Source:
    """What `as_counts` is for matrices in memory.

    Parameters
    ----------
    x : Rows, or a backed or lazy matrix, (cells, genes)
    folder : Path, optional
        For temporary files; default that of the system (TMPDIR).

    Raises
    ------
    TypeError, ValueError
        As `as_counts`, as far as it can be told without reading the values.
    """
    input = input_kind(input)
    room = Room(folder or Path(tempfile.gettempdir()))
    names = gene_names(genes, tuple(x.shape))
    rows = x if hasattr(x, "read") else rows_of(x, room)
    return Source(rows, names, genes is not None, input, room, told)
