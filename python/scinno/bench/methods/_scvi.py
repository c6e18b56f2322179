"""scVI's latent code, for the methods that cluster it."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import scanpy as sc
import scvi
from _job import Job


def latent_code(job: Job) -> np.ndarray:
    """Counts of 2500 variable genes, default network and number of epochs.

    With batches genes are ranked within them, and the network is told the batch (``batch_key``).
    """
    data = ad.AnnData(job.matrix.astype(np.float32), var=pd.DataFrame(index=job.genes))
    batch = None
    if job.batch is not None:
        batch = "batch"
        data.obs[batch] = pd.Categorical(job.batch).rename_categories(str)
    sc.pp.filter_genes(data, min_cells=min(3, data.n_obs))
    if data.n_vars > 2500:
        try:
            sc.pp.highly_variable_genes(data, n_top_genes=2500, flavor="seurat_v3", batch_key=batch)
        except ImportError:
            logs = sc.pp.log1p(sc.pp.normalize_total(data, copy=True), copy=True)
            sc.pp.highly_variable_genes(logs, n_top_genes=2500, batch_key=batch)
            data.var["highly_variable"] = logs.var["highly_variable"]
        data = data[:, data.var["highly_variable"]].copy()
    scvi.settings.seed = job.seed
    scvi.model.SCVI.setup_anndata(data, batch_key=batch)
    model = scvi.model.SCVI(data)
    model.train(accelerator="cpu", enable_progress_bar=False)
    return np.asarray(model.get_latent_representation())
