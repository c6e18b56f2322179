"""scanpy's usual steps, which several simple methods share."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import scanpy as sc
import scipy.sparse as sp
from _job import Job
from sklearn.neighbors import KNeighborsTransformer


def log_values(job: Job, ranked_within: bool = False) -> ad.AnnData:
    """Genes in 5 % of cells, size-factored log1p, 2500 variable genes, unscaled.

    ``ranked_within``: genes are ranked within batches (scanpy's ``batch_key``).
    """
    data = ad.AnnData(job.matrix.astype(np.float32), var=pd.DataFrame(index=job.genes))
    sc.pp.filter_genes(data, min_cells=max(1, int(np.ceil(0.05 * data.n_obs))))
    if job.kind != "log":
        sc.pp.normalize_total(data)
        sc.pp.log1p(data)
    if data.n_vars > 2500:
        key = "batch" if ranked_within else None
        if key is not None:
            data.obs[key] = pd.Categorical(job.batch)
        sc.pp.highly_variable_genes(data, n_top_genes=2500, batch_key=key)
        data = data[:, data.var["highly_variable"]].copy()
    return data


def principal_components(job: Job, ranked_within: bool = False, center: bool = False) -> np.ndarray:
    """Fifty components of `log_values`.

    ``center``: each gene has its mean in each batch subtracted before.
    """
    data = log_values(job, ranked_within)
    if center:
        values = data.X.toarray()
        for batch in np.unique(job.batch):
            values[job.batch == batch] -= values[job.batch == batch].mean(axis=0)
        data.X = values
    axes = min(50, data.n_obs - 1, data.n_vars - 1)
    sc.pp.pca(data, n_comps=axes, random_state=job.seed)
    return np.asarray(data.obsm["X_pca"])


# scikit-learn has no types, so to mypy the parent is Any.
class Neighbors(KNeighborsTransformer):  # type: ignore[misc]
    """Exact neighbors as the sparse *matrix* that scanpy 1.11 expects of scikit-learn ≥ 1.8."""

    def fit_transform(self, x: np.ndarray, y: None = None) -> sp.csr_matrix:
        return sp.csr_matrix(super().fit_transform(x))


def leiden(
    points: np.ndarray, k: int | None, seed: int, resolution: float = 1.0, near: int = 15
) -> np.ndarray:
    """Leiden clusters of a neighbor graph of these points.

    ``near``: neighbors of a cell. Without K at ``resolution`` (scanpy's default). With K at the
    resolution, found by bisection, whose number of clusters is nearest to K.
    """
    data = ad.AnnData(np.zeros((len(points), 1), dtype=np.float32), obsm={"points": points})
    found = Neighbors(n_neighbors=min(near, len(points) - 1))
    sc.pp.neighbors(data, use_rep="points", random_state=seed, transformer=found)
    return leiden_of_graph(data, k, seed, resolution)


def leiden_of_graph(
    data: ad.AnnData, k: int | None, seed: int, resolution: float = 1.0
) -> np.ndarray:
    """`leiden` of the neighbor graph that ``data`` holds as scanpy's."""

    def clusters_at(resolution: float) -> np.ndarray:
        sc.tl.leiden(
            data, resolution=resolution, flavor="igraph", n_iterations=2, directed=False,
            random_state=seed,
        )  # fmt: skip
        return data.obs["leiden"].to_numpy().astype(int)

    if k is None:
        return clusters_at(resolution)
    low, high, best, gap = 0.01, 5.0, np.zeros(data.n_obs, dtype=int), np.inf
    for _ in range(15):
        middle = (low + high) / 2
        labels = clusters_at(middle)
        found = len(np.unique(labels))
        if abs(found - k) < gap:
            best, gap = labels, abs(found - k)
        if found == k:
            break
        low, high = (middle, high) if found < k else (low, middle)
    return best
