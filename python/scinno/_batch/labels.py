"""Which batch each cell is of, checked."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

logger = logging.getLogger("scinno")

# Sums of each gene are kept for each batch: more batches than this are names of cells.
MAX_BATCHES = 1000
# Fewer cells per batch than this, on average, have no center of their own.
MIN_MEAN_CELLS = 4
# The center of a batch of fewer cells is mostly noise.
FEW_CELLS = 20
# Between the parts of a batch that several columns name.
SEPARATOR = " / "


@dataclass(frozen=True)
class BatchLabels:
    """The batch of each cell.

    Attributes
    ----------
    names : tuple of str
        Of the batches.
    codes : ndarray of int32, (cells,)
        Each cell's batch as a place in ``names``.
    forced : bool
        Whether batches are brought together even if they seem to share nothing.
    """

    names: tuple[str, ...]
    codes: np.ndarray
    forced: bool = False

    @property
    def n_batches(self) -> int:
        return len(self.names)

    @property
    def sizes(self) -> np.ndarray:
        """Cells of each batch, int64 (batches,)."""
        return np.bincount(self.codes, minlength=len(self.names))

    def part(self, start: int, stop: int) -> BatchLabels:
        """The batches of some consecutive cells, all names kept."""
        return replace(self, codes=self.codes[start:stop])


def check_batch(batch: Any, n_cells: int, forced: bool = False) -> BatchLabels | None:
    """The batches of cells that will be clustered; None where ``batch`` is.

    Parameters
    ----------
    batch : sequence of any hashable values, (cells,), DataFrame with a column per key, or None
        Each combination of the columns of a DataFrame is a batch.
    n_cells : int
    forced : bool
        As in `BatchLabels`.

    Raises
    ------
    TypeError
        One string, which may be the name of a column.
    ValueError
        Another length than ``n_cells``, missing values, one batch only, or so many batches that
        they are no batches.
    """
    if batch is None:
        return None
    labels = batch_labels(batch, n_cells)
    n = labels.n_batches
    if n == 1:
        raise ValueError(
            f"batch must name at least two batches, got {labels.names[0]!r} for all {n_cells} "
            "cells: leave it out"
        )
    if n == n_cells:
        raise ValueError(
            f"batch has another value for each of {n_cells} cells (first: {labels.names[0]!r}), as "
            "names of cells have: give what cells have in common, as a donor or a chip"
        )
    if n > MAX_BATCHES or n_cells < MIN_MEAN_CELLS * n:
        raise ValueError(
            f"batch must name at most {MAX_BATCHES} batches of {MIN_MEAN_CELLS} or more cells on "
            f"average, got {n} batches of {n_cells / n:.1f} cells (first: {labels.names[0]!r}): "
            "give what more cells have in common"
        )
    few = [f"{name} ({size})" for name, size in zip(labels.names, labels.sizes, strict=True)
           if size < FEW_CELLS]  # fmt: skip
    if few:
        shown = ", ".join(few[:5]) + (", …" if len(few) > 5 else "")
        logger.warning(
            "%d of %d batches have fewer than %d cells, too few to know what is common to them: %s",
            len(few), n, FEW_CELLS, shown,
        )  # fmt: skip
    return replace(labels, forced=forced)


def batch_labels(batch: Any, n_cells: int) -> BatchLabels:
    """Names and codes of one value per cell; errors as `check_batch`, but for their number."""
    if isinstance(batch, str):
        raise TypeError(
            f"batch must have one value per cell, got the string {batch!r}: for a column of obs "
            f"call scinno.cluster(adata, batch_key={batch!r})"
        )
    if isinstance(batch, pd.DataFrame | Mapping):
        try:
            columns = pd.DataFrame(batch)
        except (ValueError, TypeError) as error:
            raise TypeError(f"batch as a mapping must hold columns of cells: {error}") from error
        if not len(columns.columns):
            raise ValueError("batch must name at least one column, got a table without any")
        return _combined([batch_labels(columns[name], n_cells) for name in columns])
    try:
        values = pd.Series(batch).reset_index(drop=True)
    except Exception as error:  # pandas has one for each kind of value
        raise TypeError(
            f"batch must have one value per cell, got {type(batch).__name__}: {error}"
        ) from error
    if len(values) != n_cells:
        raise ValueError(
            f"batch must have one value for each of {n_cells} cells, got {len(values)} values"
        )
    missing = np.flatnonzero(values.isna())
    if len(missing):
        raise ValueError(
            f"batch must have a value for every cell, but {len(missing)} have none (first: cell "
            f"{missing[0]}): name their batch, or leave these cells out"
        )
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.cat.remove_unused_categories()
        names = [str(name) for name in values.cat.categories]
        return BatchLabels(tuple(names), values.cat.codes.to_numpy().astype(np.int32))
    if values.dtype.kind == "f" and (values == np.floor(values)).all():
        values = values.astype(np.int64)  # as R gives whole numbers
    if values.dtype.kind not in "iuf":
        values = values.astype(str)
    codes, found = pd.factorize(values, sort=True)
    return BatchLabels(tuple(str(name) for name in found), codes.astype(np.int32))


def _combined(columns: Sequence[BatchLabels]) -> BatchLabels:
    """A batch for each combination of several labels that occurs."""
    if len(columns) == 1:
        return columns[0]
    table = np.stack([labels.codes for labels in columns], axis=1)
    found, codes = np.unique(table, axis=0, return_inverse=True)
    names = [
        SEPARATOR.join(labels.names[code] for labels, code in zip(columns, row, strict=True))
        for row in found
    ]
    return BatchLabels(tuple(names), codes.ravel().astype(np.int32))


def known_batch(batch: Any, names: Sequence[str], n_cells: int) -> np.ndarray | None:
    """Which of a fit's batches new cells are of, int32 (cells,); None for a fit without batches.

    Parameters
    ----------
    batch : str, or sequence of names, (cells,), or None
        One name stands for all cells.
    names : sequence of str
        The batches of the fit, none if it has no batches.
    n_cells : int

    Raises
    ------
    ValueError
        No batch for a fit with batches, or a batch for a fit without; a name that the fit does not
        know; another length than ``n_cells``, or missing values.
    """
    if not names:
        if batch is not None:
            raise ValueError("batch is for a fit with batches, and this one was made without")
        return None
    known = ", ".join(map(repr, names[:10])) + (", …" if len(names) > 10 else "")
    if batch is None:
        raise ValueError(
            f"batch (--batch-key) must name the batch of the new cells, one of {known}; the center "
            "of a batch that the fit has not seen is stored by fit.add_batch(counts, name) "
            "(--new-batches)"
        )
    labels = batch_labels([batch] * n_cells if isinstance(batch, str) else batch, n_cells)
    place = {name: code for code, name in enumerate(names)}
    unknown = [name for name in labels.names if name not in place]
    if unknown:
        raise ValueError(
            f"batch {unknown[0]!r} is not one of the fit's batches ({known}): store its center "
            f"first, fit = fit.add_batch(counts, {unknown[0]!r}) (--new-batches)"
        )
    codes = np.array([place[name] for name in labels.names], dtype=np.int32)
    return codes[labels.codes]
