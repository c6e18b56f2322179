# /// scinno-bench
# name = "Harmony + Leiden"
# group = "peer"
# k = ["given", "unknown"]
# modules = ["harmonypy", "scanpy", "igraph"]
# get = "pip install harmonypy scanpy igraph leidenalg"
# tasks = ["batches"]
# notes = """\
#   Harmony's defaults (the algorithm of its version 2, harmonypy 2) on 50 components of 2500 \
#   variable genes, ranked within batches; Leiden as in the method Leiden."""
# ///
"""Harmony, then Leiden."""

import time

import harmonypy
from _graph import leiden
from _harmony import corrected_components
from _job import finish, read

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    points = corrected_components(job)
    labels = leiden(points, job.k, job.seed)
    finish(job, labels, start, points, version=harmonypy.__version__)
