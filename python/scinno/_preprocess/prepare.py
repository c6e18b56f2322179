"""From counts to `Inputs`: size factors, log1p, selected genes, center and scale."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
import torch

from scinno._data.counts import Counts
from scinno._data.source import BlockSource
from scinno._distributed.group import ProcessGroup
from scinno._preprocess.extract import extract_genes
from scinno._preprocess.gene_stats import GeneStats, compute_gene_stats
from scinno._preprocess.genes import select_genes, select_genes_within
from scinno._preprocess.gpu_values import GpuValues, fits_on_gpu
from scinno._preprocess.inputs import Inputs
from scinno._preprocess.normalize import check_library, log_normalize, size_factors
from scinno._preprocess.preprocessing import Preprocessing
from scinno._run import RunContext
from scinno._settings.settings import Settings

logger = logging.getLogger("scinno")


def prepare(source: BlockSource, settings: Settings, context: RunContext) -> Inputs:
    """Normalize, select genes, and measure center and scale on the training cells.

    Size factors bring each cell to ``target_sum`` counts (default: the median library size);
    an all-zero cell stays zero. Then log1p, highly variable genes, and per-gene center (always,
    of each batch where cells have one) and scale (``settings.scale``: to unit variance).

    Cells are read twice, a block at a time, whether they lie in memory or on the disk: the same
    sums in the same order, and so the same numbers.

    Raises
    ------
    ValueError
        Fewer than two usable genes; values that `as_counts` refuses.
    """
    group, n = context.group, source.n_cells
    stats = compute_gene_stats(source, context)
    target = _target_sum(stats, settings, group, n)
    # Its moments are of shares of the library, or of log input as it is.
    unit = 1.0 if stats.kind == "log" else target
    moments = stats.expressed_in, stats.mean * unit, stats.variance * unit**2
    batch = source.batch
    selected = (
        select_genes(*moments, n, settings)
        if batch is None
        else select_genes_within(*moments, batch.sizes, settings)
    )
    factors = None if stats.kind == "log" else size_factors(stats.library, target)
    stored = int(stats.stored[selected].sum())
    values, center, spread = extract_genes(source.reader, selected, stored, factors, context, batch)
    scale = np.where(spread > 1e-6, spread, 1).astype(np.float32)
    if not settings.scale:
        # One number for all genes: the network's learning rate must not depend on sequencing depth.
        scale = np.full_like(scale, max(float(np.sqrt(np.mean(spread**2))), 1e-6))
    own = group.shard(n)
    names, codes = ((), None) if batch is None else (batch.names, batch.codes[own.start : own.stop])
    fixed = Preprocessing(
        source.genes, source.named, selected, target, center, scale, stats.kind, names
    )
    return Inputs(values, fixed, n_all=n, batch=codes)


def _target_sum(stats: GeneStats, settings: Settings, group: ProcessGroup, n: int) -> float:
    """Counts per cell after normalization, 0 for log input; a warning about cells without any."""
    if stats.kind == "log":
        return 0.0
    empty = np.flatnonzero(stats.library == 0)
    if len(empty):
        logger.warning(
            "%d cell(s) have no counts at all (first: cell %d); they are kept and labeled, "
            "but their labels mean nothing",
            len(empty),
            group.shard(n).start + empty[0],
        )
    if settings.target_sum:
        return settings.target_sum
    library = group.gather_rows_to_main(stats.library, np.empty(n if group.is_main else 0))
    return group.broadcast_object(lambda: float(np.median(library[library > 0])))


def move_to_gpu(inputs: Inputs, device: torch.device) -> Inputs:
    """``inputs`` with their values on the device too, if it is a GPU that has room for them."""
    if not fits_on_gpu(inputs.n_cells, inputs.n_genes, device):
        return inputs
    fixed = inputs.preprocessing
    values = GpuValues(inputs.values, fixed.center, fixed.scale, device, inputs.batch)
    return replace(inputs, gpu_values=values)


def prepare_new(
    counts: Counts,
    fitted: Preprocessing,
    columns: np.ndarray,
    batch: np.ndarray | None = None,
) -> Inputs:
    """Give new cells the treatment that the training cells got.

    Parameters
    ----------
    counts : Counts, (new cells, new genes)
    fitted : Preprocessing
        Of the training cells.
    columns : ndarray of int64, (genes,)
        Column of ``counts`` for each fitted gene, −1 where missing (see `align_genes`).
    batch : ndarray of int32, (new cells,), optional
        Which of the fitted centers is each cell's, where batches have their own.
    """
    known = columns[columns >= 0]
    values = counts.matrix
    same = len(known) == counts.matrix.shape[1] and bool((known == np.arange(len(known))).all())
    if fitted.kind != "log":
        counted = values if same else values[:, known]
        library = np.asarray(counted.sum(axis=1, dtype=np.float64)).ravel()
        check_library(library)
        values = log_normalize(values, size_factors(library, fitted.target_sum))
    else:
        values = values.astype(np.float32)
    wanted = columns[fitted.selected]
    present = np.flatnonzero(wanted >= 0)
    part = values[:, wanted[present]].tocoo()
    shape = (values.shape[0], len(fitted.selected))
    aligned = sp.csr_matrix((part.data, (part.row, present[part.col])), shape=shape)
    aligned.sort_indices()
    return Inputs(aligned, fitted, n_all=shape[0], batch=batch)
