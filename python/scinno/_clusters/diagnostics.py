"""Clusters that deserve a second look: those of a few cells, and near-duplicates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scinno._clusters.subsample import subsample

# Clusters of fewer cells than this are doubtful.
FEW_CELLS = 6
# Two clusters are near-duplicates if their centers are nearer than this many times both spreads
# along the line between them. A single normal cloud that is cut in two halves has 1.32, a flat one
# 1.73; sorted cell lines have 3 and more (docs/development/number-of-clusters.md).
NEAR = 1.5
# So many cells of a cluster, drawn at random, tell its spread.
FOR_SPREAD = 20_000


def cluster_warnings(code: np.ndarray, labels: np.ndarray) -> tuple[str, ...]:
    """One sentence for each doubtful cluster and each doubtful pair.

    Parameters
    ----------
    code : ndarray of float32, (cells, any width)
        Where spreads are measured: the principal components, which training cannot change.
    labels : ndarray of int, (cells,)
        From 0; a number without cells is passed over.
    """
    sizes = np.bincount(labels)
    return (*_small_clusters(sizes), *_near_duplicates(code, labels, sizes))


def _small_clusters(sizes: np.ndarray) -> Iterator[str]:
    for j in np.flatnonzero((sizes > 0) & (sizes < FEW_CELLS)):
        cells = "1 cell" if sizes[j] == 1 else f"{sizes[j]} cells"
        yield f"cluster {j} has {cells} only: look whether it is a type of its own"


def _near_duplicates(code: np.ndarray, labels: np.ndarray, sizes: np.ndarray) -> Iterator[str]:
    alive = [int(j) for j in np.flatnonzero(sizes >= FEW_CELLS)]
    chosen = {j: subsample(np.flatnonzero(labels == j), FOR_SPREAD) for j in alive}
    cells = {j: code[of].astype(np.float64) for j, of in chosen.items()}
    for place, i in enumerate(alive):
        for j in alive[place + 1 :]:
            apart = separation(cells[i], cells[j])
            if apart < NEAR:
                yield (
                    f"clusters {i} and {j} are near-duplicates: their centers are {apart:.1f} "
                    "spreads apart, as the halves of one cloud would be"
                )


def separation(a: np.ndarray, b: np.ndarray) -> float:
    """Distance between two centers, in units of both clusters' spreads along that line.

    Parameters
    ----------
    a, b : ndarray of float64, (cells, width)
        Cells of the one and of the other cluster.

    Returns
    -------
    float
        Distance over the sum of both standard deviations; infinite for two points, 0 for one.
    """
    line = b.mean(0) - a.mean(0)
    gap = float(np.linalg.norm(line))
    if gap == 0:
        return 0.0
    spread = float((a @ line).std() + (b @ line).std()) / gap
    return gap / spread if spread > 0 else float("inf")
