# /// scinno-bench
# name = "Scanorama + k-means"
# group = "peer"
# k = ["given"]
# modules = ["scanorama", "scanpy"]
# get = "pip install scanorama scanpy"
# tasks = ["batches"]
# notes = """\
#   Its defaults (100 dimensions) on log counts of 2500 variable genes, ranked within batches; \
#   k-means with 10 starts on its embedding."""
# ///
"""Scanorama's embedding, then k-means."""

import time

import numpy as np
import scanorama
from _graph import log_values
from _job import finish, read
from sklearn.cluster import KMeans

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    data = log_values(job, ranked_within=True)
    names = list(np.unique(job.batch))
    rows = [np.flatnonzero(job.batch == name) for name in names]
    parts, _ = scanorama.integrate(
        [data.X[own] for own in rows], [list(data.var_names)] * len(rows), seed=job.seed, verbose=0
    )
    points = np.empty((data.n_obs, parts[0].shape[1]), dtype=np.float32)
    for own, part in zip(rows, parts):  # noqa: B905  a peer's Python may be 3.8, without strict
        points[own] = part
    labels = KMeans(job.k, n_init=10, random_state=job.seed).fit_predict(points)
    finish(job, labels, start, points)
