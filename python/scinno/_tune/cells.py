"""The cells that trials look at, and what distinguishes them from others."""

from __future__ import annotations

import hashlib

import numpy as np
import scipy.sparse as sp

from scinno._clusters.subsample import subsample
from scinno._data.blocks import iterate_blocks
from scinno._data.counts import as_counts
from scinno._data.source import BlockSource
from scinno._tune.clock import Clock

# Minutes must be enough for many trials.
MAX_CELLS = 2000
# Cells with fewer molecules may have an empty half, and take no part.
MIN_MOLECULES = 20


def sample_of(source: BlockSource, clock: Clock) -> sp.csr_matrix:
    """Counts of the cells that trials look at, (cells, genes).

    Raises
    ------
    ValueError
        Values that are not raw counts, from which molecules cannot be held out.
    OutOfTime
        Reading takes longer than the budget.
    """
    rows = subsample(np.arange(source.n_cells), MAX_CELLS)
    parts = []
    for start, block in iterate_blocks(source.reader):
        clock.enter("reading")
        inside = rows[(rows >= start) & (rows < start + block.shape[0])]
        parts.append(block[inside - start])
    counts = as_counts(sp.vstack(parts, format="csr"), list(source.genes), source.input)
    if counts.kind != "counts":
        raise ValueError(
            f"tune needs raw counts, because it holds molecules out, but x holds {counts.kind} "
            "values: give the counts (of an AnnData with layer=…), or stay with the default "
            "settings"
        )
    molecules = np.asarray(counts.matrix.sum(axis=1)).ravel()
    return counts.matrix[molecules >= MIN_MOLECULES]


def digests(source: BlockSource, counts: sp.csr_matrix) -> dict[str, str]:
    """Hashes of the genes' names and of the counts, whatever their dtype."""
    values = hashlib.sha256()
    for array in (counts.indptr, counts.indices, counts.data):
        values.update(array.astype(np.int64).tobytes())
    names = hashlib.sha256("\n".join(source.genes).encode())
    return {"genes": names.hexdigest(), "values": values.hexdigest()}
