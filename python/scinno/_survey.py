"""First reading of all cells: checks, library sizes, and what each gene varies by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp

from scinno._counts import InputKind, check_values, fraction_in_counts, say_kind
from scinno._rows import Rows, blocks_of

# Cells done so far, of all.
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Survey:
    """What must be known of all cells before one of them can be prepared.

    Attributes
    ----------
    kind : {"counts", "log"}
    library : ndarray of float64, (cells,)
        Counts per cell; ones for log input.
    expressed_in : ndarray of int64, (genes,)
        Cells with the gene.
    mean, variance : ndarray of float64, (genes,)
        Of counts over library size; for log input of the values before the logarithm.
    """

    kind: Literal["counts", "log"]
    library: np.ndarray
    expressed_in: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


def survey(
    rows: Rows,
    names: np.ndarray,
    input: InputKind = "auto",
    checked: bool = False,
    told: Told | None = None,
) -> Survey:
    """Read all cells once.

    Parameters
    ----------
    names : ndarray of str, (genes,)
    input : {"auto", "counts", "log"}
        "auto" takes values for counts until the first fraction comes; then it starts anew.
    checked : bool
        The values have been checked already.

    Raises
    ------
    ValueError
        NaN, infinite or negative values, or fractions in counts, with the first place.
    """
    kind: Literal["counts", "log"] = "log" if input == "log" else "counts"
    n, n_genes = rows.shape
    library = np.ones(n)
    expressed_in = np.zeros(n_genes, dtype=np.int64)
    total, squares = np.zeros(n_genes), np.zeros(n_genes)
    for start, block in blocks_of(rows):
        if not checked:
            check_values(block, names, None, start, n)
            if kind == "counts" and fraction_in_counts(block, names, input, start):
                say_kind("log", input)
                return survey(rows, names, "log", told=told)
        if kind == "counts":
            size = np.asarray(block.sum(axis=1, dtype=np.float64)).ravel()
            library[start : start + len(size)] = size
            per_cell = np.divide(1.0, size, out=np.zeros_like(size), where=size > 0)
            values = block.data * np.repeat(per_cell, np.diff(block.indptr))
        else:
            values = np.expm1(block.data.astype(np.float64))
        expressed = block.indices if block.data.all() else block.indices[block.data != 0]
        expressed_in += np.bincount(expressed, minlength=n_genes)
        total += np.bincount(block.indices, values, minlength=n_genes)
        squares += np.bincount(block.indices, np.square(values, out=values), minlength=n_genes)
        if told is not None:
            told(start + block.shape[0], n)
    if not checked:
        say_kind(kind, input)
    mean = total / n
    variance = np.maximum(squares / n - mean**2, 0) * (n / max(n - 1, 1))
    return Survey(kind, library, expressed_in, mean, variance)


def factors(library: np.ndarray, target: float) -> np.ndarray:
    """What counts of each cell are multiplied by, float64 (cells,); 0 for empty cells."""
    return np.divide(target, library, out=np.zeros_like(library), where=library > 0)


def normalised(matrix: sp.csr_matrix, factor: np.ndarray) -> sp.csr_matrix:
    """log1p(counts × factor of the cell) in fresh buffers, float32."""
    per_value = np.repeat(factor.astype(np.float32), np.diff(matrix.indptr))
    per_value *= matrix.data
    np.log1p(per_value, out=per_value)
    return sp.csr_matrix((per_value, matrix.indices, matrix.indptr), shape=matrix.shape)
