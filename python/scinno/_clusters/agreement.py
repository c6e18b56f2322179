"""Agreement of labels with known ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

# What a missing label becomes when a program turns it into text.
_NO_LABEL = ("", "nan", "NaN", "NA", "<NA>")


def has_label(column: Any) -> np.ndarray:
    """Whether each cell has a label: neither missing nor the text of a missing value, bool."""
    labels = pd.Series(np.asarray(column, dtype=object))
    return (labels.notna() & ~labels.astype(str).str.strip().isin(_NO_LABEL)).to_numpy()


def agreement(truth: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """ARI and NMI (arithmetic mean of entropies) of labels against known ones.

    Parameters
    ----------
    truth : ndarray, (cells,)
        Known labels; cells without one take no part.
    labels : ndarray, (cells,)
    """
    known = has_label(truth)
    truth, labels = truth[known].astype(str), labels[known]
    return {
        "ARI": float(adjusted_rand_score(truth, labels)),
        "NMI": float(normalized_mutual_info_score(truth, labels)),
    }
