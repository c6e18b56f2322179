"""How good is the rule for the number of clusters on sets that it was not chosen on?

K is the median number of communities of shared-neighbor graphs
(docs/development/number-of-clusters.md). Here rules of that family are measured on labeled sets:
which views are divided, how many neighbors a cell has, at which resolutions, and how the resolution
follows the number of cells. The rule is then chosen again without the sets that score it: without
one set at a time, and on one half of the sets for the other half.

    python benchmarks/choose_k_rule.py ../shared/data ../shared/data-more --seeds 2 --out scinno-k

The score is the ARI of the initial partition at the number that a rule gives, before the joint
phase. Each finished set is stored in ``--out``; the same command resumes from there.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import anndata as ad
import numpy as np
from sklearn.metrics import adjusted_rand_score

import scinno
from scinno._clusters import communities
from scinno._clusters.initial_centers import consensus_partition, partitions
from scinno._nn.inference import view_codes
from scinno._runtime.atomic import write_file

VIEWS = ("linear", "both", "deep")
NEIGHBORS = (10, 15, 20, 30)
EXPONENTS = (0.0, 0.25, 0.5, 0.75)
RESOLUTIONS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
# Of a rule: views, neighbors, exponent of the number of cells, resolutions.
FAMILY = list(
    itertools.product(
        (("both",), ("linear", "both"), ("both", "deep"), ("linear", "both", "deep")),
        NEIGHBORS,
        EXPONENTS,
        ((0.2, 0.3, 0.4), (0.4, 0.5, 0.6), (0.6, 0.7, 0.8), (0.3, 0.4, 0.5, 0.6, 0.7, 0.8), (1.0,)),
    )
)
SHIPPED = (("linear", "both"), 15, 0.5, (0.3, 0.4, 0.5, 0.6, 0.7, 0.8))


def measure(path: Path, seed: int) -> dict:
    """Numbers of communities by view, neighbors, exponent and resolution; the ARI at each K."""
    data = ad.read_h5ad(path)
    truth = data.obs["cell_type"].astype(str).to_numpy()
    kind = "log" if data.uns.get("x_kind") == "log" else "counts"
    if kind == "counts" and not (data.X.data == np.round(data.X.data)).all():
        kind = "normalized"
    order = np.random.default_rng(0).permutation(len(truth))
    truth = truth[order]
    fit = scinno.fit(
        data.X[order], 2, genes=data.var_names, input=kind, seed=seed, device="cpu", joint_epochs=0
    )
    both, p = view_codes(fit.network, fit.latent), fit.network.n_pcs
    views = {"linear": fit.latent[:, :p], "both": both, "deep": both[:, p:]}
    counts = {}
    for view, neighbors in itertools.product(VIEWS, NEIGHBORS):
        communities.NEIGHBORS = neighbors
        for exponent in EXPONENTS:
            # The module's exponent is 0.5: what is left of this one goes into the resolutions.
            factor = (len(truth) / communities.REFERENCE_CELLS) ** (0.5 - exponent)
            communities.RESOLUTIONS = tuple(r * factor for r in RESOLUTIONS)
            found = communities.community_counts(views[view], np.random.default_rng(seed))
            counts[f"{view} {neighbors} {exponent}"] = found
    k = len(np.unique(truth))
    numbers = np.clip(np.concatenate(list(counts.values())), 2, min(40, len(truth) // 10))
    low, high = np.quantile(numbers, [0.02, 0.98])
    clustered = [both, fit.embedding, np.ascontiguousarray(both[:, p:])]
    ari = {}
    for n in sorted({*range(int(low), int(high) + 1), k}):
        rng = np.random.default_rng(seed)
        pool = [labels for view in clustered for labels in partitions(view, n, rng)]
        ari[n] = adjusted_rand_score(truth, consensus_partition(pool)) if pool else 0.0
    return {"cells": len(truth), "k": k, "counts": counts, "ari": ari}


def outcome(found: dict, rule: tuple) -> tuple[float, float]:
    """ARI at the K of a rule, and abs(K − types) / types."""
    views, neighbors, exponent, resolutions = rule
    return at_median(
        found,
        [
            found["counts"][f"{view} {neighbors} {exponent}"][RESOLUTIONS.index(r)]
            for view in views
            for r in resolutions
        ],
    )


def at_median(found: dict, votes: list[int]) -> tuple[float, float]:
    """ARI at the median of these numbers of communities, and abs(K − types) / types."""
    k = round(float(np.median(np.maximum(votes, 2))))
    measured = np.array([int(n) for n in found["ari"]])
    nearest = measured[np.abs(measured - k).argmin()]
    return found["ari"][str(nearest)], abs(nearest - found["k"]) / found["k"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="+", help="folders of labeled .h5ad files")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("scinno-k"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    files = sorted(path for folder in options.data for path in folder.glob("*.h5ad"))
    runs = [(path, seed) for path in files for seed in range(options.seeds)]
    kept = {run: options.out / f"{run[0].stem}-{run[1]}.json" for run in runs}
    todo = [run for run in runs if not kept[run].exists()]
    with ProcessPoolExecutor(options.processes) as pool:
        found_all = pool.map(measure, [run[0] for run in todo], [run[1] for run in todo])
        for run, found in zip(todo, found_all, strict=True):
            write_file(kept[run], json.dumps(found).encode())
            print(f"{run[0].stem}, seed {run[1]}", flush=True)
    scores, together = [], []
    for path in files:
        seeds = [json.loads(kept[path, seed].read_text()) for seed in range(options.seeds)]
        rows = [[(*outcome(s, r), s["ari"][str(s["k"])]) for r in FAMILY] for s in seeds]
        scores.append(np.mean(rows, axis=0))
        every = [at_median(s, [k for some in s["counts"].values() for k in some]) for s in seeds]
        together.append(np.mean(every, axis=0))
    ari, error, given = np.moveaxis(np.array(scores), 2, 0)  # each (sets, rules)
    n, shipped = len(ari), FAMILY.index(SHIPPED)
    alone = [ari[i, np.delete(ari, i, axis=0).mean(axis=0).argmax()] for i in range(n)]
    rng, halves = np.random.default_rng(0), []
    for _ in range(500):
        shuffled = rng.permutation(n)
        one, other = shuffled[: n // 2], shuffled[n // 2 :]
        halves.append(ari[other, ari[one].mean(axis=0).argmax()].mean())
    best = ari.mean(axis=0).argmax()
    print(f"| rule | mean ARI, {n} sets, {options.seeds} seed(s) | median abs(K - types)/types |")
    print("|---|---|---|")
    for name, rule in (("the released rule", shipped), (f"best of {ari.shape[1]}", best)):
        words = str(FAMILY[rule]).replace("|", "")
        print(f"| {name}: {words} | {ari[:, rule].mean():.3f} | {np.median(error[:, rule]):.2f} |")
    vote, vote_error = np.mean(together, axis=0)[0], np.median(together, axis=0)[1]
    print(f"| one vote of all graphs, nothing chosen | {vote:.3f} | {vote_error:.2f} |")
    print(f"| the mean rule | {ari.mean():.3f} | {np.median(error):.2f} |")
    print(f"| chosen without the set that scores | {np.mean(alone):.3f} | |")
    print(f"| chosen on half of the sets, scored on the other | {np.mean(halves):.3f} | |")
    print(f"| the number of types given | {given[:, 0].mean():.3f} | 0 |")
    for part, names in (("views", 0), ("neighbors", 1), ("exponent", 2), ("resolutions", 3)):
        for value in dict.fromkeys(rule[names] for rule in FAMILY):
            some = [i for i, rule in enumerate(FAMILY) if rule[names] == value]
            words = f"{part} {value}, mean of {len(some)} rules"
            print(f"| {words} | {ari[:, some].mean():.3f} | {np.median(error[:, some]):.2f} |")


if __name__ == "__main__":
    main()
