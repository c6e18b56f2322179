"""How well clusters agree with the known types: pure functions of two labelings."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import (
    adjusted_mutual_info_score,
    adjusted_rand_score,
    normalized_mutual_info_score,
    silhouette_score,
)
from sklearn.metrics.cluster import contingency_matrix

# A type is rare below this share of the cells.
RARE = 0.03
# The silhouette compares all pairs of cells; of larger sets a sample is taken, the same each time.
SAMPLE = 5000

# What each score is, in the order of the tables; the higher the better.
SCORES = {
    "ARI": "Adjusted Rand index: pairs of cells that are together in both, above chance.",
    "NMI": "Mutual information of clusters and types over the arithmetic mean of their entropies.",
    "AMI": "Adjusted mutual information: NMI, corrected for what chance alone would give.",
    "accuracy": "Share of cells whose cluster is matched with their type; each cluster is matched "
    "with at most one type so that most cells agree (Hungarian method).",
    "purity": "Share of cells that belong to the commonest type of their cluster.",
    "rare_recall": f"Types with less than {RARE:.0%} of the cells: share of their cells that are "
    "in the matched cluster, mean over these types. Empty where a set has no such type.",
    "silhouette": "Mean silhouette width of the clusters in one picture of the data that is the "
    "same for all methods (50 principal components of log counts, Euclidean distance). Uses no "
    "known types.",
}


def score(truth: np.ndarray, labels: np.ndarray, points: np.ndarray) -> dict[str, float | None]:
    """All scores of one labeling.

    Parameters
    ----------
    truth, labels : ndarray, (cells,)
        Known types and clusters, of any dtype.
    points : ndarray, (cells, axes)
        Where the silhouette is measured.

    Returns
    -------
    dict
        A value for each of `SCORES`; None where it is not defined.
    """
    table = contingency_matrix(truth, labels)
    types, clusters = linear_sum_assignment(table, maximize=True)
    matched = np.zeros(len(table))
    matched[types] = table[types, clusters]
    sizes = table.sum(axis=1)
    rare = sizes < RARE * len(truth)
    return {
        "ARI": float(adjusted_rand_score(truth, labels)),
        "NMI": float(normalized_mutual_info_score(truth, labels, average_method="arithmetic")),
        "AMI": float(adjusted_mutual_info_score(truth, labels)),
        "accuracy": float(matched.sum() / len(truth)),
        "purity": float(table.max(axis=0).sum() / len(truth)),
        "rare_recall": float((matched[rare] / sizes[rare]).mean()) if rare.any() else None,
        "silhouette": _silhouette(points, labels),
    }


def _silhouette(points: np.ndarray, labels: np.ndarray) -> float | None:
    if len(labels) > SAMPLE:
        some = np.random.default_rng(0).choice(len(labels), SAMPLE, replace=False)
        points, labels = points[some], labels[some]
    if not 2 <= len(np.unique(labels)) < len(labels):
        return None
    return float(silhouette_score(points, labels))
