"""Are tuned settings better than the default ones? Known labels score, and reach no search.

    python benchmarks/tune.py ../shared/data ../shared/data-more --trials 6 --out scinno-tune

Each set is searched with the number of its types given (`scinno.tune`), and then clustered with the
default settings, with the settings that the search recommends, and with those of its best trial,
whether or not these were confirmed. A search ends after ``--trials`` trials or ``--budget``
seconds, whichever comes first. Its study and the scores of each set are stored in ``--out``; the
same command goes on from there.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import anndata as ad
import numpy as np
from sklearn.metrics import adjusted_rand_score

import scinno
from scinno._runtime.atomic import write_file


def measure(path: Path, options: argparse.Namespace) -> dict[str, Any]:
    """ARI of each kind of settings, and what the search did."""
    data = ad.read_h5ad(path)
    truth = data.obs["cell_type"].astype(str).to_numpy()
    k = len(np.unique(truth))
    if data.uns.get("x_kind") == "log" or not (data.X.data == np.rint(data.X.data)).all():
        return {"cells": len(truth), "k": k, "refused": "no raw counts"}
    found = scinno.tune(
        data, k, budget=options.budget, n_trials=options.trials, device="cpu",
        study=options.out / f"{path.stem}.db",
    )  # fmt: skip
    ari: dict[str, list[float]] = {}
    by_settings: dict[scinno.Settings, list[float]] = {}
    for name in ("start", "settings", "best"):
        settings = getattr(found, name)
        if settings not in by_settings:
            by_settings[settings] = [
                adjusted_rand_score(truth, fit(data, k, settings, seed).labels)
                for seed in range(options.seeds)
            ]
        ari[name] = by_settings[settings]
    return {
        "cells": len(truth), "k": k, "ari": ari, "changes": found.changes(),
        "best": found.changes("best"), "gains": found.gains.tolist(), "reason": found.reason,
        "trials": json.loads(found.table.to_json(orient="records")), "seconds": found.seconds,
    }  # fmt: skip


def fit(data: ad.AnnData, k: int, settings: scinno.Settings, seed: int) -> scinno.Fit:
    return scinno.fit(data.X, k, genes=data.var_names, settings=settings, seed=seed, device="cpu")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="+", help="folders of labeled .h5ad files")
    parser.add_argument("--trials", type=int, default=6)
    parser.add_argument("--budget", type=float, default=3600.0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("scinno-tune"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # The quick ones first, so that a search that is stopped has as many as possible.
    files = sorted(
        (path for folder in options.data for path in folder.glob("*.h5ad")),
        key=lambda path: path.stat().st_size,
    )
    print("| set | trials | recommended | default | recommended | best trial |")
    print("|---|---|---|---|---|---|", flush=True)
    rows = []
    for path in files:
        kept = options.out / f"{path.stem}.json"
        if not kept.exists():
            write_file(kept, json.dumps(measure(path, options)).encode())
        found = json.loads(kept.read_text())
        if "refused" in found:
            print(f"| {path.stem} | – | {found['refused']} | | | |", flush=True)
            continue
        rows.append([np.mean(found["ari"][name]) for name in ("start", "settings", "best")])
        words = ", ".join(f"{name}={value}" for name, value in found["changes"].items())
        scores = " | ".join(f"{value:.3f}" for value in rows[-1])
        print(
            f"| {path.stem} | {len(found['trials'])} | {words or 'default'} | {scores} |",
            flush=True,
        )
    scores = " | ".join(f"{value:.3f}" for value in np.mean(rows, axis=0))
    print(f"| mean of {len(rows)} sets | | | {scores} |")


if __name__ == "__main__":
    main()
