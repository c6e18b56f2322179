# /// scinno-bench
# name = "BANKSY + Leiden"
# group = "peer"
# k = ["given"]
# modules = ["banksy", "scanpy", "igraph", "leidenalg"]
# get = "pip install pybanksy igraph leidenalg"
# tasks = ["domains"]
# notes = """\
#   The same 20 components; scanpy's Leiden on 50 neighbors, as many as its authors use, at the \
#   resolution, found by halving, whose number of clusters is nearest to K."""
# ///
"""BANKSY, then Leiden."""

import time
from importlib.metadata import version

import numpy as np
from _banksy import banksy_components
from _graph import leiden
from _job import finish, read

if __name__ == "__main__":
    job = read()
    # What Numba compiles in every new process is no part of the method.
    leiden(np.random.default_rng(0).normal(size=(60, 5)), None, 0)
    start = time.perf_counter()
    points = banksy_components(job)
    labels = leiden(points, job.k, job.seed, near=50)
    finish(job, labels, start, version=version("pybanksy"))
