"""Second reading of all cells: log1p values of the genes that the network reads."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from scinno._data.blocks import BlockReader, iterate_blocks
from scinno._data.scratch_csr import ScratchCSR
from scinno._preprocess.normalize import log_normalize
from scinno._run import RunContext


def extract_genes(
    reader: BlockReader,
    selected: np.ndarray,
    stored: int,
    factors: np.ndarray | None,
    context: RunContext,
) -> tuple[sp.csr_matrix | ScratchCSR, np.ndarray, np.ndarray]:
    """Values of the selected genes, and the mean and standard deviation of each over all cells.

    Of a process group each rank keeps the values of its own cells.

    Parameters
    ----------
    reader : BlockReader, (cells, genes)
    selected : ndarray of int64, ascending, (g,)
        Genes to keep.
    stored : int
        Values above 0 that these genes have in this rank's cells.
    factors : ndarray of float64, (own cells,), or None
        Size factors of counts; None takes values as they are.
    context : RunContext
        Without a folder for scratch files the values become one matrix in memory.

    Returns
    -------
    csr_matrix or ScratchCSR of float32, (own cells, g)
    mean, spread : ndarray of float32, (g,)
    """
    group, scratch, progress = context.group, context.scratch, context.progress_of("reading")
    (n, n_genes), own = reader.shape, group.shard(reader.shape[0])
    place = np.full(n_genes, -1, dtype=np.int32)
    place[selected] = np.arange(len(selected), dtype=np.int32)
    total, squares = np.zeros(len(selected)), np.zeros(len(selected))
    filled = ScratchCSR((len(own), len(selected)), stored, np.float32, scratch)
    for start, block in iterate_blocks(reader, within=own):
        part = _columns(block, place, len(selected))
        if factors is None:
            part.data = part.data.astype(np.float32)
        else:
            part = log_normalize(part, factors[start - own.start :][: part.shape[0]])
        wide = part.data.astype(np.float64)
        total += np.bincount(part.indices, wide, minlength=len(selected))
        squares += np.bincount(part.indices, np.square(wide, out=wide), minlength=len(selected))
        filled.append(part)
        if progress is not None:
            progress(start + part.shape[0] - own.start, len(own))
    mean = group.all_reduce_sum(total) / n
    spread = np.sqrt(np.maximum(group.all_reduce_sum(squares) / n - mean**2, 0))
    values = filled.as_matrix() if scratch.folder is None else filled
    return values, mean.astype(np.float32), spread.astype(np.float32)


def _columns(block: sp.csr_matrix, place: np.ndarray, g: int) -> sp.csr_matrix:
    """Some columns of a block, in fresh buffers and without stored zeros."""
    target = place[block.indices]
    chosen = (target >= 0) & (block.data != 0)
    before = np.concatenate([[0], np.cumsum(chosen)])
    pointer = before[block.indptr]
    return sp.csr_matrix((block.data[chosen], target[chosen], pointer), (block.shape[0], g))
