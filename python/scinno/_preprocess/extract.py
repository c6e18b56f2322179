"""Second reading of all cells: log1p values of the genes that the network sees."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp

from scinno._data.blocks import Rows, blocks_of
from scinno._data.scratch_csr import DiskRows
from scinno._distributed.group import ALONE, Team
from scinno._preprocess.gene_stats import normalised
from scinno._runtime.scratch import Room


def keep(
    rows: Rows,
    kept: np.ndarray,
    stored: int,
    factor: np.ndarray | None,
    room: Room,
    told: Callable[[int, int], None] | None = None,
    team: Team = ALONE,
) -> tuple[sp.csr_matrix | DiskRows, np.ndarray, np.ndarray]:
    """Values of the kept genes, and the mean and standard deviation of each over all cells.

    Of a team each process keeps the values of its own cells.

    Parameters
    ----------
    kept : ndarray of int64, ascending
        Genes to keep.
    stored : int
        Values above 0 that these genes have in the cells that are kept.
    factor : ndarray of float64, (cells,), or None
        What counts are multiplied by; None takes values as they are.
    room : Room
        Without a folder the values become one matrix in memory.

    Returns
    -------
    csr_matrix or DiskRows of float32, (cells, kept)
    mean, spread : ndarray of float32, (kept,)
    """
    (n, n_genes), own = rows.shape, team.part(rows.shape[0])
    place = np.full(n_genes, -1, dtype=np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    total, squares = np.zeros(len(kept)), np.zeros(len(kept))
    filled = DiskRows((len(own), len(kept)), stored, np.float32, room)
    for start, block in blocks_of(rows, within=own):
        part = _columns(block, place, len(kept))
        if factor is None:
            part.data = part.data.astype(np.float32)
        else:
            part = normalised(part, factor[start - own.start :][: part.shape[0]])
        wide = part.data.astype(np.float64)
        total += np.bincount(part.indices, wide, minlength=len(kept))
        squares += np.bincount(part.indices, np.square(wide, out=wide), minlength=len(kept))
        filled.append(part)
        if told is not None:
            told(start + part.shape[0] - own.start, len(own))
    mean = team.sum(total) / n
    spread = np.sqrt(np.maximum(team.sum(squares) / n - mean**2, 0))
    values = filled.as_matrix() if room.folder is None else filled
    return values, mean.astype(np.float32), spread.astype(np.float32)


def _columns(block: sp.csr_matrix, place: np.ndarray, n_kept: int) -> sp.csr_matrix:
    """Some columns of a block, in fresh buffers and without stored zeros."""
    where = place[block.indices]
    chosen = (where >= 0) & (block.data != 0)
    before = np.concatenate([[0], np.cumsum(chosen)])
    pointer = before[block.indptr]
    return sp.csr_matrix((block.data[chosen], where[chosen], pointer), (block.shape[0], n_kept))
