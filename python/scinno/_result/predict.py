"""New cells through a fitted network: whole, or a block at a time where they lie on the disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from scinno._data.blocks import blocks_of
from scinno._data.counts import Counts, check_values, fraction_in_counts
from scinno._data.source import cells_of, telling
from scinno._preprocess.genes import line_up
from scinno._preprocess.inputs import prepare_new
from scinno._runtime.scratch import release

if TYPE_CHECKING:
    from scinno._result.fit import Fit


def embedding_of(
    fit: Fit, x: Any, genes: Sequence[str] | None = None, min_overlap: float = 0.5
) -> np.ndarray:
    """What `Fit.transform` gives, float32 (cells, latent); may lie in a temporary file."""
    if not 0 < min_overlap <= 1:
        raise ValueError(f"min_overlap must be above 0 and at most 1, got {min_overlap}")
    fitted, network = fit.preprocessing, fit.network
    kind: Literal["counts", "log"] = "counts" if fitted.kind == "counts" else "log"
    cells = cells_of(x, genes, kind)
    names = cells.genes if cells.named else None
    columns = line_up(fitted.genes, names, len(cells.genes), fitted.kept, min_overlap)

    def placed(counts: Counts) -> np.ndarray:
        return network.attended(network.codes_of(prepare_new(counts, fitted, columns)))

    if isinstance(cells, Counts):
        return placed(cells)
    n, told = cells.n_cells, telling(cells.told, "placing")
    embedding = cells.room.array((n, fit.centres.shape[1]), np.float32)
    for start, block in blocks_of(cells.rows):
        check_values(block, cells.genes, None, start, n)
        fraction_in_counts(block, cells.genes, kind, start)
        stop = start + block.shape[0]
        embedding[start:stop] = placed(Counts(block, cells.genes, cells.named, kind))
        release(embedding)
        if told is not None:
            told(stop, n)
    return embedding
