# /// scinno-bench
# name = "BANKSY + mixture"
# group = "peer"
# k = ["given"]
# modules = ["banksy", "scanpy", "igraph"]
# get = "pip install pybanksy igraph"
# tasks = ["domains"]
# notes = """\
#   Log counts per 10,000 (2000 variable genes); lambda 0.8 and 15 neighbors for cells, 0.2 and 6 \
#   for spots on a grid, as its authors advise for domains; gradients (max_m 1), 20 components; \
#   genes scaled within slices. Clusters: a Gaussian mixture with one covariance, scikit-learn's \
#   counterpart of its authors' mclust (R)."""
# ///
"""BANKSY, then a Gaussian mixture."""

import time
from importlib.metadata import version

from _banksy import banksy_components
from _job import finish, read
from _tissue import mixture

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    points = banksy_components(job)
    finish(job, mixture(points, job.k, job.seed), start, version=version("pybanksy"))
