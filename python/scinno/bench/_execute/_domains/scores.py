"""Scores of domains of a tissue against known ones."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

# Definitions of the scores, in the order of the tables; higher is better. Scores of single cells,
# such as a silhouette among their values, say nothing of domains.
DOMAIN_SCORES = {
    "ARI": "Adjusted Rand index of found and known domains: pairs of cells that are together in "
    "both, above chance.",
    "NMI": "Mutual information of found and known domains over the arithmetic mean of their "
    "entropies.",
}


def domain_scores(truth: np.ndarray, labels: np.ndarray) -> dict[str, float | None]:
    """Scores of one division into domains.

    Parameters
    ----------
    truth : ndarray of str, (cells,)
    labels : ndarray of int, (cells,)

    Returns
    -------
    dict
        A value for each of `DOMAIN_SCORES`.
    """
    return {
        "ARI": float(adjusted_rand_score(truth, labels)),
        "NMI": float(normalized_mutual_info_score(truth, labels)),
    }
