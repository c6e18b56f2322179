"""Before training: whether batches share anything, and their centers from what they share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from scinno._batch.labels import BatchLabels
from scinno._batch.overlap import unrelated_batches
from scinno._batch.shift import additive_centers, by_direction
from scinno._distributed.group import ProcessGroup
from scinno._preprocess.inputs import Inputs
from scinno._preprocess.pca import pca_loadings
from scinno._runtime._tasks.ignored import ignored

# Cells that are looked at: so many of each batch, but no more than all of them together.
PER_BATCH, ALL_CELLS, MOST_CELLS = 300, 10_000, 50_000
# Cells that are dense at a time.
BLOCK = 2048


def share_centers(
    inputs: Inputs,
    batch: BatchLabels,
    n_clusters: int | None,
    n_pcs: int,
    seed: int,
    group: ProcessGroup,
) -> Inputs:
    """The same cells with centers of batches that do not depend on the proportions of types.

    Clusters of principal components stand for types. Their number must be that of the types: with
    more of them, types that a batch effect divides become a cluster of each batch. So without a
    given K the centers stay the means of the batches.

    Parameters
    ----------
    inputs : Inputs
        Centered by the means of the batches.
    batch : BatchLabels
        Of all cells.
    n_clusters : int, optional
    n_pcs : int
    seed : int
    group : ProcessGroup

    Raises
    ------
    ValueError
        A batch has nothing in common with the others, beyond chance.
    """
    rows = group.local_rows(sample_of_batches(batch), inputs.n_all)
    assert inputs.batch is not None
    loadings = pca_loadings(inputs, n_pcs or 50, group)
    parts = [rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)]
    own = np.zeros((len(rows), loadings.shape[1]), dtype=np.float32)
    for start, part in enumerate(parts):
        own[start * BLOCK : start * BLOCK + len(part)] = inputs.dense(part) @ loadings
    scores = group.all_gather_rows(own)
    codes = group.all_gather_rows(inputs.batch[rows])
    if not batch.forced:
        apart = group.broadcast_object(lambda: unrelated_batches(scores, codes, batch.n_batches))
        _refuse(apart, batch)
    if n_clusters is None:
        return inputs
    min_norm = float(np.median(np.linalg.norm(scores, axis=1)))

    def on_main() -> np.ndarray:
        model = KMeans(n_clusters, n_init=5, random_state=seed % 2**31)
        with ignored(ConvergenceWarning):  # fewer distinct cells than K
            found: np.ndarray = model.fit(by_direction(scores, min_norm)).cluster_centers_
        return found

    known = group.broadcast_object(on_main)
    near = (known**2).sum(axis=1) - 2 * by_direction(own, min_norm) @ known.T
    return _recentered(inputs, rows, near.argmin(axis=1), batch, n_clusters, group)


def sample_of_batches(batch: BatchLabels) -> np.ndarray:
    """Cells of every batch, drawn at random, in their order; always the same ones."""
    n = batch.n_batches
    most = min(max(PER_BATCH, ALL_CELLS // n), MOST_CELLS // n)
    rng = np.random.default_rng(0)
    chosen = []
    for code in range(n):
        cells = np.flatnonzero(batch.codes == code)
        chosen.append(cells if len(cells) <= most else rng.choice(cells, most, replace=False))
    return np.sort(np.concatenate(chosen))


def _recentered(
    inputs: Inputs,
    rows: np.ndarray,
    labels: np.ndarray,
    batch: BatchLabels,
    k: int,
    group: ProcessGroup,
) -> Inputs:
    fixed, codes = inputs.preprocessing, inputs.batch
    assert codes is not None
    n, g = batch.n_batches, inputs.n_genes
    cell_of = labels.astype(np.int64) * n + codes[rows]
    sums = np.zeros((k * n, g))
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        np.add.at(sums, cell_of[part], inputs.values[rows[part]].toarray())
    counts = np.bincount(cell_of, minlength=k * n).reshape(k, n)
    sums, counts = group.all_reduce_sum(sums), group.all_reduce_sum(counts)
    centers, _ = additive_centers(sums.reshape(k, n, g), counts, fixed.center)
    return replace(inputs, preprocessing=replace(fixed, center=centers.astype(np.float32)))


def _refuse(apart: list[int], batch: BatchLabels) -> None:
    if not apart:
        return
    names = ", ".join(repr(batch.names[code]) for code in apart[:5])
    more = f" and {len(apart) - 5} more" if len(apart) > 5 else ""
    who = f"{'batch' if len(apart) == 1 else 'batches'} {names}{more}"
    raise ValueError(
        f"{who} and the others have nothing in common beyond chance, and "
        "bringing them together would mix different types: leave batch out, cluster them one "
        "by one, or insist with batch_force=True (--batch-force)"
    )
