"""New cells through a fitted network, a block at a time."""

from __future__ import annotations

import numpy as np

from scinno._data.blocks import iterate_blocks
from scinno._data.counts import Counts, Kind, check_same_kind, check_values
from scinno._data.source import BlockSource
from scinno._nn.inference import embed, latent_codes
from scinno._nn.network import Network
from scinno._preprocess.genes import align_genes
from scinno._preprocess.prepare import prepare_new
from scinno._preprocess.preprocessing import Preprocessing
from scinno._run import RunContext
from scinno._runtime.scratch import release

# How new cells are opened: without a look at their kind of values, which is compared with that of
# the training cells block by block.
ANY_KIND: Kind = "normalized"


def embed_new_cells(
    source: BlockSource,
    fitted: Preprocessing,
    network: Network,
    min_overlap: float,
    context: RunContext,
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

    Raises
    ------
    ValueError
        Bad values, values of another kind than the training cells', too few matching genes, or
        ``min_overlap`` out of range.
    """
    if not 0 < min_overlap <= 1:
        raise ValueError(f"min_overlap must be above 0 and at most 1, got {min_overlap}")
    n = source.n_cells
    names = source.genes if source.named else None
    columns = align_genes(fitted.genes, names, len(source.genes), fitted.selected, min_overlap)
    progress = context.progress_of("embedding")
    embedding = context.scratch.array((n, network.centers.shape[1]), np.float32)
    for start, block in iterate_blocks(source.reader):
        if not source.checked:
            check_values(block, source.genes, None, start, n)
        check_same_kind(block, source.genes, fitted.kind, start)
        stop = start + block.shape[0]
        counts = Counts(block, source.genes, source.named, ANY_KIND)
        inputs = prepare_new(counts, fitted, columns)
        embedding[start:stop] = embed(network, latent_codes(network, inputs))
        release(embedding)
        if progress is not None:
            progress(stop, n)
    return embedding
