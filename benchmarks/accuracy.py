"""ARI and NMI of scinno and of simple methods on labelled sets, K given.

    python benchmarks/accuracy.py run [--sets NAME ...] [--methods NAME ...] [--seeds 3]
    python benchmarks/accuracy.py report

`run` appends one line per fit to benchmarks/accuracy.jsonl and skips what is there already, so it
can be stopped, continued and run side by side. `report` writes docs/accuracy.md from that file.
Data: the folder named by SCINNO_DATA, or ../shared/data beside the repository. Labels are used for
K and for the scores, nowhere else.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from datetime import date
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import scanpy as sc
import scipy.sparse as sp
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.neighbors import KNeighborsTransformer

import scinno

HERE = Path(__file__).resolve().parent
ROWS = HERE / "accuracy.jsonl"
PAGE = HERE.parent / "docs" / "accuracy.md"

SCINNO = {
    "scinno": {},
    "no attention": {"attention": False},
    "no InfoNCE": {"contrastive": False},
    "no joint phase": {"joint_epochs": 0},
    "paper": {"preset": "paper"},
}
METHODS = [*SCINNO, "PCA + k-means", "Leiden at K"]


def data_folder() -> Path:
    folder = Path(os.environ.get("SCINNO_DATA", HERE.parent.parent / "shared" / "data"))
    if not folder.is_dir():
        raise SystemExit(f"no data: {folder} does not exist; set SCINNO_DATA")
    return folder


def principal_components(data: ad.AnnData, seed: int) -> ad.AnnData:
    """Scanpy's usual way: genes in 5 % of cells, log1p of size-factored counts, 2500 HVG, PCA."""
    data = data.copy()
    sc.pp.filter_genes(data, min_cells=max(1, int(np.ceil(0.05 * data.n_obs))))
    if data.uns.get("x_kind") != "log":
        sc.pp.normalize_total(data)
        sc.pp.log1p(data)
    if data.n_vars > 2500:
        sc.pp.highly_variable_genes(data, n_top_genes=2500)
        data = data[:, data.var["highly_variable"]].copy()
    sc.pp.pca(data, n_comps=min(50, data.n_obs - 1, data.n_vars - 1), random_state=seed)
    return data


class Neighbours(KNeighborsTransformer):
    """Exact neighbours as the sparse *matrix* that scanpy 1.11 expects of scikit-learn ≥ 1.8."""

    def fit_transform(self, x: np.ndarray, y: None = None) -> sp.csr_matrix:
        return sp.csr_matrix(super().fit_transform(x))


def leiden_at_k(data: ad.AnnData, k: int, seed: int) -> np.ndarray:
    """Leiden at the resolution, found by halving, whose number of clusters is nearest to K."""
    sc.pp.neighbors(
        data, use_rep="X_pca", random_state=seed, transformer=Neighbours(n_neighbors=15)
    )
    low, high, best, gap = 0.01, 5.0, None, np.inf
    for _ in range(15):
        middle = (low + high) / 2
        sc.tl.leiden(
            data, resolution=middle, flavor="igraph", n_iterations=2, directed=False,
            random_state=seed,
        )  # fmt: skip
        labels = data.obs["leiden"].to_numpy()
        found = len(np.unique(labels))
        if abs(found - k) < gap:
            best, gap = labels, abs(found - k)
        if found == k:
            break
        low, high = (middle, high) if found < k else (low, middle)
    return best


def cluster(method: str, data: ad.AnnData, k: int, seed: int) -> tuple[np.ndarray, dict]:
    if method in SCINNO:
        kind = "log" if data.uns.get("x_kind") == "log" else "counts"
        fit = scinno.fit(
            data.X, k, genes=data.var_names, input=kind, seed=seed, device="cpu", **SCINNO[method]
        )
        return fit.labels, {"clusters_alive": len(np.unique(fit.labels))}
    pcs = principal_components(data, seed)
    if method == "PCA + k-means":
        return KMeans(k, n_init=10, random_state=seed).fit_predict(pcs.obsm["X_pca"]), {}
    return leiden_at_k(pcs, k, seed), {}


def run(sets: list[str], methods: list[str], seeds: int) -> None:
    done = {(r["set"], r["method"], r["seed"]) for r in rows()}
    for seed in range(seeds):
        for name in sets or sorted(p.stem for p in data_folder().glob("*.h5ad")):
            todo = [m for m in methods if (name, m, seed) not in done]
            if not todo:
                continue
            data = ad.read_h5ad(data_folder() / f"{name}.h5ad")
            truth = data.obs["cell_type"].astype(str).to_numpy()
            k = len(np.unique(truth))
            del data.obs  # nothing that fits may see the labels
            for method in todo:
                start = time.perf_counter()
                labels, extra = cluster(method, data, k, seed)
                row = {
                    "set": name, "method": method, "seed": seed, "k": k, "cells": data.n_obs,
                    "ARI": adjusted_rand_score(truth, labels),
                    "NMI": normalized_mutual_info_score(truth, labels),
                    "clusters_alive": len(np.unique(labels)),
                    "seconds": time.perf_counter() - start,
                    "machine": f"{platform.machine()}, {os.cpu_count()} cores",
                    "versions": {"scinno": scinno.__version__, "torch": torch.__version__},
                    "date": date.today().isoformat(),
                } | extra  # fmt: skip
                with ROWS.open("a") as file:
                    file.write(json.dumps(row) + "\n")
                print(f"{name:32} {method:15} seed {seed}  ARI {row['ARI']:.3f}", flush=True)


def rows() -> list[dict]:
    return [json.loads(line) for line in ROWS.read_text().splitlines()] if ROWS.exists() else []


def report() -> None:
    table = pd.DataFrame(rows())
    if table.empty:
        raise SystemExit(f"{ROWS} holds no runs yet: use 'run' first")
    methods = [m for m in METHODS if m in set(table["method"])]
    order = table.groupby("set")["cells"].first().sort_values().index
    seeds = table.groupby(["set", "method"])["seed"].nunique()
    parts = [
        "# Accuracy on sixteen labelled sets\n",
        "Made by `make benchmark-accuracy`; every fit is a line of `benchmarks/accuracy.jsonl`. "
        "K is given to every method; labels are used for nothing else.\n",
        f"Machine: {table['machine'].iloc[0]}, CPU only; torch "
        f"{table['versions'].iloc[0]['torch']}; {table['date'].max()}; seeds per cell: "
        f"{seeds.min()} to {seeds.max()}. Standard deviations are over seeds.\n",
    ]
    for score in ("ARI", "NMI"):
        mean = table.pivot_table(index="set", columns="method", values=score).loc[order, methods]
        sd = table.pivot_table(index="set", columns="method", values=score, aggfunc="std")
        parts.append(f"\n## {score}\n")
        parts.append("| set | cells | K | " + " | ".join(methods) + " |")
        parts.append("|---" * (len(methods) + 3) + "|")
        for name in order:
            first = table[table["set"] == name].iloc[0]
            best = mean.loc[name].max()
            cells = [
                ("**{:.2f}**" if v >= best - 0.005 else "{:.2f}").format(v) for v in mean.loc[name]
            ]
            parts.append(f"| {name} | {first['cells']} | {first['k']} | {' | '.join(cells)} |")
        means = " | ".join(f"**{v:.3f}**" for v in mean.mean())
        spread = " | ".join(f"{sd[m].mean():.3f}" for m in methods)
        parts.append(f"| **mean of sets** | | | {means} |")
        parts.append(f"| mean sd over seeds | | | {spread} |")
    dead = table[table["clusters_alive"] < table["k"]].groupby("method").size()
    parts.append("\n## Collapse\n\nFits in which fewer than K clusters were left:\n")
    parts += [f"- {m}: {dead.get(m, 0)} of {(table['method'] == m).sum()}" for m in methods]
    parts.append(
        "\n## Seconds\n\nMean over sets and seeds, on a shared machine, so only roughly: "
        + ", ".join(f"{m} {table[table['method'] == m]['seconds'].mean():.0f}" for m in methods)
        + ".\n"
    )
    PAGE.write_text("\n".join(parts))
    print(f"wrote {PAGE}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    command = parser.add_subparsers(dest="command", required=True)
    runner = command.add_parser("run")
    runner.add_argument("--sets", nargs="*", default=[])
    runner.add_argument("--methods", nargs="*", choices=METHODS, default=METHODS)
    runner.add_argument("--seeds", type=int, default=3)
    command.add_parser("report")
    given = parser.parse_args()
    if given.command == "run":
        run(given.sets, given.methods, given.seeds)
    else:
        report()


if __name__ == "__main__":
    main()
