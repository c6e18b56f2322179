# /// scinno-bench
# name = "scVI + k-means"
# group = "peer"
# k = ["given"]
# modules = ["scvi", "scanpy", "igraph"]
# get = "pip install scvi-tools igraph leidenalg"
# log_values = false
# tasks = ["batches"]
# notes = """\
#   Counts of 2500 variable genes, ranked within batches (flavor seurat_v3 if scikit-misc is \
#   installed, else seurat), batch_key, default network and number of epochs; k-means with 10 \
#   starts on its latent code."""
# ///
"""scVI with the batches, then k-means on its latent code."""

import time

import scvi
from _job import finish, read
from _scvi import latent_code
from sklearn.cluster import KMeans

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    code = latent_code(job)
    labels = KMeans(job.k, n_init=10, random_state=job.seed).fit_predict(code)
    finish(job, labels, start, code, version=scvi.__version__)
