"""Which score without labels ranks clusterings as known labels do?

Sixteen pipelines of principal components (300 or 1000 genes, scaled or not, 5 or 20 components,
k-means or Ward, K given) cluster two halves of the molecules of each labeled set. For each score
that `scinno.tune` could maximize: its rank correlation with the ARI over the pipelines, and the ARI
of the pipeline with the highest score, less the mean of all.

    python benchmarks/tune_score.py ../shared/data ../shared/data-more --out scinno-tune-score

At most 500 cells of each set are looked at. Each finished set is stored in ``--out``; the same
command goes on from there.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import anndata as ad
import numpy as np
import scipy.sparse as sp
from scipy.stats import spearmanr
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.extmath import randomized_svd

import scinno
from scinno._data.source import as_source
from scinno._preprocess.prepare import prepare
from scinno._run import RunContext
from scinno._runtime.atomic import write_file
from scinno._runtime.scratch import ScratchSpace
from scinno._tune.score import explained_share

CELLS, MOLECULES = 500, 20


def measure(path: Path) -> list[dict[str, float]]:
    """ARI and scores of each pipeline, means of both halves; none without raw counts."""
    data = ad.read_h5ad(path)
    counts = sp.csr_matrix(data.X)
    if data.uns.get("x_kind") == "log" or not (counts.data == np.rint(counts.data)).all():
        return []
    truth = data.obs["cell_type"].astype(str).to_numpy()
    rows = np.sort(np.random.default_rng(0).permutation(len(truth))[:CELLS])
    rows = rows[np.asarray(counts[rows].sum(axis=1)).ravel() >= MOLECULES]
    counts, truth = counts[rows], truth[rows]
    k = len(set(truth))
    first = np.random.default_rng(1).binomial(counts.data.astype(np.int64), 0.5).astype(np.float32)
    halves = [
        sp.csr_matrix((part, counts.indices, counts.indptr), shape=counts.shape)
        for part in (first, counts.data - first)
    ]
    found, genes = [], np.zeros(0, dtype=int)
    for n_genes, scale in itertools.product((300, 1000), (False, True)):
        settings = scinno.Settings(n_genes=n_genes, scale=scale)
        codes, selected = zip(*(components(half, settings) for half in halves), strict=True)
        if n_genes == 1000 and not scale:
            genes = selected[0]
        for n, way in itertools.product((5, 20), ("k-means", "Ward")):
            found.append([clusters(code[:, :n], k, way) for code in codes])
    values = [centered_logs(half, genes) for half in halves]
    return [scores(halves, values, labels, truth) for labels in found]


def components(half: sp.csr_matrix, settings: scinno.Settings) -> tuple[np.ndarray, np.ndarray]:
    """Twenty principal components as a fit sees the cells, and the genes that it selects."""
    half = half.copy()
    half.eliminate_zeros()
    inputs = prepare(as_source(half, None, "counts", ScratchSpace()), settings, RunContext())
    u, s, _ = randomized_svd(inputs.dense(slice(None)), 20, random_state=0)
    return u * s, inputs.preprocessing.selected


def clusters(code: np.ndarray, k: int, way: str) -> np.ndarray:
    model = AgglomerativeClustering(k) if way == "Ward" else KMeans(k, n_init=2, random_state=0)
    return model.fit_predict(code)


def centered_logs(half: sp.csr_matrix, genes: np.ndarray) -> np.ndarray:
    library = np.asarray(half.sum(axis=1)).ravel()
    factors = np.median(library[library > 0]) / np.maximum(library, 1e-9)
    values = np.log1p(sp.diags(factors) @ half)[:, genes].toarray()
    return values - values.mean(axis=0)


def scores(
    halves: list[sp.csr_matrix],
    values: list[np.ndarray],
    labels: list[np.ndarray],
    truth: np.ndarray,
) -> dict[str, float]:
    pairs = ((0, 1), (1, 0))
    explained = np.mean([explained_share(values[b], labels[a]) for a, b in pairs])
    spread = [np.maximum(part.std(axis=0), 1e-6) for part in values]
    per_gene = np.mean([explained_share(values[b] / spread[b], labels[a]) for a, b in pairs])
    likelihood = np.mean([log_likelihood(halves[a], halves[b], labels[a]) for a, b in pairs])
    stability = adjusted_rand_score(*labels)
    return {
        "ari": float(np.mean([adjusted_rand_score(truth, one) for one in labels])),
        "explained share": float(explained),
        "explained share, genes of equal variance": float(per_gene),
        "log-likelihood": float(likelihood),
        "stability": float(stability),
        "explained share x stability": float(explained * stability),
        "log-likelihood x stability": float(likelihood * stability),
    }


def log_likelihood(seen: sp.csr_matrix, held_out: sp.csr_matrix, labels: np.ndarray) -> float:
    """Gain of a held-out molecule by the profile of the other cells of the cluster, in nats."""
    n, n_genes = seen.shape
    own = sp.csr_matrix((np.ones(n), (labels, np.arange(n))), shape=(labels.max() + 1, n))
    by_cluster = (own @ seen).toarray()
    total, of_cluster = by_cluster.sum(axis=0), by_cluster.sum(axis=1)
    rows, genes = np.repeat(np.arange(n), np.diff(seen.indptr)), seen.indices
    library = np.asarray(seen.sum(axis=1)).ravel()
    others = total.sum() - library[rows] + 0.01 * n_genes
    of_all = (total[genes] - seen.data + 0.01) / others
    weight = library.mean()
    mine = by_cluster[labels[rows], genes] - seen.data + weight * of_all
    mine /= of_cluster[labels[rows]] - library[rows] + weight
    gain = np.bincount(rows, held_out.data * np.log(np.maximum(mine, 1e-12) / of_all), minlength=n)
    return float(np.mean(gain / np.maximum(np.asarray(held_out.sum(axis=1)).ravel(), 1)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="+", help="folders of labeled .h5ad files")
    parser.add_argument("--out", type=Path, default=Path("scinno-tune-score"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    by_score: dict[str, list[tuple[float, float]]] = {}
    room = []
    for path in sorted(path for folder in options.data for path in folder.glob("*.h5ad")):
        kept = options.out / f"{path.stem}.json"
        if not kept.exists():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # few distinct cells for k-means, and the like
                write_file(kept, json.dumps(measure(path)).encode())
            print(path.stem, flush=True)
        found = json.loads(kept.read_text())
        if not found:
            continue
        ari = np.array([one["ari"] for one in found])
        room.append(ari.max() - ari.mean())
        for name in found[0]:
            values = np.array([one[name] for one in found])
            if name != "ari":
                rank = spearmanr(values, ari).statistic
                by_score.setdefault(name, []).append((rank, ari[values.argmax()] - ari.mean()))
    print(f"| score, {len(room)} sets | rank correlation with the ARI | gain in ARI of the best |")
    print("|---|---|---|")
    for name, rows in by_score.items():
        rank, gain = np.nanmean(rows, axis=0)
        print(f"| {name} | {rank:.2f} | {gain:+.3f} |")
    print(f"| the ARI itself | 1 | {np.mean(room):+.3f} |")


if __name__ == "__main__":
    main()
