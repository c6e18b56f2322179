# /// scinno-bench
# name = "Ward"
# group = "simple"
# k = ["given"]
# random = false
# notes = "Ward linkage on 50 components of unscaled log counts of 2500 variable genes."
# ///
"""Hierarchical clustering on principal components."""

import time

from _graph import principal_components
from _job import finish, read
from sklearn.cluster import AgglomerativeClustering

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    labels = AgglomerativeClustering(job.k).fit_predict(principal_components(job))
    finish(job, labels, start)
