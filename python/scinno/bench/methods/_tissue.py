"""What several peers for domains have in common: variable genes, slices side by side, a mixture.

Imports nothing of scinno, as `_job`.
"""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import scanpy as sc
from _job import Job
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors


def tissue(job: Job, genes: int) -> ad.AnnData:
    """Log counts per 10,000 of the most variable genes, with places in ``obsm["spatial"]``.

    Genes in fewer than three cells are left out. Genes are ranked by counts (flavor seurat_v3)
    where scikit-misc is installed, else by log values; sets of log values always by these.
    """
    data = ad.AnnData(
        job.matrix.astype(np.float32), var=pd.DataFrame(index=job.genes),
        obsm={"spatial": side_by_side(job)},
    )  # fmt: skip
    data.obs_names = [f"cell{i}" for i in range(data.n_obs)]
    data.var_names_make_unique()
    sc.pp.filter_genes(data, min_cells=min(3, data.n_obs))
    counts = data.copy()
    if job.kind != "log":
        sc.pp.normalize_total(data, target_sum=1e4)
        sc.pp.log1p(data)
    if data.n_vars > genes:
        try:
            if job.kind == "log":
                raise ImportError
            sc.pp.highly_variable_genes(counts, n_top_genes=genes, flavor="seurat_v3")
            chosen = counts.var["highly_variable"]
        except ImportError:
            sc.pp.highly_variable_genes(data, n_top_genes=genes)
            chosen = data.var["highly_variable"]
        data = data[:, chosen.to_numpy()].copy()
    data.var["highly_variable"] = True
    return data


def side_by_side(job: Job) -> np.ndarray:
    """Places with the slices so far apart that no cell has neighbors in another one."""
    places = np.array(job.coordinates, dtype=np.float64)
    for number in np.unique(job.slices):
        places[job.slices == number] -= places[job.slices == number].min(axis=0)
    places[:, 0] += job.slices * 3 * max(places.max(), 1e-9)
    return places


def on_grid(places: np.ndarray) -> bool:
    """Whether these are spots on a grid: the nearest one is equally far nearly everywhere."""
    nearest = NearestNeighbors(n_neighbors=1).fit(places).kneighbors()[0].ravel()
    spacing = np.median(nearest)
    return bool(np.median(np.abs(nearest - spacing)) < 0.1 * spacing)


def mixture(points: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Clusters of one shape and size: what mclust's model EEE is in scikit-learn.

    mclust, which the authors of these peers use, is R's.
    """
    model = GaussianMixture(k, covariance_type="tied", n_init=10, random_state=seed)
    return np.asarray(model.fit_predict(np.asarray(points, dtype=np.float64)))
