"""t-SNE panels: one map of a set, colored by its types and by the clusters of methods."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.manifold import TSNE
from sklearn.metrics.cluster import contingency_matrix

from scinno.bench._execute.sets import LabeledSet
from scinno.bench._execute.stored import read_labels

# A map of more cells is slower and not clearer.
MAX_CELLS = 2000
# Panels of a set, beside that of the types.
MAX_METHODS = 5


def panels(data: LabeledSet, folder: Path, runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The map and the colors of one set.

    Parameters
    ----------
    data : LabeledSet
    folder : Path
        The benchmark's folder, with the labels.
    runs : sequence of dict
        Finished runs. Panels show those of seed 0, with K given if there are any, of scinno and of
        the methods with the highest ARI.

    Returns
    -------
    dict
        Plain data for the page.
    """
    drawn = np.arange(len(data.truth))
    if len(drawn) > MAX_CELLS:
        drawn = np.sort(np.random.default_rng(0).choice(drawn, MAX_CELLS, replace=False))
    perplexity = min(30.0, (len(drawn) - 1) / 3)
    flat = TSNE(perplexity=perplexity, random_state=0).fit_transform(data.points[drawn])
    types, truth = np.unique(data.truth, return_inverse=True)
    done = [r for r in runs if r["set"] == data.name and r["status"] == "done" and r["seed"] == 0]
    done = [r for r in done if r["k_mode"] == "given"] or done
    best = sorted(done, key=lambda r: (r["method"] != "scinno", -r["scores"]["ARI"]))
    found = []
    for record in best[:MAX_METHODS]:
        key = f"{data.name}__{record['method']}__{record['k_mode']}__{record['seed']}"
        path = folder / "labels" / f"{key}.npz"
        if path.exists():
            labels = renumbered_like(truth, read_labels(path, len(truth)))
            found.append({"method": record["method"], "ARI": record["scores"]["ARI"],
                          "labels": labels[drawn].tolist()})  # fmt: skip
    return {
        "set": data.name,
        "types": types.tolist(),
        "x": np.round(flat[:, 0].astype(float), 2).tolist(),
        "y": np.round(flat[:, 1].astype(float), 2).tolist(),
        "truth": truth[drawn].tolist(),
        "methods": found,
        "cells": len(data.truth),
    }


def renumbered_like(truth: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Clusters with the numbers of the types they match best; the others come after."""
    table = contingency_matrix(truth, labels)
    types, clusters = linear_sum_assignment(table, maximize=True)
    new = dict(zip(clusters.tolist(), types.tolist(), strict=True))
    rest = [j for j in range(table.shape[1]) if j not in new]
    new |= {j: table.shape[0] + place for place, j in enumerate(rest)}
    codes = np.unique(labels, return_inverse=True)[1]
    return np.array([new[j] for j in codes.tolist()])
