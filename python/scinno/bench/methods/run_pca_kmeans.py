# /// scinno-bench
# name = "PCA + k-means"
# group = "simple"
# k = ["given"]
# tasks = ["types", "batches", "domains"]
# notes = "50 components of unscaled log counts of 2500 variable genes; 10 starts."
# ///
"""k-means on principal components."""

import time

from _graph import principal_components
from _job import finish, read
from sklearn.cluster import KMeans

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    points = principal_components(job)
    labels = KMeans(job.k, n_init=10, random_state=job.seed).fit_predict(points)
    finish(job, labels, start, points)
