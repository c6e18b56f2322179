"""Changed folders of finished runs, as reports, pictures and predictions read them."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from hdf5_parts import changed_part
from judge import outcome
from mutations import Rng, changed_json
from trees import BYTES, Change, Tree, read, write

import scinno
from scinno._anndata.results import mean_memberships, results_of
from scinno.report._content.evidence import k_evidence
from scinno.report._content.training import curves, settings_rows
from scinno.report._sources import fit_of, open_source

TESTS = Path(__file__).resolve().parents[1] / "python"
N_CELLS, N_GENES = 60, 40
SMALL = {
    "n_genes": 40, "n_hidden": 12, "n_latent": 6, "n_pcs": 4, "n_heads": 2, "head_dim": 4,
    "n_anchors": 12, "n_projection": 4, "pretrain_epochs": 2, "joint_epochs": 1,
    "steps_per_epoch": 2,
}  # fmt: skip


@dataclass
class State:
    """Folders of a run with K unknown, of one with K given, and of scinno 0.1.0."""

    trees: list[Tree]
    seen: list[tuple]
    folder: Path


def prepare(kind: str) -> State:
    sys.path.insert(0, str(TESTS))
    from conftest import simulate

    from scinno.cli.run_folder import write_settings

    x, _ = simulate(N_CELLS, N_GENES)
    folder = Path(tempfile.mkdtemp()) / "run"
    trees = []
    for k in (None, 3):
        data = ad.AnnData(
            x.astype(np.float32),
            obs=pd.DataFrame(index=[f"c{i}" for i in range(N_CELLS)]),
            var=pd.DataFrame(index=[f"G{j}" for j in range(N_GENES)]),
        )
        fit = scinno.cluster(data, k, **SMALL)
        write({"x": b""}, folder)
        (folder / "x").unlink()
        data.write_h5ad(folder / "clustered.h5ad")
        fit.save(folder / "model.safetensors")
        write_settings(folder, {"n_clusters": fit.n_clusters, "seconds": {"read_and_fit": 1.5}})
        trees.append(read(folder))
    names = ("clustered.h5ad", "model.safetensors", "settings.json")
    old = TESTS / "data" / "run-0.1.0"
    trees.append({name: (old / name).read_bytes() for name in names})
    seen = []
    for tree in trees:
        write(tree, folder)
        seen.append(_looked_at(folder))
    return State(trees, seen, folder)


def change_of(state: State, seed: int) -> str:
    return list(CHANGES)[(seed // len(state.trees)) % len(CHANGES)]


def attempt(state: State, seed: int) -> tuple[str, str]:
    """What came of a report's reading of a changed folder."""
    rng = np.random.default_rng(seed)
    i = seed % len(state.trees)
    write(CHANGES[change_of(state, seed)](rng, state.trees[i]), state.folder)
    return outcome(_looked_at, state.folder, state.seen[i])


def _looked_at(folder: Path) -> tuple:
    """All that a page takes of a run; it raises what is not foreseen."""
    source = open_source(folder, "scinno")
    results = results_of(source.adata, "scinno")
    fit = fit_of(folder, source.adata, "scinno")
    about = results.about
    shares = mean_memberships(results.labels, results.memberships)
    parts = (
        curves(about), k_evidence(about, results.n_clusters), settings_rows(about),
        int(about.get("seed", 0)), about.get("input"), source.about.get("seconds"),
        [str(gene) for gene in about.get("genes", [])], None if fit is None else fit.n_clusters,
    )  # fmt: skip
    assert np.isfinite(results.memberships).all()
    assert np.isfinite(results.embedding).all()
    assert results.labels.max() < results.n_clusters
    arrays = (results.labels, results.memberships, results.embedding, shares)
    return (json.dumps(parts, default=str), *(a.tobytes() for a in arrays))


# -- changes -------------------------------------------------------------------------------------


def settings(rng: Rng, tree: Tree) -> Tree:
    value = changed_json(rng, json.loads(tree["settings.json"]))
    return tree | {"settings.json": json.dumps(value).encode()}


def results(rng: Rng, tree: Tree) -> Tree:
    """A part of the cells that is of the clustering."""
    data = tree["clustered.h5ad"]
    for _ in range(20):
        found = changed_part(rng, data)
        if found != data:
            break
    return tree | {"clustered.h5ad": found}


def stored(rng: Rng, tree: Tree) -> Tree:
    """A part of what is stored in ``uns``, ``obs`` and ``obsm``, as another tool may do."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.h5ad"
        path.write_bytes(tree["clustered.h5ad"])
        data = ad.read_h5ad(path)
        about = data.uns["scinno"]
        name = list(about)[rng.integers(len(about))]
        how = rng.integers(5)
        if how == 0:
            about[name] = _OTHERS[rng.integers(len(_OTHERS))]
        elif how == 1 and isinstance(about[name], pd.DataFrame):
            table = about[name].copy()
            column = list(table)[rng.integers(len(table.columns))]
            with contextlib.suppress(TypeError, ValueError):
                table[column] = (np.nan, "x", -1, 1e300, np.inf)[rng.integers(5)]
            about[name] = table
        elif how == 2:
            del about[name]
        elif how == 3:
            key = ("X_scinno", "scinno_memberships")[rng.integers(2)]
            array = data.obsm[key].copy()
            array[rng.integers(len(array))] = (np.nan, np.inf, -1, 7)[rng.integers(4)]
            data.obsm[key] = (array, array[:, :1], array.astype(np.float16), array[:, :0])[
                rng.integers(4)
            ]
        else:
            values = (["0"], ["1", "x"], [0, 1], [True, False], [1.5], ["0", "1", "2", "3", "4"])
            values = values[rng.integers(6)]
            data.obs["scinno"] = np.array(values * N_CELLS * 5)[: data.n_obs]
        with contextlib.suppress(Exception):  # what cannot be written is no file
            data.write_h5ad(path)
        return tree | {"clustered.h5ad": path.read_bytes()}


_OTHERS = (
    "x", 1, -1, 1.5, np.nan, True, np.arange(3), np.array(["a"]), {"a": 1}, {"a": {"b": "c"}},
    pd.DataFrame({"a": [1]}), np.zeros((2, 2)), pd.DataFrame({"n_clusters": [np.nan, 2.0]}),
)  # fmt: skip

CHANGES: dict[str, Change] = {
    "settings.json": settings,
    "parts": results,
    "stored results": stored,
    "other stored results": stored,
    **BYTES,
}
