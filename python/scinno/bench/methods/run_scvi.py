# /// scinno-bench
# name = "scVI"
# group = "peer"
# k = ["given", "unknown"]
# modules = ["scvi", "scanpy", "igraph"]
# get = "pip install scvi-tools igraph leidenalg"
# log_values = false
# notes = """\
#   Counts of 2500 variable genes (flavor seurat_v3 if scikit-misc is installed, else seurat), \
#   default network and number of epochs. K given: k-means on its latent code; K unknown: Leiden \
#   at resolution 1."""
# ///
"""scVI, then k-means or Leiden on its latent code."""

import time

import scvi
from _graph import leiden
from _job import finish, read
from _scvi import latent_code
from sklearn.cluster import KMeans

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    code = latent_code(job)
    if job.k is None:
        labels = leiden(code, None, job.seed)
    else:
        labels = KMeans(job.k, n_init=10, random_state=job.seed).fit_predict(code)
    finish(job, labels, start, version=scvi.__version__)
