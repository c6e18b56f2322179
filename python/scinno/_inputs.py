"""From counts to what the network reads: size factors, log1p, kept genes, centre and scale."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from scinno._counts import Counts
from scinno._genes import choose_genes
from scinno._settings import Settings

logger = logging.getLogger("scinno")


@dataclass(frozen=True)
class Preprocessing:
    """What training fixed and new cells must get as well.

    Attributes
    ----------
    genes : ndarray of str, (genes,)
        All genes of the training data: library sizes are summed over these.
    kept : ndarray of int64, (kept,)
        Which of them the network sees.
    target_sum : float
        Counts per cell after normalisation; 0 for log input, which is taken as it is.
    centre, scale : ndarray of float32, (kept,)
        Subtracted from, then divided out of the log1p values.
    kind : {"counts", "log"}
    """

    genes: np.ndarray
    named: bool
    kept: np.ndarray
    target_sum: float
    centre: np.ndarray
    scale: np.ndarray
    kind: str


@dataclass(frozen=True)
class Inputs:
    """Sparse log1p values of the kept genes; dense only one mini-batch at a time.

    Attributes
    ----------
    values : csr_matrix of float32, (cells, kept), log1p
    preprocessing : Preprocessing
    """

    values: sp.csr_matrix
    preprocessing: Preprocessing

    @property
    def n_cells(self) -> int:
        return int(self.values.shape[0])

    @property
    def n_kept(self) -> int:
        return int(self.values.shape[1])

    def dense(self, rows: np.ndarray | slice) -> np.ndarray:
        """Scaled values of some cells, float32 (rows, kept)."""
        block = self.values[rows].toarray()
        block -= self.preprocessing.centre
        block /= self.preprocessing.scale
        return block

    def blocks(self, size: int) -> Iterator[np.ndarray]:
        """Consecutive blocks of ``size`` cells, float32 (≤ size, kept)."""
        for start in range(0, self.n_cells, size):
            yield self.dense(slice(start, start + size))


def prepare(counts: Counts, settings: Settings) -> Inputs:
    """Normalise, choose genes, and measure centre and scale on the training cells.

    Size factors bring each cell to ``target_sum`` counts (default: the median library size);
    an all-zero cell stays zero. Then log1p, highly variable genes, and per-gene centre (always)
    and scale (``settings.scale``: to unit variance).

    Raises
    ------
    ValueError
        Fewer than two usable genes.
    """
    target = 0.0
    values = counts.matrix
    if counts.kind == "counts":
        library = _library_size(counts.matrix)
        empty = int((library == 0).sum())
        if empty:
            first = int(np.flatnonzero(library == 0)[0])
            logger.warning(
                "%d cell(s) have no counts at all (first: cell %d); they are kept and labelled, "
                "but their labels mean nothing",
                empty,
                first,
            )
        target = settings.target_sum or float(np.median(library[library > 0], axis=None))
        values = _normalised(counts.matrix, library, target)
    else:
        values = values.astype(np.float32)
    kept = choose_genes(values, settings)
    if len(kept) < values.shape[1]:
        values = values[:, kept]
    values.sort_indices()
    centre, spread = _moments(values)
    scale = np.where(spread > 1e-6, spread, 1).astype(np.float32)
    if not settings.scale:
        # One number for all genes: the network's learning rate must not depend on sequencing depth.
        scale = np.full_like(scale, max(float(np.sqrt(np.mean(spread**2))), 1e-6))
    fixed = Preprocessing(counts.genes, counts.named, kept, target, centre, scale, counts.kind)
    return Inputs(values, fixed)


def prepare_new(counts: Counts, fitted: Preprocessing, columns: np.ndarray) -> Inputs:
    """Give new cells the treatment that the training cells got.

    Parameters
    ----------
    columns : ndarray of int64, (genes,)
        Column of ``counts`` for each fitted gene, −1 where missing (see ``line_up``).
    """
    known = columns[columns >= 0]
    values = counts.matrix
    same = len(known) == counts.matrix.shape[1] and bool((known == np.arange(len(known))).all())
    if fitted.kind == "counts":
        library = _library_size(values if same else values[:, known])
        values = _normalised(values, library, fitted.target_sum)
    else:
        values = values.astype(np.float32)
    wanted = columns[fitted.kept]
    present = np.flatnonzero(wanted >= 0)
    part = values[:, wanted[present]].tocoo()
    shape = (values.shape[0], len(fitted.kept))
    lined_up = sp.csr_matrix((part.data, (part.row, present[part.col])), shape=shape)
    lined_up.sort_indices()
    return Inputs(lined_up, fitted)


def _library_size(matrix: sp.csr_matrix) -> np.ndarray:
    """Counts per cell, float64 (cells,)."""
    return np.asarray(matrix.sum(axis=1, dtype=np.float64)).ravel()


def _normalised(matrix: sp.csr_matrix, library: np.ndarray, target: float) -> sp.csr_matrix:
    """log1p(counts × target / library) in fresh buffers, float32."""
    factor = np.divide(target, library, out=np.zeros_like(library), where=library > 0)
    per_value = np.repeat(factor.astype(np.float32), np.diff(matrix.indptr))
    per_value *= matrix.data
    np.log1p(per_value, out=per_value)
    return sp.csr_matrix((per_value, matrix.indices, matrix.indptr), shape=matrix.shape)


def _moments(values: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column, float32 (kept,), without densifying."""
    n = values.shape[0]
    mean = np.asarray(values.mean(axis=0, dtype=np.float64)).ravel()
    squares = sp.csr_matrix(
        (values.data.astype(np.float64) ** 2, values.indices, values.indptr), shape=values.shape
    )
    variance = np.asarray(squares.sum(axis=0)).ravel() / n - mean**2
    return mean.astype(np.float32), np.sqrt(np.maximum(variance, 0)).astype(np.float32)
