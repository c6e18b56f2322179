"""Scores of clusters against known types: pure functions of two labelings."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import (
    adjusted_mutual_info_score,
    adjusted_rand_score,
    normalized_mutual_info_score,
    silhouette_score,
)
from sklearn.metrics.cluster import contingency_matrix

from scinno._runtime.validate import check_numbers

# A type is rare below this fraction of the cells.
RARE = 0.03
# The silhouette compares all pairs of cells; larger sets are sampled, the same way each time.
MAX_CELLS = 5000

# Definitions of the scores, in the order of the tables; higher is better.
SCORES = {
    "ARI": "Adjusted Rand index: pairs of cells that are together in both, above chance.",
    "NMI": "Mutual information of clusters and types over the arithmetic mean of their entropies.",
    "AMI": "Adjusted mutual information: NMI, corrected for what chance alone would give.",
    "accuracy": "Share of cells whose cluster is matched with their type; each cluster is matched "
    "with at most one type so that most cells agree (Hungarian method).",
    "purity": "Share of cells that belong to the most common type of their cluster.",
    "rare_recall": f"Types with less than {RARE:.0%} of the cells: share of their cells that are "
    "in the matched cluster, mean over these types. Empty where a set has no such type.",
    "silhouette": "Mean silhouette width of the clusters in one representation of the "
    "data, the same for all methods (50 principal components of log counts, Euclidean distance). "
    "Does not use the known types.",
}


def score(truth: np.ndarray, labels: np.ndarray, points: np.ndarray) -> dict[str, float | None]:
    """All scores of one labeling.

    Parameters
    ----------
    truth, labels : ndarray, (cells,)
        Known types and clusters, of any dtype.
    points : ndarray, (cells, axes)
        Representation for the silhouette.

    Returns
    -------
    dict
        A value for each of `SCORES`; None where it is not defined.
    """
    truth, labels, points = _checked(truth, labels, points)
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


def _checked(truth: Any, labels: Any, points: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both labelings as texts or numbers, and finite points, all of the same cells."""
    points = check_numbers(points, "points", 2)
    found = []
    for name, given in (("truth", truth), ("labels", labels)):
        try:
            one = np.asarray(given)
            if one.dtype == object:
                one = one.astype(str)
        except Exception as error:  # tensors and tables raise errors of many kinds
            raise TypeError(f"{name} must be labels, got {type(given).__name__}") from error
        if one.ndim != 1 or len(one) != len(points) or not len(one):
            raise ValueError(
                f"{name} must have one label for each of {len(points)} cells of points, got shape "
                f"{one.shape}"
            )
        found.append(one)
    if not points.shape[1] or not np.isfinite(points).all():
        raise ValueError(f"points must be finite numbers, got shape {points.shape}")
    if one.dtype.kind == "f" and not np.isfinite(one).all():
        raise ValueError("labels must be finite, but hold NaN or infinite values")
    return found[0], found[1], points


def _silhouette(points: np.ndarray, labels: np.ndarray) -> float | None:
    if len(labels) > MAX_CELLS:
        sample = np.random.default_rng(0).choice(len(labels), MAX_CELLS, replace=False)
        points, labels = points[sample], labels[sample]
    if not 2 <= len(np.unique(labels)) < len(labels):
        return None
    return float(silhouette_score(points, labels))
