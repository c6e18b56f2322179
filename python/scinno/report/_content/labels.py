"""Clusters compared with given labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

# Pairs of label and cluster that are listed, those with most cells first.
MAX_PAIRS = 12
# A table with more labels cannot be read.
MAX_LABELS = 60


def against_labels(label: pd.Series, labels: np.ndarray, names: list[str]) -> dict[str, Any]:
    """Contingency table, scores, and pairs of label and cluster that disagree.

    Parameters
    ----------
    label : Series, (cells,)
    labels : ndarray of int, (cells,)
        −1 for cells that are unassigned.

    Raises
    ------
    ValueError
        Too many different labels, or none at all.
    """
    from scinno._clusters.agreement import agreement, has_label

    known = has_label(label) & (labels >= 0)
    given = label[known].astype(str)
    if given.nunique() == 0:
        raise ValueError(f"label column {label.name!r} holds no labels")
    if given.nunique() > MAX_LABELS:
        raise ValueError(
            f"label column {label.name!r} holds {given.nunique()} different values, at most "
            f"{MAX_LABELS} can be shown: is it a name of cells?"
        )
    truth = given.to_numpy(dtype=object)
    clusters = labels[known]
    table = pd.crosstab(pd.Series(truth), pd.Series(clusters))
    table = table.reindex(columns=range(len(names)), fill_value=0)
    # Labels in the order of the cluster that holds most of their cells, for a diagonal table.
    order = np.lexsort((-table.max(axis=1), table.to_numpy().argmax(axis=1)))
    table = table.iloc[order]
    cells = table.to_numpy(dtype=int)
    main = cells.argmax(axis=0)
    pairs = [
        (str(table.index[i]), names[j], int(cells[i, j]), str(table.index[main[j]]))
        for i in range(len(table))
        for j in range(len(names))
        if i != main[j] and cells[i, j]
    ]
    pairs.sort(key=lambda pair: -pair[2])
    off = sum(pair[2] for pair in pairs)
    return {
        "name": str(label.name),
        "labels": [str(name) for name in table.index],
        "table": table.to_numpy().tolist(),
        "scores": agreement(truth, clusters),
        "cells": int(known.sum()),
        "off": off,
        "pairs": [
            {"label": a, "cluster": b, "cells": c, "main": d,
             "fraction": c / max(int((truth == a).sum()), 1)}
            for a, b, c, d in pairs[:MAX_PAIRS]
        ],
    }  # fmt: skip
