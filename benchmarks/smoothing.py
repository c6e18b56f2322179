"""How far to smooth in a tissue, and what to cluster then: ARI with known domains, K given.

    python benchmarks/smoothing.py ../shared/data-multi/spatial_*.h5ad [--seeds 2]

Prints a table of rounds, of rules that choose them without labels, and of what is clustered at the
rounds with the smallest expected error. Slices are in ``obs["batch"]`` where it is there.
docs/development/tissue.md is of this.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import anndata as ad
import numpy as np
import scipy.sparse as sp
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score

import scinno
from scinno._clusters.initial_centers import consensus_of
from scinno._nn.inference import embed, view_codes
from scinno._space.neighbors import check_coordinates, check_slices, spatial_neighbors
from scinno._space.smoothing import SLACK, smoothed, smoothing_table

ROUNDS = (0, 1, 2, 3, 4, 5, 6, 8)
MOST = 12


@dataclass(frozen=True)
class Case:
    """A set, one fit of it, and who is next to whom."""

    name: str
    truth: np.ndarray
    k: int
    counts: sp.csr_matrix
    fit: scinno.Fit
    graph: sp.csr_matrix

    def score(self, labels: np.ndarray) -> float:
        return float(adjusted_rand_score(self.truth, labels))

    def kmeans(self, x: np.ndarray) -> float:
        return self.score(KMeans(self.k, n_init=5, random_state=0).fit_predict(x))

    def values(self) -> np.ndarray:
        """z-scores of the log values that the network reads, float32 (cells, g)."""
        chosen = self.counts[:, self.fit.preprocessing.selected]
        return _scaled(_log(chosen))


def cases(files: list[Path], seeds: int) -> Iterator[Case]:
    for file in files:
        data = ad.read_h5ad(file)
        slices = check_slices(data.obs.get("batch"), data.n_obs)
        graph = spatial_neighbors(check_coordinates(data.obsm["spatial"], data.n_obs), slices)
        truth = data.obs["cell_type"].astype(str).to_numpy()
        k, x = len(np.unique(truth)), sp.csr_matrix(data.X)
        for seed in range(seeds):
            fit = scinno.fit(x, k, genes=list(data.var_names), seed=seed)
            yield Case(f"{file.stem}, seed {seed}", truth, k, x, fit, graph)


def by_rounds(case: Case) -> str:
    found = (case.kmeans(smoothed(case.fit.embedding, case.graph, rounds)) for rounds in ROUNDS)
    return " | ".join(f"{value:.2f}" for value in found)


def by_rule(case: Case) -> dict[str, int]:
    """Rounds that each rule chooses."""
    table = smoothing_table(case.fit.embedding, case.graph, np.random.default_rng(0))
    error = table["error"].to_numpy()
    one, two = table.attrs["near"], table.attrs["far"]
    own = table.attrs["own"]
    # The error by another share of own variance.
    line = 1 - min(1.0, 2 * one - two)
    straight = error + (own - line) - 2 * (own - line) * table["own_weight"].to_numpy()
    return {
        "count splitting": int(np.argmin(split_error(case))),
        "all others": 1 + int(np.argmin(left_out_error(case))),
        "straight line": int(np.argmin(straight)),
        "exponential decay": int(np.argmin(error)),
        f"within {SLACK:.0%} of it": int(table["rounds"][table["chosen"]].iloc[0]),
    }


def split_error(case: Case) -> list[float]:
    """Error at the other half of the molecules, by rounds of smoothing of one half."""
    counts = case.counts[:, case.fit.preprocessing.selected]
    one, other = counts.copy(), counts.copy()
    one.data = np.random.default_rng(0).binomial(counts.data.astype(int), 0.5).astype(np.float32)
    other.data = counts.data - one.data
    known, held = (x - x.mean(axis=0) for x in (_log(one), _log(other)))
    model = PCA(min(20, known.shape[1] - 1), random_state=0).fit(known)
    code = model.transform(known).astype(np.float32)
    smooth = (smoothed(code, case.graph, rounds) for rounds in range(MOST + 1))
    return [float(np.square(x @ model.components_ - held).sum()) for x in smooth]


def left_out_error(case: Case) -> list[float]:
    """Error at a cell of the average of all others, by rounds from 1."""
    x = case.fit.embedding - case.fit.embedding.mean(axis=0)
    step = sp.csr_matrix(sp.eye(len(x)) * 0.5 + case.graph * 0.5)
    weights, found = sp.eye(len(x), format="csr"), []
    for _ in range(MOST):
        weights = sp.csr_matrix(weights @ step)
        itself = weights.diagonal()[:, None]
        found.append(float(np.square((weights @ x - itself * x) / (1 - itself) - x).sum()))
    return found


def by_pool(case: Case, rounds: int) -> dict[str, float]:
    """ARI of what is clustered after so many rounds."""
    fit, p = case.fit, case.fit.network.n_pcs

    def smooth(x: np.ndarray, times: int = 1) -> np.ndarray:
        return smoothed(x.astype(np.float32), case.graph, times * rounds)

    views, code = view_codes(fit.network, fit.latent), smooth(fit.latent)
    e, v, twice = smooth(fit.embedding), smooth(views), smooth(fit.embedding, 2)
    v2, values = smooth(views, 2), smooth(case.values())
    axes = min(20, values.shape[1] - 1)
    components = PCA(axes, random_state=0).fit_transform(values)

    def consensus(*parts: np.ndarray) -> float:
        whole = [np.ascontiguousarray(part, dtype=np.float32) for part in parts]
        rng = np.random.default_rng(0)
        return case.score(consensus_of(whole[0], whole, case.k, rng))

    return {
        "k-means of the embedding": case.kmeans(e),
        "components of smoothed values": case.kmeans(components),
        "consensus of views, embedding, encoder": consensus(e, v, v[:, p:]),
        "… and components of smoothed values": consensus(e, v, v[:, p:], components),
        "consensus at these rounds and twice": consensus(e, v, v[:, p:], twice, v2, v2[:, p:]),
        "consensus at twice": consensus(twice, v2, v2[:, p:]),
        "attention after smoothing": case.kmeans(embed(fit.network, code)),
        "neighbors weighed by likeness": consensus(*_alike(case, fit.embedding, views, rounds, 1)),
    }


def _alike(case: Case, e: np.ndarray, v: np.ndarray, rounds: int, sharpness: float) -> tuple:
    """Embedding and views averaged with neighbors by how alike they are."""
    for _ in range(rounds):
        links = case.graph.tocoo()
        apart = np.square(e[links.row] - e[links.col]).sum(axis=1)
        weight = links.data * np.exp(-sharpness * apart / np.median(apart))
        attention = sp.csr_matrix((weight, (links.row, links.col)), shape=links.shape)
        sums = np.asarray(attention.sum(axis=1)).ravel()
        attention = sp.diags(1 / np.where(sums > 0, sums, 1)) @ attention
        e, v = (0.5 * x + 0.5 * (attention @ x) for x in (e, v))
    return e, v, v[:, case.fit.network.n_pcs :]


def _log(counts: sp.csr_matrix) -> np.ndarray:
    sums = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1)
    dense = (sp.diags(np.median(sums) / sums) @ counts).toarray()
    return np.asarray(np.log1p(dense), dtype=np.float32)


def _scaled(x: np.ndarray) -> np.ndarray:
    return np.asarray((x - x.mean(axis=0)) / (x.std(axis=0) + 1e-6), dtype=np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    for case in cases(given.files, given.seeds):
        rules = by_rule(case)
        print(f"\n## {case.name}\n\nrounds {ROUNDS}: {by_rounds(case)}\n")
        for name, rounds in rules.items():
            print(f"- {name}: {rounds} rounds")
        for name, value in by_pool(case, rules["exponential decay"]).items():
            print(f"- {name}: {value:.2f}", flush=True)


if __name__ == "__main__":
    main()
