"""Data of figure 5: one map of a set, and the groups of each panel."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np

from scinno._clusters.subsample import sample_cells
from scinno._data.read import read_cells
from scinno.bench.pl._results import RESULTS, is_ablation, rows_of
from scinno.pl._embedding import sample_note


@dataclass(frozen=True)
class Panels:
    """The types first, then each method.

    Attributes
    ----------
    flat : ndarray of float, (cells, 2)
        The map, of the cells that are drawn.
    codes : ndarray of int32, (cells, panels)
        Group of each cell; a cluster has the number of the type it matches best, clusters that
        match none come after the types.
    levels : list of str
        Names of the groups: the types, then +1, +2, …
    types : int
        How many of them are types.
    names, scores : list of str
        Titles of the panels.
    """

    flat: np.ndarray
    codes: np.ndarray
    levels: list[str]
    types: int
    names: list[str]
    scores: list[str]


def panels_of(
    folder: Path,
    data: Path,
    methods: Sequence[str] | None,
    seed: int,
    k_given: bool,
    max_cells: int,
) -> Panels:
    """Check the folder and the file, and compute the map; arguments and errors of `maps`."""
    from scinno._drawing.layout import tsne
    from scinno.bench._execute.stored import read_labels, read_results
    from scinno.bench.pl._tsne import renumbered_like

    if not (folder / RESULTS).is_file():
        raise FileNotFoundError(f"folder {folder} holds no {RESULTS}: 'scinno bench' writes it")
    if not data.is_file():
        raise FileNotFoundError(f"data {data}: there is no such file")
    results = read_results(folder / RESULTS)
    rows = rows_of(results, ("ARI", "NMI"), k_given)
    of_set = rows.table[rows.table["set"] == data.stem]
    if not len(of_set):
        raise ValueError(
            f"{folder} has no finished run on {data.stem!r} with k_given = {k_given}; it has runs "
            f"on {', '.join(dict.fromkeys(rows.table['set']))}"
        )
    known = list(dict.fromkeys(of_set["method"]))
    if methods is None:
        methods = [key for key in known if not is_ablation(key)] or known
    chosen = rows.chosen("method", methods)
    runs = []
    for key in chosen:
        own = of_set[of_set["method"] == key]
        if not len(own):
            raise KeyError(f"method {key!r} has no finished run on {data.stem!r}")
        of_seed = own[own["seed"] == seed]
        runs.append((of_seed if len(of_seed) else own).iloc[0])
    mode = "given" if k_given else "unknown"
    files = [folder / "labels" / f"{data.stem}__{r['method']}__{mode}__{r['seed']}.npz"
             for r in runs]  # fmt: skip
    for file in files:
        if not file.is_file():
            raise FileNotFoundError(f"{file}: the labels of this run are missing")
    label_key = str(results["about"]["label_key"])
    shas = {one["name"]: one["sha256"] for one in results["sets"]}
    if shas.get(data.stem) != hashlib.sha256(data.read_bytes()).hexdigest():
        raise ValueError(f"the runs in {folder} are of another {data.name} than {data}")

    cells = read_cells(data, "data")
    types, truth = np.unique(cells.obs[label_key].astype(str).to_numpy(), return_inverse=True)
    drawn = sample_cells(truth, 0, max_cells)
    flat = tsne(_points(folder, cells, results["about"], data.stem, shas)[drawn], 0)
    codes = np.stack(
        [truth, *(renumbered_like(truth, read_labels(file, len(truth))) for file in files)], axis=1
    )
    more = int(codes.max()) + 1 - len(types)
    return Panels(
        flat=flat,
        codes=codes[drawn].astype(np.int32),
        levels=[*map(str, types), *(f"+{j + 1}" for j in range(more))],
        types=len(types),
        names=[f"{data.stem}: {label_key}{sample_note(len(drawn), len(truth))}",
               *(rows.name(run["method"]) for run in runs)],
        scores=["", *(f"ARI {run['ARI']:.2f}  NMI {run['NMI']:.2f}" for run in runs)],
    )  # fmt: skip


def _points(
    folder: Path, cells: ad.AnnData, about: dict[str, Any], name: str, shas: dict[str, str]
) -> np.ndarray:
    """Principal components as stored by the benchmark, else computed; float32."""
    stored = sorted((folder / "sets").glob(f"{name}-{shas[name][:8]}-*.npy"))
    if stored:
        from scinno.bench._execute.stored import read_points

        return read_points(stored[0], cells.n_obs)
    from scinno._data.adata import counts_of
    from scinno._data.counts import as_counts, input_kind
    from scinno.bench._execute.quality import common_components

    kind = "log" if cells.uns.get("x_kind") == "log" else str(about["input"])
    counts = as_counts(counts_of(cells, None), cells.var_names, input_kind(kind))
    return common_components(counts.matrix, counts.kind).astype(np.float32)
