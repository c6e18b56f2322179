"""How good clusters are without labels: what they predict of molecules that were held out."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from sklearn.metrics import adjusted_rand_score


def held_out_gain(seen: sp.csr_matrix, held_out: sp.csr_matrix, labels: np.ndarray) -> float:
    """How much better clusters predict held-out molecules than one profile of all cells does.

    The genes of a cell's held-out molecules are taken as draws from the expression profile of its
    cluster. A profile is that of the ``seen`` molecules of the *other* cells of the cluster, plus
    one average cell of the profile of all, so that a cluster of one cell predicts nothing.

    Parameters
    ----------
    seen, held_out : csr_matrix, (cells, genes)
        Two halves of the same counts, of one structure.
    labels : ndarray of int, (cells,)
        Clusters of ``seen``.

    Returns
    -------
    float
        Mean over cells of the log-likelihood ratio of a molecule, in nats.
    """
    n = len(labels)
    own = sp.csr_matrix((np.ones(n), (labels, np.arange(n))), shape=(labels.max() + 1, n))
    by_cluster = (own @ seen.astype(np.float64)).toarray()
    by_gene, of_cluster = by_cluster.sum(axis=0), by_cluster.sum(axis=1)
    library = np.asarray(seen.sum(axis=1, dtype=np.float64)).ravel()
    rows, genes = np.repeat(np.arange(n), np.diff(seen.indptr)), seen.indices
    mine = seen.data.astype(np.float64)
    # A gene that only this cell has: no cell knows it, so that it must not decide.
    rare = 0.5 / len(by_gene)
    others = by_gene.sum() - library[rows] + 0.5
    of_all = (by_gene[genes] - mine + rare) / others
    weight = library.mean()
    of_mine = by_cluster[labels[rows], genes] - mine + weight * of_all
    of_mine /= of_cluster[labels[rows]] - library[rows] + weight
    gain = np.bincount(rows, held_out.data * np.log(of_mine / of_all), minlength=n)
    molecules = np.asarray(held_out.sum(axis=1, dtype=np.float64)).ravel()
    return float(np.mean(gain / np.maximum(molecules, 1)))


def stability(one: np.ndarray, other: np.ndarray) -> float:
    """Adjusted Rand index of the clusters of two halves of the same cells."""
    return float(adjusted_rand_score(one, other))


def score_of(gain: float, agreement: float) -> float:
    """What is maximized: the gain, as far as it is found again in the other half.

    Parameters
    ----------
    gain : float
        `held_out_gain`, nats per molecule.
    agreement : float
        `stability` of the two halves.
    """
    return gain * max(agreement, 0.0)
