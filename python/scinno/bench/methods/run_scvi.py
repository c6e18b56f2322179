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

import anndata as ad
import numpy as np
import pandas as pd
import scanpy as sc
import scvi
from _graph import leiden
from _job import finish, read
from sklearn.cluster import KMeans

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    data = ad.AnnData(job.matrix.astype(np.float32), var=pd.DataFrame(index=job.genes))
    sc.pp.filter_genes(data, min_cells=min(3, data.n_obs))
    if data.n_vars > 2500:
        try:
            sc.pp.highly_variable_genes(data, n_top_genes=2500, flavor="seurat_v3")
        except ImportError:
            logs = sc.pp.log1p(sc.pp.normalize_total(data, copy=True), copy=True)
            sc.pp.highly_variable_genes(logs, n_top_genes=2500)
            data.var["highly_variable"] = logs.var["highly_variable"]
        data = data[:, data.var["highly_variable"]].copy()
    scvi.settings.seed = job.seed
    scvi.model.SCVI.setup_anndata(data)
    model = scvi.model.SCVI(data)
    model.train(accelerator="cpu", enable_progress_bar=False)
    code = model.get_latent_representation()
    if job.k is None:
        labels = leiden(code, None, job.seed)
    else:
        labels = KMeans(job.k, n_init=10, random_state=job.seed).fit_predict(code)
    finish(job, labels, start, version=scvi.__version__)
