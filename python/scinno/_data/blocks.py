"""Any matrix of cells × genes, read as blocks of cells."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, Protocol, runtime_checkable

import numpy as np
import scipy.sparse as sp

from scinno._data._sparse.compressed import check_sparse, check_stored
from scinno._data.csc import csr_from_csc
from scinno._data.matrix import check_dtype
from scinno._runtime.scratch import ScratchSpace

# Cells that are in memory at once. Sums are taken block by block, so that one number for all
# sources makes their results equal to the last bit.
BLOCK = 4096


@runtime_checkable
class BlockReader(Protocol):
    """What can be read a block of cells at a time."""

    @property
    def shape(self) -> tuple[int, int]: ...

    def read(self, start: int, stop: int) -> sp.csr_matrix:
        """Cells ``start`` to ``stop``, (cells, genes), without duplicate entries."""
        ...


class MatrixBlocks:
    """Blocks of one matrix: CSR in memory, a backed or lazy matrix, or a dense data set."""

    def __init__(self, matrix: Any) -> None:
        if len(matrix.shape) != 2:
            raise ValueError(f"x must have two dimensions (cells, genes), got shape {matrix.shape}")
        check_dtype(np.dtype(matrix.dtype))
        self._matrix = matrix
        # What lies in memory was looked at as a whole.
        self._unseen = is_on_disk(matrix)
        self.shape = (int(matrix.shape[0]), int(matrix.shape[1]))
        if not all(self.shape):
            raise ValueError(f"x must hold at least one cell and one gene, got shape {self.shape}")

    def read(self, start: int, stop: int) -> sp.csr_matrix:
        block: Any = self._matrix[start:stop]
        lazy = isinstance(block, _types("dask.array", "Array"))
        block = block.compute() if lazy else block
        if self._unseen:
            check_sparse(block, "a block of x")
        return _canonical(block)


class ConcatBlocks:
    """The cells of several readers below each other, each with its own order of the genes.

    Parameters
    ----------
    parts : sequence of BlockReader
    columns : sequence of ndarray of int64, or None
        For each part the wanted columns; None takes all as they are.
    """

    def __init__(self, parts: Sequence[BlockReader], columns: Sequence[np.ndarray | None]) -> None:
        self._parts, self._columns = parts, columns
        self._ends = np.cumsum([part.shape[0] for part in parts])
        n_genes = parts[0].shape[1] if columns[0] is None else len(columns[0])
        self.shape = (int(self._ends[-1]), n_genes)

    def read(self, start: int, stop: int) -> sp.csr_matrix:
        blocks, begin = [], 0
        for part, columns, end in zip(self._parts, self._columns, self._ends, strict=True):
            low, high = max(start, begin), min(stop, int(end))
            if low < high:
                block = part.read(low - begin, high - begin)
                blocks.append(_canonical(block if columns is None else block[:, columns]))
            begin = int(end)
        return blocks[0] if len(blocks) == 1 else _canonical(sp.vstack(blocks, format="csr"))


class SomeCells:
    """Some of the cells of a reader.

    Parameters
    ----------
    cells : BlockReader
    rows : ndarray of int, ascending
        Which of them. A block is read from its first to its last one.
    """

    def __init__(self, cells: BlockReader, rows: np.ndarray) -> None:
        self._cells, self._rows = cells, rows
        self.shape = (len(rows), cells.shape[1])

    def read(self, start: int, stop: int) -> sp.csr_matrix:
        rows = self._rows[start:stop]
        return self._cells.read(int(rows[0]), int(rows[-1]) + 1)[rows - rows[0]]


def is_on_disk(x: Any) -> bool:
    """Whether ``x`` is a matrix that must not be taken into memory as a whole."""
    kinds = (
        *_types("anndata.abc", "CSRDataset", "CSCDataset"),
        *_types("dask.array", "Array"),
        *_types("h5py", "Dataset"),
        *_types("zarr", "Array"),
    )
    return isinstance(x, kinds)


def in_memory(x: Any) -> Any:
    """``x`` as a whole in memory; sparse stays sparse."""
    backed = isinstance(x, _types("anndata.abc", "CSRDataset", "CSCDataset"))
    lazy = isinstance(x, _types("dask.array", "Array"))
    if backed:
        return x.to_memory()
    if lazy:
        return x.compute()
    return np.asarray(x[:]) if is_on_disk(x) else x


def _types(module: str, *names: str) -> tuple[type, ...]:
    """Types of a package, if it has been imported: otherwise there is no object of them."""
    if module.partition(".")[0] not in sys.modules:
        return ()
    try:
        found = import_module(module)
    except ImportError:
        return ()
    return tuple(getattr(found, name) for name in names)


def block_reader_of(x: Any, scratch: ScratchSpace) -> BlockReader:
    """Read ``x`` by blocks of cells; a file that is sparse by columns is first turned round.

    Parameters
    ----------
    x : BlockReader, or matrix in memory or on the disk, (cells, genes)
    scratch : ScratchSpace
        For the matrix that was turned round.

    Raises
    ------
    TypeError
        Values that are not numbers.
    ValueError
        Not two dimensions, nothing in one of them, or sparse with indices that make no matrix.
    """
    if isinstance(x, BlockReader):
        return x
    by_columns = isinstance(x, _types("anndata.abc", "CSCDataset"))
    if by_columns or isinstance(x, _types("anndata.abc", "CSRDataset")):
        check_stored(x.group, x.shape, not by_columns, "the matrix on the disk", whole=by_columns)
    if by_columns:
        return MatrixBlocks(csr_from_csc(x, scratch))
    return MatrixBlocks(x)


def iterate_blocks(
    reader: BlockReader, size: int | None = None, *, within: range | None = None
) -> Iterator[tuple[int, sp.csr_matrix]]:
    """Blocks of all cells, or of those ``within``, each with its first cell.

    Parameters
    ----------
    reader : BlockReader
    size : int, optional
        Cells of a block; default `BLOCK`.
    within : range, optional
    """
    size = BLOCK if size is None else size
    part = range(reader.shape[0]) if within is None else within
    for start in range(part.start, part.stop, size):
        yield start, reader.read(start, min(start + size, part.stop))


def _canonical(block: Any) -> sp.csr_matrix:
    """A block as CSR with sorted genes and without duplicate entries."""
    csr = sp.csr_matrix(block)
    if not csr.has_canonical_format:
        csr = csr.copy()
        csr.sum_duplicates()
    return csr
