# /// scinno-bench
# name = "scGAE"
# group = "peer"
# k = ["given", "unknown"]
# modules = ["tensorflow", "tensorflow_probability", "spektral", "scanpy", "community"]
# clone = "SCINNO_BENCH_SCGAE"
# clone_has = "scgae.py"
# get = """\
#   git clone https://github.com/ZixiangLuo1161/scGAE; in an environment of Python 3.11: pip \
#   install tensorflow-cpu==2.12.1 tensorflow-probability==0.20.1 spektral==0.6.1 \
#   'scanpy<1.10' python-louvain 'networkx<3' 'numpy<1.24' 'scipy<1.12'; export \
#   SCINNO_BENCH_SCGAE=/path/to/scGAE SCINNO_BENCH_PYTHON_SCGAE=/path/to/that/python"""
# notes = """\
#   Its preprocessing and notebook's constants (neighbors: a tenth of the cells, at most its 160; \
#   80 + 40 epochs). K given: spectral initial centers, spectral clustering of its latent code; \
#   K unknown: Louvain for both."""
# ///
"""scGAE from a clone, in a separate Python."""

import time

import numpy as np
from _clone import open_clone, stand_in
from _job import finish, read

if __name__ == "__main__":
    job = read()
    open_clone("SCINNO_BENCH_SCGAE")
    stand_in("umap")  # only its pictures need it, and today's does not load with its old SciPy
    import tensorflow as tf
    from clustering import computeCentroids, louvain
    from preprocessing import get_adj, normalize
    from scgae import SCGAE
    from utils import clustering

    tf.random.set_seed(job.seed)
    np.random.seed(job.seed)  # noqa: NPY002  the clone draws from the global one
    start = time.perf_counter()
    values, log = job.matrix.toarray(), job.kind == "log"
    x = np.asarray(normalize(values, filter_min=False, norm_cell=not log, log=not log), "float32")
    near = max(5, min(160, len(x) // 10))
    adjacency, normed = get_adj(x, k=near)
    model = SCGAE(x, adjacency, normed)
    model.train(epochs=80, W_a=0.4, W_x=1)
    code = model.embedding(x, normed)
    if job.k is None:
        first = louvain(level=0.5)
        first.update(code, adj_mat=adjacency)
        labels = first.labels
    else:
        labels = clustering(code, n_cluster=job.k, k=near, f="spectral")
    model.clustering_train(
        centers=computeCentroids(code, labels), W_a=0.4, W_x=1, W_c=1.5, epochs=40
    )
    code = model.embedding(x, normed)
    how = "louvain" if job.k is None else "spectral"
    finish(job, clustering(code, n_cluster=job.k, k=near, f=how), start)
