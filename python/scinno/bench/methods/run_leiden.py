# /// scinno-bench
# name = "Leiden"
# group = "simple"
# k = ["given", "unknown"]
# modules = ["igraph", "leidenalg"]
# get = "pip install igraph leidenalg"
# tasks = ["types", "batches"]
# notes = """\
#   scanpy: 15 neighbors in 50 components. K unknown: resolution 1, its default; K given: the \
#   resolution, found by halving, whose number of clusters is nearest to K."""
# ///
"""Leiden on a graph of neighbors in principal components."""

import time

import numpy as np
from _graph import leiden, principal_components
from _job import finish, read

if __name__ == "__main__":
    job = read()
    # What Numba compiles in every new process is no part of the method.
    leiden(np.random.default_rng(0).normal(size=(60, 5)), None, 0)
    start = time.perf_counter()
    points = principal_components(job)
    finish(job, leiden(points, job.k, job.seed), start, points)
