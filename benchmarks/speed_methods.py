"""One method on one file, for speed.py: what a user would run, from the file to labels.

With --again it runs twice, and the seconds of the second time are given, when all that is needed
has been imported and compiled, as in a notebook.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def scinno(path: str) -> dict:
    import anndata as ad

    import scinno

    data = ad.read_h5ad(path)
    fit = scinno.fit(data.X, data.obs["cell_type"].nunique(), genes=data.var_names)
    return {"training": training_of(fit)}


def training_of(fit, skip: int = 0) -> dict:
    """Pretraining without its first epochs: sizes, and cells per second."""
    history, settings, dn = fit.history, fit.settings, fit.network.dn
    batch = min(settings.batch_size, len(fit.labels))
    alone = history[history["phase"] == "pretrain"].iloc[skip:]
    return {
        "cells/s": settings.steps_per_epoch * batch * len(alone) / alone["seconds"].sum(),
        "cells": len(fit.labels),
        "batch": batch,
        "selected": len(fit.preprocessing.selected),
        # Both paths go through the first, the noisy one alone through the second.
        "both": sum(w.numel() for m in (dn.encoder, dn.projection) for w in weights(m)),
        "noisy": sum(w.numel() for m in (dn.decoder, dn.mask_predictor) for w in weights(m)),
        "parameters": sum(w.numel() for w in dn.parameters()),
    }


def weights(module) -> list:
    return [w for w in module.parameters() if w.ndim == 2]


def scanpy(path: str, exact: bool | None = None) -> dict:
    import anndata as ad
    import scanpy as sc

    data = ad.read_h5ad(path)
    sc.pp.normalize_total(data)
    sc.pp.log1p(data)
    sc.pp.highly_variable_genes(data, n_top_genes=min(2000, data.n_vars - 1))
    sc.pp.pca(data, mask_var="highly_variable")
    leiden(data, exact=exact)
    return {}


def scanpy_exact(path: str) -> dict:
    return scanpy(path, exact=True)


def leiden(data, exact: bool | None = None, **where) -> None:
    """scanpy's neighbors, by default as exact as it would choose, and Leiden clusters."""
    import scanpy as sc
    import scipy.sparse as sp
    from pynndescent import PyNNDescentTransformer
    from sklearn.neighbors import KNeighborsTransformer

    if exact is None:
        exact = data.n_obs < 8192

    class AsMatrix(KNeighborsTransformer if exact else PyNNDescentTransformer):
        """Its own choice; but scanpy 1.11 expects a sparse matrix where these give an array."""

        def fit_transform(self, x, y=None, copy_data=True):
            return sp.csr_matrix(super().fit_transform(x))

    sc.pp.neighbors(data, transformer=AsMatrix(n_neighbors=15), **where)
    sc.tl.leiden(data, flavor="igraph", n_iterations=2, directed=False)


def scvi(path: str) -> dict:
    import anndata as ad
    import scanpy as sc
    import scvi

    data = ad.read_h5ad(path)
    logs = sc.pp.log1p(sc.pp.normalize_total(data, copy=True), copy=True)
    sc.pp.highly_variable_genes(logs, n_top_genes=min(2000, data.n_vars - 1))
    data = data[:, logs.var["highly_variable"]].copy()
    scvi.settings.seed = 0
    scvi.model.SCVI.setup_anndata(data)
    model = scvi.model.SCVI(data)
    model.train(max_epochs=100, accelerator="cpu", enable_progress_bar=False)
    data.obsm["X_scVI"] = model.get_latent_representation()
    leiden(data, use_rep="X_scVI")
    return {}


def peak() -> int:
    """Most bytes of memory so far (Linux); resource's number may be that of the parent."""
    words = Path("/proc/self/status").read_text().split()
    return int(words[words.index("VmHWM:") + 1]) * 1024


if __name__ == "__main__":
    methods = {f.__name__: f for f in (scinno, scanpy, scanpy_exact, scvi)}
    method, path = methods[sys.argv[1]], sys.argv[2]
    found = method(path)
    if "--again" in sys.argv:
        start = time.perf_counter()
        method(path)
        found["again"] = time.perf_counter() - start
    print(json.dumps(found | {"peak": peak()}))
