"""Any matrix of cells × genes, read as blocks of cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp

from scinno._data.counts import check_dtype
from scinno._data.csc import rows_of_csc
from scinno._runtime.scratch import Room

# Cells that are in memory at once. Sums are taken block by block, so that one number for all
# sources makes their results equal to the last bit.
BLOCK = 4096


class Rows(Protocol):
    """What can be read a block of cells at a time."""

    @property
    def shape(self) -> tuple[int, int]: ...

    def read(self, start: int, stop: int) -> sp.csr_matrix:
        """Cells ``start`` to ``stop``, (cells, genes), without duplicate entries."""
        ...


class MatrixRows:
    """Rows of one matrix: CSR in memory, a backed or lazy matrix, or a dense data set."""

    def __init__(self, matrix: Any) -> None:
        if len(matrix.shape) != 2:
            raise ValueError(f"x must have two dimensions (cells, genes), got shape {matrix.shape}")
        check_dtype(np.dtype(matrix.dtype))
        self._matrix = matrix
        self.shape = (int(matrix.shape[0]), int(matrix.shape[1]))
        if not all(self.shape):
            raise ValueError(f"x must hold at least one cell and one gene, got shape {self.shape}")

    def read(self, start: int, stop: int) -> sp.csr_matrix:
        block = self._matrix[start:stop]
        if hasattr(block, "compute"):  # dask
            block = block.compute()
        return _canonical(block)


class JoinedRows:
    """The rows of several sources below each other, each with its own order of the genes.

    Parameters
    ----------
    parts : sequence of Rows
    columns : sequence of ndarray of int64, or None
        For each part the wanted columns; None takes all as they are.
    """

    def __init__(self, parts: Sequence[Rows], columns: Sequence[np.ndarray | None]) -> None:
        self._parts, self._columns = parts, columns
        self._ends = np.cumsum([part.shape[0] for part in parts])
        first = parts[0].shape[1] if columns[0] is None else len(columns[0])
        self.shape = (int(self._ends[-1]), first)

    def read(self, start: int, stop: int) -> sp.csr_matrix:
        blocks, begin = [], 0
        for part, columns, end in zip(self._parts, self._columns, self._ends, strict=True):
            low, high = max(start, begin), min(stop, int(end))
            if low < high:
                block = part.read(low - begin, high - begin)
                blocks.append(_canonical(block if columns is None else block[:, columns]))
            begin = int(end)
        return blocks[0] if len(blocks) == 1 else _canonical(sp.vstack(blocks, format="csr"))


def is_on_disk(x: Any) -> bool:
    """Whether ``x`` is a matrix that must not be taken into memory whole."""
    if sp.issparse(x) or isinstance(x, np.ndarray) or not hasattr(x, "shape"):
        return False
    # anndata's backed sparse matrices and dask arrays; data sets of h5py and zarr.
    return hasattr(x, "to_memory") or hasattr(x, "compute") or hasattr(x, "chunks")


def rows_of(x: Any, room: Room) -> Rows:
    """Read ``x`` by rows, whatever it is; sparse by columns is first turned round on the disk.

    Raises
    ------
    TypeError
        Values that are no numbers.
    ValueError
        Not two dimensions, or nothing in one of them.
    """
    if getattr(x, "format", None) == "csc" and not sp.issparse(x):
        return MatrixRows(rows_of_csc(x, room))
    return MatrixRows(x)


def blocks_of(
    rows: Rows, size: int = BLOCK, *, within: range | None = None
) -> Iterator[tuple[int, sp.csr_matrix]]:
    """Blocks of all cells, or of those ``within``, each with its first cell."""
    part = range(rows.shape[0]) if within is None else within
    for start in range(part.start, part.stop, size):
        yield start, rows.read(start, min(start + size, part.stop))


def _canonical(block: Any) -> sp.csr_matrix:
    """A block as CSR with sorted genes and without duplicate entries."""
    csr = sp.csr_matrix(block)
    if not csr.has_canonical_format:
        csr = csr.copy()
        csr.sum_duplicates()
    return csr
