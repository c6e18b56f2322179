# /// scinno-bench
# name = "SC3s"
# group = "peer"
# k = ["given"]
# modules = ["sc3s", "scanpy"]
# get = "pip install --no-deps sc3s (it asks for NumPy 1 and works with 2)"
# notes = """\
#   The streaming rewrite of SC3: consensus of k-means over numbers of components; its tutorial's \
#   preprocessing (log of counts per 10,000, variable genes, PCA) and defaults."""
# ///
"""SC3s, a Python package."""

import time

import anndata as ad
import numpy as np
import pandas as pd
import sc3s
import scanpy as sc
from _job import finish, read

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    data = ad.AnnData(job.matrix.astype(np.float32), var=pd.DataFrame(index=job.genes))
    sc.pp.filter_genes(data, min_cells=min(10, data.n_obs))
    if job.kind != "log":
        sc.pp.normalize_total(data, target_sum=1e4)
        sc.pp.log1p(data)
    sc.pp.highly_variable_genes(data)
    data = data[:, data.var["highly_variable"]].copy()
    sc.pp.pca(data, n_comps=min(50, data.n_obs - 1, data.n_vars - 1), random_state=job.seed)
    sc3s.tl.consensus(data, n_clusters=[job.k], random_state=job.seed)
    finish(job, data.obs[f"sc3s_{job.k}"].astype(str), start)
