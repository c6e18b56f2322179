"""Second reading of all cells: log1p values of the genes that the network reads."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from scinno._batch.labels import BatchLabels
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
    batch: BatchLabels | None = None,
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
    batch : BatchLabels, optional
        Of all cells. The mean is then of each batch, (batches, g), and the standard deviation that
        around the means of the batches.

    Returns
    -------
    csr_matrix or ScratchCSR of float32, (own cells, g)
    mean, spread : ndarray of float32, (g,), or (batches, g) and (g,)
    """
    group, scratch, progress = context.group, context.scratch, context.progress_of("reading")
    (n, n_genes), own = reader.shape, group.shard(reader.shape[0])
    place = np.full(n_genes, -1, dtype=np.int32)
    place[selected] = np.arange(len(selected), dtype=np.int32)
    n_batches = 1 if batch is None else batch.n_batches
    n_sums = n_batches * len(selected)
    total, squares = np.zeros(n_sums), np.zeros(n_sums)
    filled = ScratchCSR((len(own), len(selected)), stored, np.float32, scratch)
    for start, block in iterate_blocks(reader, within=own):
        part = _columns(block, place, len(selected))
        if factors is None:
            part.data = part.data.astype(np.float32)
        else:
            part = log_normalize(part, factors[start - own.start :][: part.shape[0]])
        wide, places = part.data.astype(np.float64), part.indices
        if batch is not None:
            codes = batch.codes[start : start + part.shape[0]].astype(np.int64)
            places = np.repeat(codes, np.diff(part.indptr)) * len(selected) + places
        total += np.bincount(places, wide, minlength=n_sums)
        squares += np.bincount(places, np.square(wide, out=wide), minlength=n_sums)
        filled.append(part)
        if progress is not None:
            progress(start + part.shape[0] - own.start, len(own))
    total, squares = group.all_reduce_sum(total), group.all_reduce_sum(squares)
    values = filled.as_matrix() if scratch.folder is None else filled
    if batch is not None:
        sizes = batch.sizes[:, None]
        means = total.reshape(n_batches, -1) / sizes
        apart = squares.reshape(n_batches, -1) - sizes * means**2
        spread = np.sqrt(np.maximum(apart.sum(axis=0) / n, 0))
        return values, means.astype(np.float32), spread.astype(np.float32)
    mean = total / n
    spread = np.sqrt(np.maximum(squares / n - mean**2, 0))
    return values, mean.astype(np.float32), spread.astype(np.float32)


def _columns(block: sp.csr_matrix, place: np.ndarray, g: int) -> sp.csr_matrix:
    """Some columns of a block, in fresh buffers and without stored zeros."""
    target = place[block.indices]
    chosen = (target >= 0) & (block.data != 0)
    before = np.concatenate([[0], np.cumsum(chosen)])
    pointer = before[block.indptr]
    return sp.csr_matrix((block.data[chosen], target[chosen], pointer), (block.shape[0], g))
