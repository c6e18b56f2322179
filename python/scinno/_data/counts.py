"""Turn whatever the user has into one checked CSR matrix of cells × genes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np
import pandas as pd
import scipy.sparse as sp

from scinno._data._sparse.spread import sums_differ
from scinno._data.gene_names import gene_names
from scinno._data.matrix import as_matrix

logger = logging.getLogger("scinno")

InputKind = Literal["auto", "counts", "log", "normalized"]
# What values were taken for.
Kind = Literal["counts", "log", "normalized"]

# No logarithm of expression is larger: e³⁰ is ten million million.
MAX_LOG = 30.0
# The squares of larger ones overflow float32, in which the network reads values; smaller ones
# vanish in it.
MAX_VALUE, SMALLEST = 1e18, 1e-30
DOUBT = (
    ", but without a logarithm the sums of cells differ more than those of such values do: for "
    "fractional counts (SoupX, alevin, RSEM) pass input='normalized'"
)
# Whole numbers up to this one may be logarithms after all, or counts of very shallow cells.
MAX_SMALL_COUNT = 10.0


class WrongValuesError(ValueError):
    """Values that are not counts or logs of counts; another layer may hold those."""


@dataclass(frozen=True)
class Counts:
    """Checked input.

    Attributes
    ----------
    matrix : scipy.sparse.csr_matrix, (cells, genes)
        The caller's own buffers wherever possible: never write to them.
    genes : ndarray of str, (genes,)
    named : bool
        Whether the gene names came from the caller (else they are ``gene0``, ``gene1`` …).
    kind : {"counts", "log", "normalized"}
        Raw counts; values that are normalized and log-transformed; or normalized values or
        fractional counts without a logarithm, which are treated as counts.
    """

    matrix: sp.csr_matrix
    genes: np.ndarray
    named: bool
    kind: Kind

    @property
    def n_cells(self) -> int:
        return int(self.matrix.shape[0])


def as_counts(x: Any, genes: Sequence[str] | None = None, input: InputKind = "auto") -> Counts:
    """Check ``x`` and give it as CSR without writing to it.

    Parameters
    ----------
    x : ndarray, scipy sparse matrix or array, DataFrame or tensor, (cells, genes)
        Any integer or floating dtype. A DataFrame's columns are taken as gene names.
    genes : sequence of str, optional
        One unique name per column of ``x``.
    input : {"auto", "counts", "log", "normalized"}
        ``"auto"`` takes whole numbers for counts and fractions for log values, if they are not too
        large for that.

    Returns
    -------
    Counts

    Raises
    ------
    TypeError
        ``x`` is not a matrix, or its dtype is not numeric.
    ValueError
        Wrong dimensions, NaN, Inf, negative values, non-integers as counts, duplicate or
        missing gene names, or genes in the rows.
    """
    input = input_kind(input)
    cells: np.ndarray | None = None
    if isinstance(x, pd.DataFrame):
        cells = x.index.to_numpy().astype(str)
        genes = column_names(x) if genes is None else genes
    matrix = _as_csr(as_matrix(x))
    names = gene_names(genes, matrix.shape, cells)
    check_values(matrix, names, cells)
    kind = _kind(matrix, names, cells, input)
    named = genes is not None
    return Counts(matrix, names, named, kind)


def column_names(table: pd.DataFrame) -> list[str] | None:
    """What a table calls its genes; None if its columns have numbers only."""
    if table.columns.dtype.kind in "iu":
        return None
    return [str(name) for name in table.columns]


def input_kind(text: str) -> InputKind:
    """``text`` as one of the kinds (else ValueError, or TypeError if it is no text)."""
    if not isinstance(text, str):  # of an array or NA it cannot be asked whether it is a kind
        raise TypeError(f"input must be a text, got {type(text).__name__}")
    if text not in get_args(InputKind):
        raise ValueError(f"input must be 'auto', 'counts', 'log' or 'normalized', got {text!r}")
    return cast(InputKind, text)


def _as_csr(x: Any) -> sp.csr_matrix:
    if x.ndim != 2:
        hint = "; for one cell use x[None, :]" if x.ndim == 1 else ""
        raise ValueError(f"x must have two dimensions (cells, genes), got shape {x.shape}{hint}")
    if sp.issparse(x):
        csr = x.tocsr()  # free for CSR
        if not csr.has_canonical_format:
            # Duplicate entries mean "their sum"; summing in place would write to the caller's data.
            csr = csr.copy()
            csr.sum_duplicates()
    else:
        csr = sp.csr_matrix(x)
    if csr.shape[0] == 0 or csr.shape[1] == 0:
        raise ValueError(f"x must hold at least one cell and one gene, got shape {csr.shape}")
    return sp.csr_matrix((csr.data, csr.indices, csr.indptr), shape=csr.shape, copy=False)


def _place(
    position: int,
    matrix: sp.csr_matrix,
    names: np.ndarray,
    cells: np.ndarray | None,
    first: int = 0,
) -> str:
    """Where the ``position``-th stored value of ``matrix`` stands, in words.

    Its rows are the cells from ``first`` on.
    """
    row = int(np.searchsorted(matrix.indptr, position, side="right") - 1)
    column = int(matrix.indices[position])
    row += first
    cell = f"cell {row}" if cells is None else f"cell {row} ({cells[row]})"
    return f"{cell}, gene {column} ({names[column]})"


def check_values(
    matrix: sp.csr_matrix,
    names: np.ndarray,
    cells: np.ndarray | None,
    first: int = 0,
    of: int | None = None,
) -> None:
    """Refuse values that expression cannot have (ValueError).

    Parameters
    ----------
    matrix : csr_matrix
        All cells, or the block that begins with cell ``first`` of ``of`` cells.
    """
    data = matrix.data
    if data.size == 0:
        return
    rest = first + matrix.shape[0] < (of or 0)  # cells that have not been read yet
    if data.dtype.kind == "f" and not np.isfinite(data.sum(dtype=np.float64)):
        bad = np.flatnonzero(~np.isfinite(data))
        if bad.size:  # finite values can overflow in the sum
            what = "NaN" if np.isnan(data[bad[0]]) else "infinity"
            count = f"at least {bad.size}" if rest else f"{bad.size}"
            raise ValueError(
                f"x must be finite, but holds {count} NaN or infinite value(s): "
                f"{what} at {_place(bad[0], matrix, names, cells, first)}"
            )
    if data.min() < 0:
        bad = np.flatnonzero(data < 0)
        count = f"at least {bad.size}" if rest else f"{bad.size}"
        raise WrongValuesError(
            f"x must not be negative, but holds {count} negative value(s): "
            f"{data[bad[0]]:g} at {_place(bad[0], matrix, names, cells, first)}. "
            "Give raw counts, or log values before centering and scaling"
        )
    largest = float(data.max())
    if largest > MAX_VALUE or 0 < largest < SMALLEST:
        raise WrongValuesError(
            f"x must hold values of expression, but the largest is {largest:g} at "
            f"{_place(int(data.argmax()), matrix, names, cells, first)}: scale them first"
        )


def _kind(
    matrix: sp.csr_matrix, names: np.ndarray, cells: np.ndarray | None, input: InputKind
) -> Kind:
    if input == "normalized":
        return input
    log = input == "log" or refuse_fractions(matrix, names, input, cells=cells)
    if log:
        check_logs(matrix, names, cells=cells)
    kind: Kind = "log" if log else "counts"
    log_kind(kind, input, log and input == "auto" and sums_differ(matrix))
    return kind


def refuse_fractions(
    matrix: sp.csr_matrix,
    names: np.ndarray,
    input: InputKind,
    first: int = 0,
    cells: np.ndarray | None = None,
) -> bool:
    """Whether a value is not a whole number; an error (ValueError) where counts were declared."""
    position = _first_fraction(matrix.data)
    if position is not None and input == "counts":
        raise WrongValuesError(
            f"x must hold whole counts, got {matrix.data[position]:g} at "
            f"{_place(position, matrix, names, cells, first)}; if these are log-normalized "
            "values, pass input='log'; fractional or normalized counts, input='normalized'"
        )
    return position is not None


def check_logs(
    matrix: sp.csr_matrix,
    names: np.ndarray,
    first: int = 0,
    cells: np.ndarray | None = None,
) -> None:
    """Refuse values that are too large to be logarithms of expression (ValueError)."""
    if matrix.data.size and matrix.data.max() > MAX_LOG:
        position = int(matrix.data.argmax())
        raise WrongValuesError(
            f"x holds fractions that are too large to be logarithms: {matrix.data[position]:g} at "
            f"{_place(position, matrix, names, cells, first)}. Normalized values without a "
            "logarithm (TPM, CPM) and corrected counts (SoupX, alevin, RSEM) are taken with "
            "input='normalized', which brings all cells to one sum and takes the logarithm"
        )


def check_same_kind(matrix: sp.csr_matrix, names: np.ndarray, fitted: str, first: int = 0) -> None:
    """Refuse new cells whose values are of another kind than those of the fit (ValueError).

    Parameters
    ----------
    matrix : csr_matrix
        All cells, or the block that begins with cell ``first``.
    fitted : {"counts", "log", "normalized"}
        Kind of the training cells' values.
    """
    fraction = _first_fraction(matrix.data)
    if fitted == "counts" and fraction is not None:
        raise WrongValuesError(
            f"x must hold raw counts, as the cells of the fit did, got {matrix.data[fraction]:g} "
            f"at {_place(fraction, matrix, names, None, first)}"
        )
    if fitted == "log":
        if fraction is not None:
            check_logs(matrix, names, first)
            return
        largest = float(matrix.data.max()) if matrix.data.size else 0.0
        message = (
            f"x must hold log-normalized values, as the cells of the fit did, got whole numbers "
            f"up to {largest:g}: normalize and log-transform the new cells as the others"
        )
        if largest > MAX_SMALL_COUNT:
            raise ValueError(message)
        if largest > 1:
            logger.warning("%s", message)


def log_kind(kind: Kind, input: InputKind, doubtful: bool = False) -> None:
    """Log what the values were taken for, where the caller has not declared it."""
    if kind == "counts":
        logger.info("x holds whole numbers: taken as counts (input='counts')")
    elif input == "auto":
        logger.warning(
            "x holds fractions: taken as log-normalized values (input='log')%s", DOUBT * doubtful
        )


def _first_fraction(data: np.ndarray) -> int | None:
    """Position of the first value that is not a whole number, found block by block."""
    if data.dtype.kind != "f":
        return None
    block = 1 << 20
    for start in range(0, len(data), block):
        part = data[start : start + block]
        bad = np.flatnonzero(part != np.rint(part))
        if bad.size:
            return start + int(bad[0])
    return None
