"""What the network reads: sparse log1p values of the selected genes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from scinno._data.scratch_csr import ScratchCSR
from scinno._preprocess.gpu_values import GpuValues
from scinno._preprocess.preprocessing import Preprocessing


@dataclass(frozen=True)
class Inputs:
    """Sparse log1p values of the selected genes; dense only one mini-batch at a time.

    Attributes
    ----------
    values : csr_matrix, or ScratchCSR for cells in blocks, of float32, (cells, g), log1p
        Of a process group each rank holds its own cells.
    preprocessing : Preprocessing
    n_all : int
        Cells of all ranks.
    gpu_values : GpuValues, optional
        The same values on a GPU.
    batch : ndarray of int32, (cells,), optional
        Which of the centers is each cell's.
    """

    values: sp.csr_matrix | ScratchCSR
    preprocessing: Preprocessing
    n_all: int
    gpu_values: GpuValues | None = None
    batch: np.ndarray | None = None

    @property
    def n_cells(self) -> int:
        return int(self.values.shape[0])

    @property
    def n_genes(self) -> int:
        return int(self.values.shape[1])

    def dense(self, rows: np.ndarray | slice) -> np.ndarray:
        """Scaled values of some cells, float32 (rows, g)."""
        block = self.values[rows].toarray()
        block -= self.centers_of(rows)
        block /= self.preprocessing.scale
        return block

    def centers_of(self, rows: np.ndarray | slice) -> np.ndarray:
        """What is subtracted from some cells, float32 (g,), or (rows, g) with batches."""
        center = self.preprocessing.center
        return center if self.batch is None else center[self.batch[rows]]

    def tensor(self, rows: np.ndarray | slice, device: torch.device) -> Tensor:
        """`dense` on a device, from there if the values are there."""
        if self.gpu_values is None:
            return torch.from_numpy(self.dense(rows)).to(device)
        return self.gpu_values.scaled(rows if isinstance(rows, slice) else torch.from_numpy(rows))

    def blocks(self, size: int) -> Iterator[np.ndarray]:
        """Consecutive blocks of ``size`` cells, float32 (≤ size, g)."""
        for start in range(0, self.n_cells, size):
            yield self.dense(slice(start, start + size))
