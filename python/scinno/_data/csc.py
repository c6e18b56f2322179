"""A sparse matrix that lies on the disk by columns, turned into rows on the disk."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from scinno._data.scratch_csr import ScratchCSR
from scinno._runtime.scratch import ScratchSpace

# Stored values that are read at once.
VALUES = 20_000_000


def csr_from_csc(matrix: Any, scratch: ScratchSpace) -> ScratchCSR:
    """The same matrix by rows.

    Row blocks of a CSC matrix would each need all of it. So it is read twice by columns: once to
    count the values of each cell, once to put them where they belong.

    Parameters
    ----------
    matrix : anndata backed CSC matrix, (cells, genes)
    """
    n_cells, n_genes = (int(side) for side in matrix.shape)
    pointers = np.asarray(matrix.group["indptr"][:])
    lengths = np.zeros(n_cells, dtype=np.int64)
    for start in range(0, int(pointers[-1]), VALUES):
        cells = np.asarray(matrix.group["indices"][start : start + VALUES])
        lengths += np.bincount(cells, minlength=n_cells)
    rows = ScratchCSR((n_cells, n_genes), int(pointers[-1]), np.dtype(matrix.dtype).type, scratch)
    np.cumsum(lengths, out=rows.indptr[1:])
    free = rows.indptr[:-1].copy()
    for low, high in _column_blocks(pointers):
        part: sp.csr_matrix = matrix[:, low:high].tocsr()
        count = np.diff(part.indptr)
        place = np.repeat(free - part.indptr[:-1], count) + np.arange(part.nnz)
        rows.data[place], rows.indices[place] = part.data, part.indices + low
        free += count
        rows.release()
    return rows


def _column_blocks(pointers: np.ndarray) -> list[tuple[int, int]]:
    """Ranges of columns with about `VALUES` values, one column at least."""
    blocks, low, n = [], 0, len(pointers) - 1
    while low < n:
        high = int(np.searchsorted(pointers, pointers[low] + VALUES, side="right")) - 1
        high = min(max(high, low + 1), n)
        blocks.append((low, high))
        low = high
    return blocks
