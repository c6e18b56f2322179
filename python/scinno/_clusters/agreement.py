"""Agreement of labels with known ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score


def agreement(truth: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """ARI and NMI (arithmetic mean of entropies) of labels against known ones.

    Parameters
    ----------
    truth : ndarray, (cells,)
        Known labels; cells without one take no part.
    labels : ndarray, (cells,)
    """
    known = ~pd.isna(truth)
    truth, labels = truth[known].astype(str), labels[known]
    return {
        "ARI": float(adjusted_rand_score(truth, labels)),
        "NMI": float(normalized_mutual_info_score(truth, labels)),
    }
