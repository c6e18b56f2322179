# /// scinno-bench
# name = "Harmony + k-means"
# group = "peer"
# k = ["given"]
# modules = ["harmonypy", "scanpy"]
# get = "pip install harmonypy scanpy"
# tasks = ["batches"]
# notes = """\
#   Harmony's defaults (the algorithm of its version 2, harmonypy 2) on 50 components of 2500 \
#   variable genes, ranked within batches; k-means with 10 starts."""
# ///
"""Harmony, then k-means."""

import time

import harmonypy
from _harmony import corrected_components
from _job import finish, read
from sklearn.cluster import KMeans

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    points = corrected_components(job)
    labels = KMeans(job.k, n_init=10, random_state=job.seed).fit_predict(points)
    finish(job, labels, start, points, version=harmonypy.__version__)
