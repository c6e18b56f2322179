# /// scinno-bench
# name = "BBKNN + Leiden"
# group = "peer"
# k = ["given", "unknown"]
# modules = ["bbknn", "scanpy", "igraph"]
# get = "pip install bbknn scanpy igraph leidenalg"
# tasks = ["batches"]
# notes = """\
#   Its defaults (3 neighbors in each batch) in 50 components of 2500 variable genes, ranked \
#   within batches; Leiden of its graph. It has no embedding, so neighbors are not scored."""
# ///
"""BBKNN's graph, then Leiden."""

import time

import anndata as ad
import bbknn
import numpy as np
import pandas as pd
from _graph import leiden_of_graph, principal_components
from _job import finish, read

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    points = principal_components(job, ranked_within=True)
    data = ad.AnnData(
        np.zeros((len(points), 1), dtype=np.float32),
        obs=pd.DataFrame({"batch": pd.Categorical(job.batch)}).set_axis(
            [f"c{i}" for i in range(len(points))]
        ),
        obsm={"X_pca": points},
    )
    bbknn.bbknn(data, batch_key="batch", n_pcs=points.shape[1])
    finish(job, leiden_of_graph(data, job.k, job.seed), start)
