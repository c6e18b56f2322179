"""First reading of all cells: checks, library sizes, and what each gene varies by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp

from scinno._data.blocks import Rows, blocks_of
from scinno._data.counts import InputKind, check_values, fraction_in_counts, say_kind
from scinno._distributed.group import ALONE, Team

# Cells done so far, of all.
Told = Callable[[int, int], None]
Kind = Literal["counts", "log"]


@dataclass(frozen=True)
class Survey:
    """What must be known of all cells before one of them can be prepared.

    Attributes
    ----------
    kind : {"counts", "log"}
    library : ndarray of float64, (cells,)
        Counts per cell; ones for log input. Of a team each process has those of its own cells.
    expressed_in : ndarray of int64, (genes,)
        Cells with the gene.
    stored : ndarray of int64, (genes,)
        The same among this process's own cells.
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
class Sums:
    """Of some cells: library sizes (cells,), and three sums for each gene (genes,)."""

    library: np.ndarray
    expressed_in: np.ndarray
    total: np.ndarray
    squares: np.ndarray


# From the kind of values to the sums of one block of cells after the other; None for a block of
# fractions where counts were looked for.
Reading = Callable[[Kind], Iterator[Sums | None]]


def survey(
    rows: Rows,
    names: np.ndarray,
    input: InputKind = "auto",
    checked: bool = False,
    told: Told | None = None,
    team: Team = ALONE,
    reading: Reading | None = None,
) -> Survey:
    """Read all cells once; of a team each process reads its part.

    Parameters
    ----------
    names : ndarray of str, (genes,)
    input : {"auto", "counts", "log"}
        "auto" takes values for counts until the first fraction comes; then it starts anew.
    checked : bool
        The values have been checked already.
    reading : callable, optional
        Another way to the sums of the cells, in blocks from the first to the last.

    Raises
    ------
    ValueError
        NaN, infinite or negative values, or fractions in counts, with the first place.
    """
    n, part = rows.shape[0], team.part(rows.shape[0])

    def read(kind: Kind) -> Iterator[Sums | None]:
        for start, block in blocks_of(rows, within=part):
            yield sums_of(block, start, n, names, input, kind, checked)

    def sums(kind: Kind) -> Sums | None:
        return _added((reading or read)(kind), rows.shape[1], part, told)

    own = None if input == "log" else sums("counts")
    # Fractions may lie in the part of another process only.
    fractions = team.sum(np.array([own is None], dtype=np.int64))[0] > 0
    kind: Kind = "log" if fractions else "counts"
    if not checked and team.first:
        say_kind(kind, input)
    if fractions:
        own = sums("log")
    assert own is not None
    mean = team.sum(own.total) / n
    variance = np.maximum(team.sum(own.squares) / n - mean**2, 0) * (n / max(n - 1, 1))
    expressed_in = team.sum(own.expressed_in)
    return Survey(kind, own.library, expressed_in, own.expressed_in, mean, variance)


def sums_of(
    block: sp.csr_matrix,
    start: int,
    n: int,
    names: np.ndarray,
    input: InputKind,
    kind: Kind,
    checked: bool = False,
) -> Sums | None:
    """Sums of a block whose first cell is ``start`` of ``n``, after a look at its values.

    Raises
    ------
    ValueError
        As `survey`.
    """
    if not checked:
        check_values(block, names, None, start, n)
        if kind == "counts" and fraction_in_counts(block, names, input, start):
            return None
    cells, n_genes = block.shape
    library = np.ones(cells)
    if kind == "counts":
        library = np.asarray(block.sum(axis=1, dtype=np.float64)).ravel()
        per_cell = np.divide(1.0, library, out=np.zeros_like(library), where=library > 0)
        values = block.data * np.repeat(per_cell, np.diff(block.indptr))
    else:
        values = np.expm1(block.data.astype(np.float64))
    expressed = block.indices if block.data.all() else block.indices[block.data != 0]
    expressed_in = np.bincount(expressed, minlength=n_genes)
    total = np.bincount(block.indices, values, minlength=n_genes)
    squares = np.bincount(block.indices, np.square(values, out=values), minlength=n_genes)
    return Sums(library, expressed_in, total, squares)


def _added(
    blocks: Iterator[Sums | None], n_genes: int, part: range, told: Told | None
) -> Sums | None:
    """All blocks together, in their order; None at the first that is none."""
    library, done = np.ones(len(part)), 0
    expressed_in = np.zeros(n_genes, dtype=np.int64)
    total, squares = np.zeros(n_genes), np.zeros(n_genes)
    for block in blocks:
        if block is None:
            return None
        library[done : done + len(block.library)] = block.library
        done += len(block.library)
        expressed_in += block.expressed_in
        total += block.total
        squares += block.squares
        if told is not None:
            told(done, len(part))
    return Sums(library, expressed_in, total, squares)


def factors(library: np.ndarray, target: float) -> np.ndarray:
    """What counts of each cell are multiplied by, float64 (cells,); 0 for empty cells."""
    return np.divide(target, library, out=np.zeros_like(library), where=library > 0)


def normalised(matrix: sp.csr_matrix, factor: np.ndarray) -> sp.csr_matrix:
    """log1p(counts × factor of the cell) in fresh buffers, float32."""
    per_value = np.repeat(factor.astype(np.float32), np.diff(matrix.indptr))
    per_value *= matrix.data
    np.log1p(per_value, out=per_value)
    return sp.csr_matrix((per_value, matrix.indices, matrix.indptr), shape=matrix.shape)
