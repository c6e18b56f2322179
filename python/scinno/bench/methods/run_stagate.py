# /// scinno-bench
# name = "STAGATE"
# group = "peer"
# k = ["given"]
# modules = ["STAGATE_pyG", "torch_geometric", "scanpy"]
# get = "pip install stagate-modern scanpy"
# tasks = ["domains"]
# notes = """\
#   Log counts per 10,000 (3000 variable genes), neighbors within the distance that gives a cell \
#   six of them in the mean, as in its authors' examples; their network and 1000 epochs; slices \
#   side by side. Clusters: a Gaussian mixture with one covariance, scikit-learn's counterpart of \
#   its authors' mclust (R)."""
# ///
"""STAGATE, then a Gaussian mixture."""

import time
from importlib.metadata import version

import numpy as np
import torch
from _job import finish, read
from _tissue import mixture, tissue
from sklearn.neighbors import NearestNeighbors
from STAGATE_pyG import Cal_Spatial_Net, train_STAGATE

NEIGHBORS = 6


def radius(places: np.ndarray) -> float:
    """The distance within which cells have so many others in the mean."""
    wanted = min(5 * NEIGHBORS, len(places) - 1)
    distances = NearestNeighbors(n_neighbors=wanted).fit(places).kneighbors()[0]
    found = np.partition(distances.ravel(), NEIGHBORS * len(places) - 1)
    # A little more: places of spots on a grid are rounded.
    return float(1.01 * found[NEIGHBORS * len(places) - 1])


if __name__ == "__main__":
    job = read()
    start = time.perf_counter()
    data = tissue(job, 3000)
    Cal_Spatial_Net(data, rad_cutoff=radius(data.obsm["spatial"]), verbose=False)
    data = train_STAGATE(data, random_seed=job.seed, device=torch.device("cpu"), verbose=False)
    labels = mixture(data.obsm["STAGATE"], job.k, job.seed)
    finish(job, labels, start, version=version("stagate-modern"))
