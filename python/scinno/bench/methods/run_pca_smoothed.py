# /// scinno-bench
# name = "smoothed PCA + k-means"
# group = "simple"
# k = ["given"]
# tasks = ["domains"]
# notes = """\
#   Log counts of 2500 variable genes, averaged over neighbors in space as often as scinno's rule \
#   chooses for their 50 components; 50 components of these, k-means with 10 starts. What scinno \
#   does with space, without its network."""
# ///
"""k-means on principal components of values that are smoothed in space."""

import time

import numpy as np
import scanpy as sc
from _graph import log_values, principal_components
from _job import finish, read
from sklearn.cluster import KMeans

from scinno._space.neighbors import spatial_neighbors
from scinno._space.smoothing import smoothed, smoothing_table

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    neighbors = spatial_neighbors(job.coordinates, job.slices)
    points = principal_components(job).astype(np.float32)
    table = smoothing_table(points, neighbors, np.random.default_rng(job.seed))
    rounds = int(table["rounds"][table["chosen"]].iloc[0])
    data = log_values(job)
    data.X = smoothed(data.X.toarray(), neighbors, rounds)
    sc.pp.pca(data, n_comps=points.shape[1], random_state=job.seed)
    kmeans = KMeans(job.k, n_init=10, random_state=job.seed)
    finish(job, kmeans.fit_predict(data.obsm["X_pca"]), start, smoothing=rounds)
