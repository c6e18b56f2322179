"""New cells through a fitted network, a block at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scinno._data.blocks import iterate_blocks
from scinno._data.counts import Counts, Kind, check_same_kind, check_values
from scinno._data.source import BlockSource
from scinno._nn.inference import embed, latent_codes
from scinno._nn.network import Network
from scinno._preprocess.genes import align_genes
from scinno._preprocess.inputs import Inputs
from scinno._preprocess.prepare import prepare_new
from scinno._preprocess.preprocessing import Preprocessing
from scinno._run import RunContext
from scinno._runtime.scratch import release

# How new cells are opened: without a look at their kind of values, which is compared with that of
# the training cells block by block.
ANY_KIND: Kind = "normalized"
# Squares of more than this are no float32.
LARGEST = 1e15


def embed_new_cells(
    source: BlockSource,
    fitted: Preprocessing,
    network: Network,
    min_overlap: float,
    context: RunContext,
    batch: np.ndarray | None = None,
) -> np.ndarray:
    """What `Fit.transform` gives, float32 (cells, latent); may lie in a scratch file.

    Parameters
    ----------
    source : BlockSource, (new cells, new genes)
    fitted : Preprocessing
    network : Network
    min_overlap : float
        Least share of the network's genes that ``source`` must hold.
    context : RunContext
    batch : ndarray of int32, (new cells,), optional
        Which of the fitted batches each cell is of, where there are batches.

    Raises
    ------
    ValueError
        Bad values, values of another kind than the training cells', too few matching genes,
        ``min_overlap`` out of range, or cells without a finite embedding.
    """
    n = source.n_cells
    progress = context.progress_of("embedding")
    embedding = context.scratch.array((n, network.centers.shape[1]), np.float32)
    for start, inputs in prepared_blocks(source, fitted, min_overlap, batch):
        stop = start + inputs.n_cells
        part = embed(network, latent_codes(network, inputs))
        if not (np.abs(part) < LARGEST).all():  # NaN is not, either
            raise ValueError(
                f"cells {start} to {stop - 1} of x have no finite embedding: their values, or the "
                "weights of the model, are far out of range"
            )
        embedding[start:stop] = part
        release(embedding)
        if progress is not None:
            progress(stop, n)
    return embedding


def prepared_blocks(
    source: BlockSource,
    fitted: Preprocessing,
    min_overlap: float,
    batch: np.ndarray | None = None,
) -> Iterator[tuple[int, Inputs]]:
    """What the network reads of new cells, in blocks, each with its first cell.

    Parameters and errors as `embed_new_cells`.
    """
    if not 0 < min_overlap <= 1:
        raise ValueError(f"min_overlap must be above 0 and at most 1, got {min_overlap}")
    names = source.genes if source.named else None
    columns = align_genes(fitted.genes, names, len(source.genes), fitted.selected, min_overlap)
    for start, block in iterate_blocks(source.reader):
        if not source.checked:
            check_values(block, source.genes, None, start, source.n_cells)
        check_same_kind(block, source.genes, fitted.kind, start)
        counts = Counts(block, source.genes, source.named, ANY_KIND)
        codes = None if batch is None else batch[start : start + block.shape[0]]
        yield start, prepare_new(counts, fitted, columns, codes)
