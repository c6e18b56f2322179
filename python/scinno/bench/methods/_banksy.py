"""BANKSY's components, for the methods that cluster them."""

from __future__ import annotations

import numpy as np
from _job import Job
from _tissue import on_grid, tissue
from banksy.embed_banksy import generate_banksy_matrix
from banksy.initialize_banksy import initialize_banksy
from sklearn.decomposition import PCA

# Its authors' weights of the surroundings for domains, and numbers of neighbors: of single cells,
# and of spots, each of which is an average of cells already.
OF_CELLS, OF_SPOTS = (0.8, 15), (0.2, 6)
PLOTS = ("plt_edge_hist", "plt_nbr_weights", "plt_agf_angles", "plt_theta")


def banksy_components(job: Job) -> np.ndarray:
    """Twenty components of cells and their surroundings.

    Weights that fall as a Gaussian, means and gradients (max_m 1), genes scaled within each slice,
    as the package in R does (``group``).
    """
    data = tissue(job, 2000)
    data.X = data.X.toarray()
    weight, near = OF_SPOTS if on_grid(data.obsm["spatial"]) else OF_CELLS
    parts = []
    for number in np.unique(job.slices):
        part = data[job.slices == number].copy()
        graphs = initialize_banksy(
            part, ("x", "y", "spatial"), num_neighbours=near, max_m=1, **dict.fromkeys(PLOTS, False)
        )
        _, joined = generate_banksy_matrix(part, graphs, [weight], 1, verbose=False)
        parts.append(np.nan_to_num(np.asarray(joined.X)))
    values = np.empty((data.n_obs, parts[0].shape[1]))
    for number, part in zip(np.unique(job.slices), parts, strict=True):
        values[job.slices == number] = part
    axes = min(20, *(side - 1 for side in values.shape))
    return np.asarray(PCA(axes, random_state=job.seed).fit_transform(values))
