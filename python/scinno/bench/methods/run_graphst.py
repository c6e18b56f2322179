# /// scinno-bench
# name = "GraphST"
# group = "peer"
# k = ["given"]
# modules = ["GraphST", "ot", "torch", "scanpy"]
# get = "pip install graphst-modern"
# tasks = ["domains"]
# notes = """\
#   Log counts per 10,000 (3000 variable genes), scaled without centering; its network, 3 \
#   neighbors and 600 epochs (datatype 10X for spots on a grid, else Slide); slices side by side. \
#   Clusters: 20 components of its reconstruction and a Gaussian mixture with one covariance, \
#   scikit-learn's counterpart of its authors' mclust (R), without their optional refinement."""
# ///
"""GraphST, then a Gaussian mixture."""

import time
from importlib.metadata import version

import scanpy as sc
import torch
from _job import finish, read
from _tissue import mixture, on_grid, tissue
from GraphST.GraphST import GraphST
from sklearn.decomposition import PCA

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    data = tissue(job, 3000)
    sc.pp.scale(data, zero_center=False, max_value=10)
    kind = "10X" if on_grid(data.obsm["spatial"]) else "Slide"
    data = GraphST(data, device=torch.device("cpu"), random_seed=job.seed, datatype=kind).train()
    axes = min(20, data.n_obs - 1, data.n_vars)
    points = PCA(axes, random_state=job.seed).fit_transform(data.obsm["emb"])
    finish(job, mixture(points, job.k, job.seed), start, version=version("graphst-modern"))
