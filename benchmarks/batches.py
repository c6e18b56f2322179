"""Cells of several batches: scinno with and without their names, and peers, in one process.

    python benchmarks/batches.py results.json [CASE ...] [--seeds 0,1] [--methods scinno] [--short]

What docs/development/batches.md shows was measured with it; ``scinno bench --task batches`` has
more methods and scores. Known types are only compared with what was found. Each score is written as
soon as it exists; what is there already is not run again. Harmony needs ``pip install harmonypy``.
With ``--short`` scinno trains 5 + 2 epochs in place of 20 + 5.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import anndata as ad
import numpy as np
import scanpy as sc
import scipy.sparse as sp
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score

import scinno

SHARED = Path(os.environ.get("SCINNO_SHARED", "../shared"))
FILES = {
    "mixology": "data-multi/batch_mixology3_2protocols",
    "kang": "data/kang_pbmc_1267g",
    "symphony": "data/pbmc_symphony_log1767",
    "xin-wang": "data-multi/batch_pancreas_xin_wang_log",
    "hsc": "data-multi/batch_hsc_young_old",
    "plates": "data/mixology_celseq2_5cl",
    "beta-ductal": "data-more/pancreas_beta_ductal_3studies",
    "panc3": "data-more/panc_3protocols_2000g",
    "packer": "data-more/packer_worm_embryo",
    "baron": "data-more/baron_human1",
}
# A case is a set, or a set with one type removed from one batch.
WITHOUT = {
    "mixology-lacking": ("mixology", "H2228", "Drop-seq"),
    "kang-lacking": ("kang", "B cells", "stim"),
    "symphony-lacking": ("symphony", "B", "5p"),
    "panc3-lacking": ("panc3", "alpha", "celseq"),
    "beta-ductal-lacking": ("beta-ductal", "ductal", "Lawlor_C1"),
}
N_GENES, N_PCS = 1000, 50
SHORT = {"pretrain_epochs": 5, "joint_epochs": 2}
# Settings of scinno beside its defaults.
TRAINING: dict[str, int] = {}
Cells = tuple[ad.AnnData, np.ndarray, np.ndarray, str]


def read(case: str) -> Cells:
    """Cells, batches, types and the kind of values of a case."""
    name, missing, where = WITHOUT.get(case, (case, None, None))
    data = ad.read_h5ad(SHARED / f"{FILES[name]}.h5ad")
    batch = data.obs["batch"].astype(str).to_numpy()
    types = data.obs["cell_type"].astype(str).to_numpy()
    keep = ~((types == missing) & (batch == where))
    values = data.X.data if sp.issparse(data.X) else data.X
    whole = bool((values == np.floor(values)).all())
    is_log = str(data.uns["x_kind"]).startswith("log")
    kind = "log" if is_log else "counts" if whole else "normalized"
    return data[keep].copy(), batch[keep], types[keep], kind


def logs(data: ad.AnnData, batch: np.ndarray, kind: str, within: bool) -> np.ndarray:
    """Log values of the variable genes by scanpy, ranked within batches or not."""
    data = ad.AnnData(data.X.astype(np.float32), obs={"batch": batch})
    if kind != "log":
        sc.pp.normalize_total(data)
        sc.pp.log1p(data)
    sc.pp.filter_genes(data, min_cells=3)
    if data.n_vars > N_GENES:
        key = "batch" if within else None
        sc.pp.highly_variable_genes(data, n_top_genes=N_GENES, batch_key=key, subset=True)
    return data.X.toarray() if sp.issparse(data.X) else np.asarray(data.X)


def components(values: np.ndarray) -> np.ndarray:
    n = min(N_PCS, *(length - 1 for length in values.shape))
    return PCA(n, random_state=0).fit_transform(values)


def kmeans(places: np.ndarray, k: int, seed: int) -> np.ndarray:
    return KMeans(k, n_init=10, random_state=seed).fit_predict(places)


def run_scinno(cells: Cells, k: int, seed: int) -> np.ndarray:
    data, _, _, kind = cells
    return scinno.fit(data.X, k, genes=data.var_names, input=kind, seed=seed, **TRAINING).labels


def run_scinno_batch(cells: Cells, k: int, seed: int) -> np.ndarray:
    data, batch, _, kind = cells
    found = scinno.fit(
        data.X, k, genes=data.var_names, input=kind, seed=seed, batch=batch, **TRAINING
    )
    return found.labels


def run_pca(cells: Cells, k: int, seed: int) -> np.ndarray:
    data, batch, _, kind = cells
    return kmeans(components(logs(data, batch, kind, within=False)), k, seed)


def run_pca_centered(cells: Cells, k: int, seed: int) -> np.ndarray:
    data, batch, _, kind = cells
    values = logs(data, batch, kind, within=True)
    for name in np.unique(batch):
        values[batch == name] -= values[batch == name].mean(axis=0)
    return kmeans(components(values), k, seed)


def run_harmony(cells: Cells, k: int, seed: int) -> np.ndarray:
    import harmonypy
    import pandas as pd

    data, batch, _, kind = cells
    places = components(logs(data, batch, kind, within=True))
    moved = harmonypy.run_harmony(
        places, pd.DataFrame({"batch": batch}), "batch", random_state=seed
    ).Z_corr
    moved = np.asarray(moved)
    return kmeans(moved if len(moved) == len(places) else moved.T, k, seed)


METHODS: dict[str, Callable[[Cells, int, int], np.ndarray]] = {
    "scinno": run_scinno,
    "scinno with batch": run_scinno_batch,
    "PCA + k-means": run_pca,
    "PCA centered per batch + k-means": run_pca_centered,
    "Harmony + k-means": run_harmony,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("cases", nargs="*", default=[*FILES, *WITHOUT])
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--short", action="store_true")
    asked = parser.parse_args()
    if asked.short:
        TRAINING.update(SHORT)
    found = json.loads(asked.out.read_text()) if asked.out.exists() else []
    done = {(row["case"], row["method"], row["seed"]) for row in found}
    for seed in map(int, asked.seeds.split(",")):
        for case in asked.cases or [*FILES, *WITHOUT]:
            cells = read(case)
            _, batch, types, _ = cells
            for method in asked.methods.split(","):
                if (case, method, seed) in done:
                    continue
                row = {"case": case, "method": method, "seed": seed, "short": asked.short}
                start = time.process_time()
                try:
                    labels = METHODS[method](cells, len(np.unique(types)), seed)
                    row["ari"] = round(adjusted_rand_score(types, labels), 4)
                    row["ari_batch"] = round(adjusted_rand_score(batch, labels), 4)
                except (ValueError, ImportError) as error:
                    row["error"] = str(error)
                row["cpu_seconds"] = round(time.process_time() - start, 1)
                row["version"] = scinno.__version__
                found.append(row)
                print(row, flush=True)
                asked.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
