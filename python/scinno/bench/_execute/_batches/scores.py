"""Scores of clusters of cells from several batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

# Definitions of the scores, in the order of the tables; higher is better but for `LOWER`.
BATCH_SCORES = {
    "ARI": "Adjusted Rand index of clusters and types: pairs of cells that are together in both, "
    "above chance.",
    "NMI": "Mutual information of clusters and types over the arithmetic mean of their entropies.",
    "ARI_batch": "Adjusted Rand index of clusters and batches; lower is better. Around 0 where "
    "batches have the same types; where their types differ, correct clusters have more.",
    "iLISI": "Batches among the 90 nearest neighbors of a cell in the method's embedding, as an "
    "effective number (inverse Simpson index), median over cells, scaled: 0 is one batch, 1 all "
    "batches alike (scib-metrics). High values alone mean nothing: noise mixes perfectly.",
    "cLISI": "The same of types, scaled the other way: 1 is one type only (scib-metrics).",
    "graph_connectivity": "Share of a type's cells that are connected by their 15 nearest "
    "neighbors within the type, in the method's embedding, mean over types (scib-metrics).",
}
# Of the cases that lack a type in a batch and of their whole sets, on the same cells.
GUARD_SCORES = {
    "ARI_kept": "ARI over the cells that the case with a type removed from a batch keeps.",
    "type_kept": "Overlap of the removed type's other cells with the cluster that has most in "
    "common with them: shared cells over cells of either (Jaccard index). Far lower than in the "
    "whole set where the type was merged with another.",
}
LOWER = ("ARI_batch",)
# Scores of an embedding, by scib-metrics.
SCIB_SCORES = ("iLISI", "cLISI", "graph_connectivity")


@dataclass(frozen=True)
class Guard:
    """A type that is removed from one batch, and the cells that stay.

    Attributes
    ----------
    type, batch : str
    kept : ndarray of bool, (cells,)
        Of the whole set: False for cells of this type in this batch. Of the case without them: all
        True.
    """

    type: str
    batch: str
    kept: np.ndarray


def batch_scores(
    truth: np.ndarray, batch: np.ndarray, labels: np.ndarray, guard: Guard | None
) -> dict[str, float | None]:
    """Scores of one clustering, without those of its embedding.

    Parameters
    ----------
    truth, batch : ndarray of str, (cells,)
    labels : ndarray of int, (cells,)
    guard : Guard, optional
        None where the set has no case that lacks a type.

    Returns
    -------
    dict
        A value for each of `BATCH_SCORES` and `GUARD_SCORES`, None where it is not defined.
    """
    found: dict[str, float | None] = dict.fromkeys((*BATCH_SCORES, *GUARD_SCORES))
    found["ARI"] = float(adjusted_rand_score(truth, labels))
    found["NMI"] = float(normalized_mutual_info_score(truth, labels))
    found["ARI_batch"] = float(adjusted_rand_score(batch, labels))
    if guard is not None:
        kept = guard.kept
        found["ARI_kept"] = float(adjusted_rand_score(truth[kept], labels[kept]))
        found["type_kept"] = _overlap(truth[kept] == guard.type, labels[kept])
    return found


def _overlap(own: np.ndarray, labels: np.ndarray) -> float:
    """Highest Jaccard index of these cells and a cluster."""
    clusters, codes = np.unique(labels, return_inverse=True)
    sizes = np.bincount(codes, minlength=len(clusters))
    shared = np.bincount(codes[own], minlength=len(clusters))
    return float((shared / (sizes + own.sum() - shared)).max())
