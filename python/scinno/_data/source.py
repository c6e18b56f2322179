"""Cells as `fit_cells` takes them: read in blocks, from memory or from the disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scinno._batch.labels import BatchLabels, check_batch
from scinno._data.blocks import BlockReader, MatrixBlocks, block_reader_of, is_on_disk
from scinno._data.counts import InputKind, as_counts, input_kind
from scinno._data.gene_names import gene_names
from scinno._runtime.scratch import ScratchSpace


@dataclass(frozen=True)
class BlockSource:
    """Cells × genes in blocks.

    Attributes
    ----------
    reader : BlockReader
    genes : ndarray of str, (genes,)
    named : bool
        Whether the gene names came from the caller.
    input : {"auto", "counts", "log", "normalized"}
    checked : bool
        Whether all values have been looked at already.
    batch : BatchLabels, optional
        The batch of each cell.
    """

    reader: BlockReader
    genes: np.ndarray
    named: bool
    input: InputKind
    checked: bool = False
    batch: BatchLabels | None = None

    @property
    def n_cells(self) -> int:
        return self.reader.shape[0]


def scratch_of(x: Any) -> ScratchSpace:
    """Where large arrays of a fit of ``x`` lie: in memory, or on the disk as ``x`` does."""
    return ScratchSpace.temporary() if is_on_disk(x) else ScratchSpace()


def as_source(
    x: Any,
    genes: Sequence[str] | None,
    input: InputKind,
    scratch: ScratchSpace,
    batch: Any = None,
    batch_force: bool = False,
) -> BlockSource:
    """Cells of any matrix; what lies in memory is checked at once, the rest when it is read.

    Parameters
    ----------
    x : matrix that `scinno.fit` takes, or BlockReader, (cells, genes)
    genes : sequence of str, optional
    input : {"auto", "counts", "log", "normalized"}
    scratch : ScratchSpace
        For what cannot be read by cells as it lies.
    batch : any, optional
        The batch of each cell, see `scinno._batch.labels.check_batch`.
    batch_force : bool
        Whether batches are brought together even if they seem to share nothing.

    Raises
    ------
    TypeError, ValueError
        As `check_batch` and `as_counts`; for what lies on the disk as far as it can be known
        without reading it.
    """
    input = input_kind(input)
    if isinstance(x, BlockReader) or is_on_disk(x):
        names = gene_names(genes, tuple(x.shape))
        labels = check_batch(batch, x.shape[0], batch_force)
        return BlockSource(
            block_reader_of(x, scratch), names, genes is not None, input, batch=labels
        )
    counts = as_counts(x, genes, input)
    labels = check_batch(batch, counts.matrix.shape[0], batch_force)
    reader = MatrixBlocks(counts.matrix)
    return BlockSource(reader, counts.genes, counts.named, counts.kind, True, labels)
