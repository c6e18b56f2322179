# /// scinno-bench
# name = "scMAE"
# group = "peer"
# k = ["given"]
# modules = ["torch", "scanpy", "h5py", "munkres"]
# clone = "SCINNO_BENCH_SCMAE"
# clone_has = "datasets.py"
# get = """\
#   git clone https://github.com/CSUBioGroup/scMAE; pip install munkres; export \
#   SCINNO_BENCH_SCMAE=/path/to/scMAE"""
# notes = """\
#   Its loader, network and constants (1000 genes, 80 epochs of batches of 256, then k-means, or \
#   Leiden scanned to K from 10,000 cells on). It evaluates at epoch 80, whatever the labels are, \
#   and gets none. Batches are as large as the set where that has fewer than 256 cells, because \
#   it drops the last batch. Log values are taken back to counts, which its loader rounds up."""
# ///
"""scMAE from a clone: its own training loop, with K numbers in place of labels."""

import os
import time

import h5py
import numpy as np
import pandas as pd
from _clone import open_clone, seed_torch
from _job import finish, read, whole_counts


# Stands in for the clone's own parsed arguments, whose types are not known here.
class Arguments(dict):  # type: ignore[type-arg]
    """Its arguments, where the number of genes is the one that its loader has found.

    Ties among the variable genes may leave a few more than 1000.
    """

    def __getitem__(self, name):  # type: ignore[no-untyped-def]
        return super().__getitem__("feat_dim" if name == "data_dim" else name)


if __name__ == "__main__":
    job = read()
    open_clone("SCINNO_BENCH_SCMAE")
    seed_torch(job.seed)
    import main as scmae

    start = time.perf_counter()
    cells = job.matrix.shape[0]
    with h5py.File(os.path.join(job.out, "set.h5"), "w") as file:
        file["X"] = whole_counts(job)
        file["Y"] = np.arange(cells, dtype="int64") % job.k  # it counts them to learn K
    scmae.train(Arguments(
        num_workers=0, paths={"data": job.out, "results": job.out}, batch_size=min(256, cells),
        n_classes=job.k, epochs=81, dataset="set", learning_rate=1e-3, latent_dim=32,
        save_path=job.out,
    ))  # fmt: skip
    # Written at epoch 80, the last that it trains here, and the one that it evaluates.
    labels = pd.read_csv(os.path.join(job.out, "types_80.txt"))["Pred"]
    finish(job, labels, start)
