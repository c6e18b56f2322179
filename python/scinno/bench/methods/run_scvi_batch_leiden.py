# /// scinno-bench
# name = "scVI + Leiden"
# group = "peer"
# k = ["given", "unknown"]
# modules = ["scvi", "scanpy", "igraph"]
# get = "pip install scvi-tools igraph leidenalg"
# log_values = false
# tasks = ["batches"]
# notes = """\
#   Counts of 2500 variable genes, ranked within batches (flavor seurat_v3 if scikit-misc is \
#   installed, else seurat), batch_key, default network and number of epochs; Leiden on its latent \
#   code as in the method Leiden."""
# ///
"""scVI with the batches, then Leiden on its latent code."""

import time

import scvi
from _graph import leiden
from _job import finish, read
from _scvi import latent_code

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    code = latent_code(job)
    labels = leiden(code, job.k, job.seed)
    finish(job, labels, start, code, version=scvi.__version__)
