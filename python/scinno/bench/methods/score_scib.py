# /// scinno-bench
# name = "scib-metrics"
# group = "peer"
# k = ["given"]
# modules = ["scib_metrics", "sklearn"]
# get = "pip install scib-metrics (0.5.10 for Python 3.11)"
# tasks = ["batches"]
# notes = "Scores of neighbors in a method's embedding; no method itself."
# ///
"""Scores of an embedding by scib-metrics, which runs in the Python that has it.

Argument: a folder with ``embedding.f4`` (cells × axes), ``types.i4`` and ``batches.i4``; the scores
are written there, to ``scores.txt``. Neighbors are exact, 90 for LISI and 15 for the graph, as in
the Benchmarker of scib-metrics.
"""

import os
import sys

import numpy as np
import scib_metrics
from scib_metrics.nearest_neighbors import NeighborsResults
from sklearn.neighbors import NearestNeighbors

LISI_NEIGHBORS, GRAPH_NEIGHBORS = 90, 15

if __name__ == "__main__":
    folder = sys.argv[1]
    types = np.fromfile(os.path.join(folder, "types.i4"), "<i4")
    batches = np.fromfile(os.path.join(folder, "batches.i4"), "<i4")
    points = np.fromfile(os.path.join(folder, "embedding.f4"), "<f4").reshape(len(types), -1)
    # A cell is the first of its own neighbors, as scib-metrics expects.
    near = NearestNeighbors(n_neighbors=min(LISI_NEIGHBORS, len(points))).fit(points)
    distances, indices = near.kneighbors(points)
    found = NeighborsResults(indices=indices, distances=distances)
    few = found.subset_neighbors(min(GRAPH_NEIGHBORS, found.n_neighbors))
    scores = {
        "iLISI": scib_metrics.ilisi_knn(found, batches),
        "cLISI": scib_metrics.clisi_knn(found, types),
        "graph_connectivity": scib_metrics.graph_connectivity(few, types),
    }
    with open(os.path.join(folder, "scores.txt"), "w", encoding="utf-8") as file:
        file.writelines(f"{name}\t{float(value)!r}\n" for name, value in scores.items())
        file.write(f"version\t{scib_metrics.__version__}\n")
