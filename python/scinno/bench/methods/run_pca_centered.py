# /// scinno-bench
# name = "PCA centered per batch + k-means"
# group = "simple"
# k = ["given"]
# tasks = ["batches"]
# notes = """\
#   2500 variable genes, ranked within batches; each gene has its mean in each batch subtracted; \
#   50 components, k-means with 10 starts."""
# ///
"""k-means on principal components of values that are centered within batches."""

import time

from _graph import principal_components
from _job import finish, read
from sklearn.cluster import KMeans

if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    points = principal_components(job, ranked_within=True, center=True)
    labels = KMeans(job.k, n_init=10, random_state=job.seed).fit_predict(points)
    finish(job, labels, start, points)
