"""First reading of all cells: checks, library sizes, and the moments of each gene."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from scinno._batch.labels import BatchLabels
from scinno._data._sparse.spread import SAMPLE, sums_differ
from scinno._data.blocks import iterate_blocks
from scinno._data.counts import (
    MAX_LOG,
    InputKind,
    Kind,
    check_logs,
    check_values,
    log_kind,
    refuse_fractions,
)
from scinno._data.source import BlockSource
from scinno._preprocess.normalize import check_library
from scinno._run import RunContext


@dataclass(frozen=True)
class GeneStats:
    """What must be known of all cells before one of them can be prepared.

    Attributes
    ----------
    kind : {"counts", "log", "normalized"}
    library : ndarray of float64, (own cells,)
        Counts per cell; ones for log input. Of a process group each rank has its own cells.
    expressed_in : ndarray of int64, (genes,)
        Cells with the gene. With batches this, mean and variance are (batches, genes).
    stored : ndarray of int64, (genes,)
        The same among this rank's own cells.
    mean, variance : ndarray of float64, (genes,)
        Of counts over library size; for log input of the values before the logarithm.
    """

    kind: Kind
    library: np.ndarray
    expressed_in: np.ndarray
    stored: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


@dataclass(frozen=True)
class BlockSums:
    """Of some cells: library sizes (cells,), and three sums for each gene.

    The sums are (genes,), or (batches, genes) where cells have batches.
    """

    library: np.ndarray
    expressed_in: np.ndarray
    total: np.ndarray
    squares: np.ndarray


# From the kind of values to the sums of one block of cells after the other; None for a block of
# fractions where counts were expected.
SumsReader = Callable[[Kind], Iterator[BlockSums | None]]


def compute_gene_stats(source: BlockSource, context: RunContext | None = None) -> GeneStats:
    """Read all cells once; of a process group each rank reads its part.

    Input "auto" takes values for counts until the first fraction comes; then it starts anew.
    ``context.gene_stats_reader`` may give another way to the sums of a range of cells, in blocks
    from the first to the last.

    Raises
    ------
    ValueError
        NaN, infinite or negative values, or fractions in counts, with the first place.
    """
    context = context or RunContext()
    group, (n, n_genes) = context.group, source.reader.shape
    own, labels = group.shard(n), source.batch
    shape = (n_genes,) if labels is None else (labels.n_batches, n_genes)

    def local_reader(kind: Kind) -> Iterator[BlockSums | None]:
        for start, block in iterate_blocks(source.reader, within=own):
            batch = None if labels is None else labels.part(start, start + block.shape[0])
            yield block_sums(
                block, start, n, source.genes, source.input, kind, source.checked, batch
            )

    reader: SumsReader = local_reader
    if context.gene_stats_reader is not None:
        reader = context.gene_stats_reader(own)
    progress = context.progress_of("checking")
    first: Kind = "normalized" if source.input == "normalized" else "counts"
    sums = None if source.input == "log" else _added(reader(first), shape, own, progress)
    # Fractions may lie in the part of another rank only.
    fractions = group.all_reduce_sum(np.array([sums is None], dtype=np.int64))[0] > 0
    kind: Kind = "log" if fractions else first
    if not source.checked and group.is_main:
        log_kind(kind, source.input, kind == "log" and source.input == "auto" and _doubtful(source))
    if fractions:
        sums = _added(reader("log"), shape, own, progress)
    assert sums is not None
    expressed_in = group.all_reduce_sum(sums.expressed_in)
    total, squares = group.all_reduce_sum(sums.total), group.all_reduce_sum(sums.squares)
    if labels is not None:
        size = labels.sizes[:, None]
        mean = total / size
        variance = np.maximum(squares / size - mean**2, 0) * (size / np.maximum(size - 1, 1))
        stored = sums.expressed_in.sum(axis=0)
        return GeneStats(kind, sums.library, expressed_in, stored, mean, variance)
    mean = total / n
    variance = np.maximum(squares / n - mean**2, 0) * (n / max(n - 1, 1))
    return GeneStats(kind, sums.library, expressed_in, sums.expressed_in, mean, variance)


def _doubtful(source: BlockSource) -> bool:
    """Whether the first cells do not look like logarithms."""
    few = range(min(SAMPLE, source.reader.shape[0]))
    _, block = next(iterate_blocks(source.reader, within=few))
    return bool(block.data.max(initial=0) <= MAX_LOG and sums_differ(block))


def block_sums(
    block: sp.csr_matrix,
    start: int,
    n: int,
    genes: np.ndarray,
    input: InputKind,
    kind: Kind,
    checked: bool = False,
    batch: BatchLabels | None = None,
) -> BlockSums | None:
    """Sums of a block whose first cell is ``start`` of ``n``, after a look at its values.

    With the ``batch`` of each cell of the block, sums are kept for each batch.

    Raises
    ------
    ValueError
        As `compute_gene_stats`.
    """
    if not checked:
        check_values(block, genes, None, start, n)
        if kind == "counts" and refuse_fractions(block, genes, input, start):
            return None
        if kind == "log":
            check_logs(block, genes, start)
    cells, n_genes = block.shape
    library = np.ones(cells)
    if kind != "log":
        library = np.asarray(block.sum(axis=1, dtype=np.float64)).ravel()
        check_library(library, start)
        per_cell = np.divide(1.0, library, out=np.zeros_like(library), where=library > 0)
        values = block.data * np.repeat(per_cell, np.diff(block.indptr))
    else:
        values = np.expm1(block.data.astype(np.float64))
    places = block.indices
    shape: tuple[int, ...] = (n_genes,)
    if batch is not None:
        codes = np.repeat(batch.codes.astype(np.int64), np.diff(block.indptr))
        places, shape = codes * n_genes + block.indices, (batch.n_batches, n_genes)
    n_sums = int(np.prod(shape))
    expressed = places if block.data.all() else places[block.data != 0]
    expressed_in = np.bincount(expressed, minlength=n_sums).reshape(shape)
    total = np.bincount(places, values, minlength=n_sums).reshape(shape)
    squares = np.bincount(places, np.square(values, out=values), minlength=n_sums).reshape(shape)
    return BlockSums(library, expressed_in, total, squares)


def _added(
    blocks: Iterator[BlockSums | None],
    shape: tuple[int, ...],
    own: range,
    progress: Callable[[int, int], None] | None,
) -> BlockSums | None:
    """All blocks together, in their order; None at the first that is None."""
    library, done = np.ones(len(own)), 0
    expressed_in = np.zeros(shape, dtype=np.int64)
    total, squares = np.zeros(shape), np.zeros(shape)
    for block in blocks:
        if block is None:
            return None
        library[done : done + len(block.library)] = block.library
        done += len(block.library)
        expressed_in += block.expressed_in
        total += block.total
        squares += block.squares
        if progress is not None:
            progress(done, len(own))
    return BlockSums(library, expressed_in, total, squares)
