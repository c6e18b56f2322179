"""Changed folders of `scinno bench`, and its results.json, as tables and pictures read them."""

from __future__ import annotations

import io
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from judge import is_sentence, outcome
from mutations import Rng, changed_json
from trees import BYTES, Change, Tree, read, write

from scinno.bench import choose, collect, markdown
from scinno.bench._execute.run import Plan, run
from scinno.bench._execute.stored import read_labels, read_points, read_results
from scinno.bench._tables.html import page
from scinno.bench.pl._results import rows_of

TESTS = Path(__file__).resolve().parents[1] / "python"
N_CELLS = 60


@dataclass
class State:
    """The folder of a finished benchmark, and one with its results.json only."""

    trees: list[Tree]
    seen: list[str]
    folder: Path


def prepare(kind: str) -> State:
    sys.path.insert(0, str(TESTS))
    from conftest import simulate

    x, types = simulate(N_CELLS, 50)
    data = ad.AnnData(
        x.astype(np.float32),
        obs=pd.DataFrame({"cell_type": types.astype(str)}, index=[f"c{i}" for i in range(N_CELLS)]),
        var=pd.DataFrame(index=[f"G{j}" for j in range(50)]),
    )
    top = Path(tempfile.mkdtemp())
    folder = top / "bench"
    data.write_h5ad(top / "small.h5ad")
    methods = choose(["pca-kmeans"])
    run(Plan([top / "small.h5ad"], methods, folder, seeds=1, modes=("given",)))
    results = json.dumps(collect(folder, methods))
    kept = {name: held for name, held in read(folder).items() if not name.startswith("inputs")}
    trees = [kept, {"results.json": results.encode()}]
    seen = []
    for tree in trees:
        write(tree, folder)
        seen.append(_looked_at(folder))
    return State(trees, seen, folder)


def change_of(state: State, seed: int) -> str:
    return list(CHANGES)[(seed // len(state.trees)) % len(CHANGES)]


def attempt(state: State, seed: int) -> tuple[str, str]:
    """What came of the tables, the page and the pictures of a changed folder."""
    rng = np.random.default_rng(seed)
    i = seed % len(state.trees)
    write(CHANGES[change_of(state, seed)](rng, state.trees[i]), state.folder)
    return outcome(_looked_at, state.folder, state.seen[i])


def _looked_at(folder: Path) -> str:
    """All that tables, page and pictures take of a benchmark."""
    results = collect(folder, [])
    results["about"]["made"] = ""
    text = markdown(results)
    page(results, [])
    try:
        text += rows_of(results, ("ARI",), True).table.to_csv()
    except (ValueError, KeyError) as error:
        if not is_sentence(error):
            raise
    stored = folder / "results.json"
    if stored.exists():
        read_results(stored)
    for path in sorted((folder / "labels").glob("*.npz")):
        text += str(read_labels(path, N_CELLS).tolist())
    for path in sorted((folder / "sets").glob("*.npy")):
        text += str(read_points(path, N_CELLS).tolist())
    return text


# -- changes -------------------------------------------------------------------------------------


def values(rng: Rng, tree: Tree) -> Tree:
    """A value of one of the JSON files."""
    names = [name for name in tree if name.endswith(".json")]
    name = names[rng.integers(len(names))]
    return tree | {name: json.dumps(changed_json(rng, json.loads(tree[name]))).encode()}


def arrays(rng: Rng, tree: Tree) -> Tree:
    """Labels or components of another number of cells, another kind, or that claim too much."""
    names = [name for name in tree if name.endswith((".npz", ".npy"))]
    if not names:
        return values(rng, tree)
    name = names[rng.integers(len(names))]
    buffer = io.BytesIO()
    shapes = ((N_CELLS,), (N_CELLS - 1,), (N_CELLS, 3), (0,), ())
    kinds = ("<i4", "<i8", "<f4", "<f8", "?", "<U3", "|S2", ">i4")
    array = np.zeros(shapes[rng.integers(5)], dtype=kinds[rng.integers(8)])
    if rng.integers(4) == 0:
        array = np.array([None, {}], dtype=object)  # which only pickle holds
    if rng.integers(3) == 0:
        claim = {"descr": "<f4", "fortran_order": False, "shape": (N_CELLS, 2**40)}
        np.lib.format.write_array_header_1_0(buffer, claim)
    elif name.endswith(".npz"):
        np.savez_compressed(buffer, labels=array)
    else:
        np.save(buffer, array)
    return tree | {name: buffer.getvalue()}


CHANGES: dict[str, Change] = {"values": values, "other values": values, "arrays": arrays, **BYTES}
