"""A CSR matrix whose values may lie in scratch files; rows come out a few at a time."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from scinno._runtime.scratch import ScratchSpace, release

# After so many values read or written, the mapped memory is given back.
RELEASED_AFTER = 8_000_000


class ScratchCSR:
    """CSR arrays in a `ScratchSpace`; rows come out as a small `csr_matrix`.

    Column numbers take 16 bits where they can: SciPy's own matrices need 32.

    Parameters
    ----------
    shape : rows, columns
    stored : int
        How many values there will be.
    """

    def __init__(
        self, shape: tuple[int, int], stored: int, dtype: type, scratch: ScratchSpace
    ) -> None:
        self.shape = shape
        self.indptr = np.zeros(shape[0] + 1, dtype=np.int64)
        kind = np.uint16 if scratch.folder is not None and shape[1] <= 1 << 16 else np.int32
        scratch.check_free_space(stored * (np.dtype(dtype).itemsize + np.dtype(kind).itemsize))
        self.data = scratch.array((stored,), dtype)
        self.indices = scratch.array((stored,), kind)
        self.dtype = self.data.dtype
        self._filled = self._touched = 0

    def append(self, block: sp.csr_matrix) -> None:
        """Write the next rows."""
        start, first = self._filled, int(self.indptr[self._filled])
        self._filled += block.shape[0]
        self.indptr[start + 1 : self._filled + 1] = first + block.indptr[1:]
        place = slice(first, first + block.nnz)
        self.data[place], self.indices[place] = block.data, block.indices
        self._touch(block.nnz)

    def as_matrix(self) -> sp.csr_matrix:
        """All rows, sharing the arrays, where they lie in memory."""
        return sp.csr_matrix((self.data, self.indices, self.indptr), shape=self.shape)

    def __getitem__(self, rows: np.ndarray | slice) -> sp.csr_matrix:
        if isinstance(rows, slice):
            start, stop, _ = rows.indices(self.shape[0])
            pointers = self.indptr[start : stop + 1]
            where: np.ndarray | slice = slice(pointers[0], pointers[-1])
            lengths = np.diff(pointers)
        else:
            first = self.indptr[rows]
            lengths = self.indptr[np.asarray(rows) + 1] - first
            before = np.cumsum(lengths) - lengths
            where = np.arange(int(lengths.sum())) + np.repeat(first - before, lengths)
        pointer = np.concatenate([[0], np.cumsum(lengths)])
        data, indices = np.array(self.data[where]), self.indices[where].astype(np.int32)
        self._touch(len(data))
        return sp.csr_matrix((data, indices, pointer), shape=(len(lengths), self.shape[1]))

    def release(self) -> None:
        """Give back the memory of what is in files."""
        release(self.data)
        release(self.indices)

    def _touch(self, values: int) -> None:
        self._touched += values
        if self._touched > RELEASED_AFTER:
            self._touched = 0
            self.release()
