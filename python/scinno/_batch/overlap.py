"""Do batches share anything? Cells of one that lie among the others by more than chance."""

from __future__ import annotations

import numpy as np

# Leading principal components that are compared: those behind are mostly noise of each batch, and
# any two clouds of noise are alike.
COMPONENTS = 10
# Cells of a batch, and of all others, that are looked at.
OWN_CELLS, OTHER_CELLS = 300, 1000
# Nearest cells whose similarity is averaged.
NEAREST = 3
# Random rotations of a batch that tell what chance gives.
ROTATIONS = 40
# Below this excess a batch has nothing in common with the others. Somewhat below 0: batches of the
# same types in proportions 9:1 and 1:9 have -0.3 to 0.5, those without a common type -1 and less.
LEAST_EXCESS = -0.5
# Batches of fewer cells are not judged.
MIN_CELLS = 30


def unrelated_batches(scores: np.ndarray, codes: np.ndarray, n_batches: int) -> list[int]:
    """Batches whose cells are no nearer to the others than if their cloud is turned at random.

    Each center is at the origin, whether batches share types or not. Where they do, cells differ
    along the same axes and find similar cells in other batches, and a rotation takes that away.
    Where batches share nothing, rotated clouds fit no worse.

    Parameters
    ----------
    scores : ndarray of float32, (cells, p)
        Principal components of centered cells.
    codes : ndarray of int, (cells,)
    n_batches : int

    Returns
    -------
    list of int
        Ascending.
    """
    return [
        batch for batch in range(n_batches) if excess(scores, codes == batch, batch) < LEAST_EXCESS
    ]


def excess(scores: np.ndarray, own: np.ndarray, seed: int) -> float:
    """Similarity of a batch to the others beyond that after random rotations.

    Parameters
    ----------
    scores : ndarray of float32, (cells, p)
    own : ndarray of bool, (cells,)
        The cells of the batch.
    seed : int

    Returns
    -------
    float
        In standard deviations over rotations; infinite where there is too little to compare. On
        real batches with common types it is above 3, with one type in common above 0.5, and with
        none below -1 for one of them at least (docs/development/batches.md).
    """
    rng = np.random.default_rng(seed)
    leading = scores[:, :COMPONENTS]
    unit = leading / np.maximum(np.linalg.norm(leading, axis=1, keepdims=True), 1e-12)
    cells = unit[_some(np.flatnonzero(own), OWN_CELLS, rng)]
    others = unit[_some(np.flatnonzero(~own), OTHER_CELLS, rng)]
    p = unit.shape[1]
    if min(len(cells), len(others)) < MIN_CELLS or p < 2:
        return float("inf")
    found = _similarity(cells, others)
    chance = np.array([
        _similarity(cells @ np.linalg.qr(rng.normal(size=(p, p)))[0].astype(cells.dtype), others)
        for _ in range(ROTATIONS)
    ])  # fmt: skip
    spread = float(chance.std())
    return (found - float(chance.mean())) / spread if spread > 0 else float("inf")


def _similarity(cells: np.ndarray, others: np.ndarray) -> float:
    """Mean cosine of cells with the nearest of the others."""
    cosines = cells @ others.T
    return float(np.partition(cosines, -NEAREST, axis=1)[:, -NEAREST:].mean())


def _some(cells: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    return cells if len(cells) <= most else rng.choice(cells, most, replace=False)
