# /// scinno-bench
# name = "contrastive-sc"
# group = "peer"
# k = ["given", "unknown"]
# modules = ["torch", "scanpy", "igraph", "leidenalg"]
# clone = "SCINNO_BENCH_CONTRASTIVE_SC"
# clone_has = "st_loss.py"
# get = """\
#   git clone https://github.com/ciortanmadalina/contrastive-sc; pip install igraph leidenalg; \
#   export SCINNO_BENCH_CONTRASTIVE_SC=/path/to/contrastive-sc"""
# notes = """\
#   Its preprocessing (500 genes), network and constants (30 epochs, dropout 0.9), as its main \
#   notebook; K given: k-means, K unknown: Leiden, both its own. Log values are taken back to \
#   counts, which it rounds up."""
# ///
"""contrastive-sc from a clone."""

import time

import numpy as np
import scanpy
from _clone import open_clone, seed_torch, stand_in
from _job import finish, read, whole_counts

if __name__ == "__main__":
    job = read()
    open_clone("SCINNO_BENCH_CONTRASTIVE_SC")
    stand_in("scanpy.api", scanpy)
    stand_in("torchvision")
    seed_torch(job.seed)
    import train

    start = time.perf_counter()
    cells = job.matrix.shape[0]
    x = train.preprocess(whole_counts(job), nb_genes=min(500, job.matrix.shape[1]))
    if hasattr(x, "toarray"):
        x = x.toarray()
    code = train.train_model(np.asarray(x), job.k, use_cpu=True)
    how = "Leiden" if job.k is None else "KMeans"
    found = train.cluster_embedding(
        code, job.k, None, save_pred=True, leiden_n_neighbors=min(300, cells - 1),
        cluster_methods=[how],
    )  # fmt: skip
    finish(job, found[f"{how.lower()}_pred"], start)
