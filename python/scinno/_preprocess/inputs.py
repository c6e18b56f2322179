"""From counts to what the network reads: size factors, log1p, kept genes, centre and scale."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from scinno._data.blocks import MatrixRows, Rows
from scinno._data.counts import Counts
from scinno._data.scratch_csr import DiskRows
from scinno._data.source import Source, Told, telling
from scinno._distributed.group import ALONE, Team
from scinno._preprocess.extract import keep
from scinno._preprocess.gene_stats import Survey, factors, normalised, survey
from scinno._preprocess.genes import choose_genes
from scinno._runtime.scratch import Room
from scinno._settings import Settings

if TYPE_CHECKING:
    from scinno._preprocess.gpu_values import Resident

logger = logging.getLogger("scinno")


@dataclass(frozen=True)
class Preprocessing:
    """What training fixed and new cells must get as well.

    Attributes
    ----------
    genes : ndarray of str, (genes,)
        All genes of the training data: library sizes are summed over these.
    kept : ndarray of int64, (kept,)
        Which of them the network sees.
    target_sum : float
        Counts per cell after normalisation; 0 for log input, which is taken as it is.
    centre, scale : ndarray of float32, (kept,)
        Subtracted from, then divided out of the log1p values.
    kind : {"counts", "log"}
    """

    genes: np.ndarray
    named: bool
    kept: np.ndarray
    target_sum: float
    centre: np.ndarray
    scale: np.ndarray
    kind: str


@dataclass(frozen=True)
class Inputs:
    """Sparse log1p values of the kept genes; dense only one mini-batch at a time.

    Attributes
    ----------
    values : csr_matrix, or DiskRows for streamed cells, of float32, (cells, kept), log1p
    preprocessing : Preprocessing
    room : Room
        Where arrays with a row for each cell may lie.
    told : callable, optional
        Hears how far the reading is.
    resident : Resident, optional
        The same values on a GPU.
    team : Team
        Of several processes each holds its own part of the cells …
    of_all : int, optional
        … of so many.
    """

    values: sp.csr_matrix | DiskRows
    preprocessing: Preprocessing
    room: Room = field(default_factory=Room)
    told: Told | None = None
    resident: Resident | None = None
    team: Team = ALONE
    of_all: int | None = None

    @property
    def n_cells(self) -> int:
        return int(self.values.shape[0])

    @property
    def n_all(self) -> int:
        """Cells of the whole team."""
        return self.n_cells if self.of_all is None else self.of_all

    @property
    def n_kept(self) -> int:
        return int(self.values.shape[1])

    def dense(self, rows: np.ndarray | slice) -> np.ndarray:
        """Scaled values of some cells, float32 (rows, kept)."""
        block = self.values[rows].toarray()
        block -= self.preprocessing.centre
        block /= self.preprocessing.scale
        return block

    def tensor(self, rows: np.ndarray | slice, device: torch.device) -> Tensor:
        """`dense` on a device, from there if the values are there."""
        if self.resident is None:
            return torch.from_numpy(self.dense(rows)).to(device)
        return self.resident.scaled(rows if isinstance(rows, slice) else torch.from_numpy(rows))

    def blocks(self, size: int, rows: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """Consecutive blocks of ``size`` cells, of all or of some, float32 (≤ size, kept)."""
        for start in range(0, self.n_cells if rows is None else len(rows), size):
            part = slice(start, start + size)
            yield self.dense(part if rows is None else rows[part])


def prepare(cells: Counts | Source, settings: Settings) -> Inputs:
    """Normalise, choose genes, and measure centre and scale on the training cells.

    Size factors bring each cell to ``target_sum`` counts (default: the median library size);
    an all-zero cell stays zero. Then log1p, highly variable genes, and per-gene centre (always)
    and scale (``settings.scale``: to unit variance).

    Cells are read twice, a block at a time, whether they lie in memory or on the disk: the same
    sums in the same order, and so the same numbers.

    Raises
    ------
    ValueError
        Fewer than two usable genes; for a `Source` what `as_counts` refuses.
    """
    rows: Rows
    if isinstance(cells, Counts):
        rows, room, told, team = MatrixRows(cells.matrix), Room(), None, ALONE
        found = survey(rows, cells.genes, cells.kind, checked=True)
    else:
        rows, room, told, team = cells.rows, cells.room, cells.told, cells.team
        reading = cells.reading and cells.reading(team.part(rows.shape[0]))
        seen = telling(told, "checking")
        found = survey(rows, cells.genes, cells.input, False, seen, team, reading)
    target = _target(found, settings, team, rows.shape[0])
    # Survey's moments are of shares of the library, or of log input as it is.
    unit = target if found.kind == "counts" else 1.0
    kept = choose_genes(
        found.expressed_in,
        found.mean * unit,
        found.variance * unit**2,
        rows.shape[0],
        settings,
    )
    factor = factors(found.library, target) if found.kind == "counts" else None
    stored = int(found.stored[kept].sum())
    values, centre, spread = keep(rows, kept, stored, factor, room, telling(told, "reading"), team)
    scale = np.where(spread > 1e-6, spread, 1).astype(np.float32)
    if not settings.scale:
        # One number for all genes: the network's learning rate must not depend on sequencing depth.
        scale = np.full_like(scale, max(float(np.sqrt(np.mean(spread**2))), 1e-6))
    fixed = Preprocessing(cells.genes, cells.named, kept, target, centre, scale, found.kind)
    return Inputs(values, fixed, room, told, team=team, of_all=rows.shape[0])


def _target(found: Survey, settings: Settings, team: Team, n: int) -> float:
    """Counts per cell after normalisation, 0 for log input; a word on cells without counts."""
    if found.kind == "log":
        return 0.0
    empty = np.flatnonzero(found.library == 0)
    if len(empty):
        logger.warning(
            "%d cell(s) have no counts at all (first: cell %d); they are kept and labelled, "
            "but their labels mean nothing",
            len(empty),
            team.part(n).start + empty[0],
        )
    if settings.target_sum:
        return settings.target_sum
    library = team.to_first(found.library, np.empty(n if team.first else 0))
    return team.from_first(lambda: float(np.median(library[library > 0])))


def prepare_new(counts: Counts, fitted: Preprocessing, columns: np.ndarray) -> Inputs:
    """Give new cells the treatment that the training cells got.

    Parameters
    ----------
    columns : ndarray of int64, (genes,)
        Column of ``counts`` for each fitted gene, −1 where missing (see ``line_up``).
    """
    known = columns[columns >= 0]
    values = counts.matrix
    same = len(known) == counts.matrix.shape[1] and bool((known == np.arange(len(known))).all())
    if fitted.kind == "counts":
        counted = values if same else values[:, known]
        library = np.asarray(counted.sum(axis=1, dtype=np.float64)).ravel()
        values = normalised(values, factors(library, fitted.target_sum))
    else:
        values = values.astype(np.float32)
    wanted = columns[fitted.kept]
    present = np.flatnonzero(wanted >= 0)
    part = values[:, wanted[present]].tocoo()
    shape = (values.shape[0], len(fitted.kept))
    lined_up = sp.csr_matrix((part.data, (part.row, present[part.col])), shape=shape)
    lined_up.sort_indices()
    return Inputs(lined_up, fitted)
