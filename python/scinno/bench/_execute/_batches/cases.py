"""Cases of the task "batches": each set, and the set with one type removed from one batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from scinno.bench._execute._batches.scores import Guard
from scinno.bench._execute.sets import Labeled, LabeledSet, read_labeled, write_set

# Fewer cells are not a type that a method could be expected to keep apart.
LEAST = 10
LACKING = "-lacking"


def cases_of(
    files: Sequence[Path],
    label_key: str,
    batch_key: str,
    kind: str,
    folder: Path,
    doublets: bool,
    progress: Callable[[str], None],
) -> list[LabeledSet]:
    """The cases of all sets that name their batches; others are reported and left out.

    Parameters
    ----------
    files : sequence of Path
    label_key, batch_key : str
        Columns of ``obs`` with the types and the batches.
    kind, folder, doublets
        As in `scinno.bench._execute.sets.prepare`.
    progress : callable
        Gets a line for each set that is left out, and for each without a case that lacks a type.

    Raises
    ------
    ValueError
        No set names its batches; cells without a batch; a file with the name of a set's case; as
        `scinno.bench._execute.sets.read_labeled`.
    """
    names = {file.stem for file in files}
    if taken := sorted(name for name in names if f"{name}{LACKING}" in names):
        raise ValueError(
            f"SETS: {taken[0]}{LACKING} is also the name of the case of {taken[0]} that lacks a "
            "type: rename the file"
        )
    found = []
    for file in files:
        progress(f"checking {file.name}")
        cells = read_labeled(file, label_key, kind)
        if batch_key not in cells.data.obs:
            progress(f"{file.name} is left out: its obs has no column {batch_key!r} (--batch-key)")
            continue
        batch = _batches(cells, file, batch_key)
        if len(np.unique(batch)) < 2:
            progress(f"{file.name} is left out: {batch_key!r} has one value only")
            continue
        found += _cases(file, cells, batch, label_key, folder, doublets, progress)
    if not found:
        raise ValueError(
            f"--task batches: no set has two batches or more in obs[{batch_key!r}]: --batch-key "
            "names another column"
        )
    return found


def _batches(cells: Labeled, file: Path, batch_key: str) -> np.ndarray:
    column = cells.data.obs[batch_key]
    if column.isna().any():
        raise ValueError(
            f"{file}: {int(column.isna().sum())} cell(s) have no {batch_key}; in the task "
            "'batches' every cell needs one"
        )
    return column.astype(str).to_numpy()


def _cases(
    file: Path, cells: Labeled, batch: np.ndarray, label_key: str, folder: Path, doublets: bool,
    progress: Callable[[str], None],
) -> list[LabeledSet]:  # fmt: skip
    guard = removed(cells.truth, batch)
    sizes = {"batch_sizes": _sizes(batch)}
    whole = write_set(file.stem, cells, label_key, folder, doublets, batch, guard, sizes)
    if guard is None:
        progress(f"{file.name}: no type can be removed from one batch and stay in another")
        return [whole]
    kept = guard.kept
    part = Labeled(
        cells.data[kept].copy(),
        replace(cells.counts, matrix=cells.counts.matrix[kept]),
        cells.truth[kept],
        cells.sha,
    )
    gone = int((~kept).sum())
    lacks = {"set": file.stem, "type": guard.type, "batch": guard.batch, "cells": gone}
    of_part = replace(guard, kept=np.ones(len(part.truth), dtype=bool))
    return [whole, write_set(
        file.stem + LACKING, part, label_key, folder, doublets, batch[kept], of_part,
        {"batch_sizes": _sizes(batch[kept]), "lacks": lacks},
    )]  # fmt: skip


def removed(truth: np.ndarray, batch: np.ndarray) -> Guard | None:
    """The type that the set's second case lacks in one batch.

    The largest number of cells of one type in one batch, of those where the type keeps `LEAST`
    cells in other batches and the batch as many of other types: what changes the proportions of a
    batch most. Of equal ones the first by the names of type and batch.

    Parameters
    ----------
    truth, batch : ndarray of str, (cells,)

    Returns
    -------
    Guard or None
        None where there is no such type.
    """
    table = pd.crosstab(truth, batch)  # rows and columns are sorted by their names
    counts = table.to_numpy()
    elsewhere = counts.sum(axis=1, keepdims=True) - counts
    others = counts.sum(axis=0, keepdims=True) - counts
    usable = (counts >= LEAST) & (elsewhere >= LEAST) & (others >= LEAST)
    if not usable.any():
        return None
    row, column = divmod(int(np.where(usable, counts, -1).argmax()), counts.shape[1])
    kind, where = str(table.index[row]), str(table.columns[column])
    return Guard(kind, where, ~((truth == kind) & (batch == where)))


def _sizes(batch: np.ndarray) -> dict[str, int]:
    names, sizes = np.unique(batch, return_counts=True)
    return dict(zip(names.tolist(), sizes.tolist(), strict=True))
