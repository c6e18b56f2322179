"""How much of the score comes from having chosen the initial partition on the scored sets?

The initial partition is the one in a pool that agrees most with the others
(docs/development/initial-centers.md). Which views and clusterings are in the pool was chosen on the
labeled sets that also score it. Here every such pool is measured, and chosen again without the sets
that then score it: without one set at a time, and on one half of the sets for the other half.

    python benchmarks/choose_start.py ../shared/data --seeds 2 --out scinno-start

Fits are stored in ``--out``; the same command resumes from there.
"""

from __future__ import annotations

import argparse
import itertools
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import anndata as ad
import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

import scinno
from scinno._clusters.initial_centers import partitions
from scinno._nn.inference import view_codes

WAYS = ("merged 0.35", "merged 0.6", "merged 1", "k-means")  # in the order of `partitions`
VIEWS = ("both", "attended", "deep", "linear")
SHIPPED = (("both", "attended", "deep"), WAYS)


def start_table(path: Path, seed: int) -> pd.DataFrame:
    """Partitions of a set: for each, its ARI with the truth and with every other."""
    data = ad.read_h5ad(path)
    truth = data.obs["cell_type"].astype(str).to_numpy()
    k = len(np.unique(truth))
    kind = "log" if data.uns.get("x_kind") == "log" else "counts"
    fit = scinno.fit(
        data.X, k, genes=data.var_names, input=kind, seed=seed, device="cpu", joint_epochs=0
    )
    both = view_codes(fit.network, fit.latent)
    p = fit.network.n_pcs
    views = {"both": both, "attended": fit.embedding, "deep": both[:, p:], "linear": both[:, :p]}
    rng = np.random.default_rng(seed)
    found = {}
    for name, view in views.items():
        for way, labels in zip(WAYS, partitions(np.ascontiguousarray(view), k, rng), strict=True):
            found[f"{name}|{way}"] = labels
    table = pd.DataFrame(
        {a: {b: adjusted_rand_score(found[a], found[b]) for b in found} for a in found}
    )
    table["truth"] = {name: adjusted_rand_score(truth, labels) for name, labels in found.items()}
    return table


def picked(table: pd.DataFrame, pool: list[str]) -> float:
    """ARI with the truth of the partition that most of the pool agree with."""
    agreement = table.loc[pool, pool].sum(axis=1)
    return float(table.loc[agreement.idxmax(), "truth"])


def pools() -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    def some(of: tuple[str, ...]) -> list[tuple[str, ...]]:
        return [c for n in range(1, len(of) + 1) for c in itertools.combinations(of, n)]

    return list(itertools.product(some(VIEWS), some(WAYS)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of labeled .h5ad files")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("scinno-start"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    scores: dict[str, list[np.ndarray]] = {}
    for path in sorted(options.data.glob("*.h5ad")):
        for seed in range(options.seeds):
            kept = options.out / f"{path.stem}-{seed}.csv"
            if not kept.exists():
                start_table(path, seed).to_csv(kept)
                print(f"{path.stem}, seed {seed}", flush=True)
            table = pd.read_csv(kept, index_col=0)
            row = [
                picked(table, [f"{v}|{w}" for v in views for w in ways]) for views, ways in pools()
            ]
            scores.setdefault(path.stem, []).append(np.array(row))
    ari = np.array([np.mean(rows, axis=0) for rows in scores.values()])  # (sets, pools)
    n = len(ari)
    shipped = pools().index(SHIPPED)
    alone = [ari[i, np.delete(ari, i, axis=0).mean(axis=0).argmax()] for i in range(n)]
    rng = np.random.default_rng(0)
    halves = []
    for _ in range(500):
        order = rng.permutation(n)
        one, other = order[: n // 2], order[n // 2 :]
        halves.append(ari[other, ari[one].mean(axis=0).argmax()].mean())
    best = ari.mean(axis=0).argmax()
    words = " and ".join(", ".join(part) for part in pools()[best])
    print(f"| start | mean ARI, {n} sets, {options.seeds} seed(s) |\n|---|---|")
    print(f"| the released pool | {ari[:, shipped].mean():.3f} |")
    print(
        f"| the best of {ari.shape[1]} pools in hindsight ({words}) | {ari[:, best].mean():.3f} |"
    )
    print(f"| the mean pool | {ari.mean():.3f} |")
    print(f"| chosen without the set that scores | {np.mean(alone):.3f} |")
    print(f"| chosen on half of the sets, scored on the other | {np.mean(halves):.3f} |")


if __name__ == "__main__":
    main()
