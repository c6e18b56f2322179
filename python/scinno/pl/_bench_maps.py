"""One labelled set as each method of a benchmark saw it: the paper's figure 5."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
from matplotlib.axes import Axes

from scinno._palette import PALETTE
from scinno._sample import drawn_cells
from scinno._scatter import Legend, draw_groups, frame, point_size
from scinno.pl._embedding import sample_note
from scinno.pl._figure import finish, panels
from scinno.pl._results import RESULTS, is_ablation, rows_of


def bench_maps(
    folder: str | Path,
    data: str | Path,
    methods: Sequence[str] | None = None,
    *,
    seed: int = 0,
    k_given: bool = True,
    size: float | None = None,
    max_cells: int = 5000,
    ncols: int = 3,
    ax: Axes | Sequence[Axes] | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> list[Axes]:
    """Cells of a benchmark's set on one t-SNE, once for the types and once for each method.

    Every method is drawn on the same map, of principal components of log counts, so that none is
    judged on a picture of its own making. Clusters have the colour of the type they match best.

    Parameters
    ----------
    folder : path
        Folder of ``scinno bench``, with results.json and the labels of each run.
    data : path
        The .h5ad file of the set; the folder holds no types.
    methods : sequence of str, optional
        Keys or names, in this order; default all with a finished run, but no ablations.
    seed : int
        Which run of each method; a method without chance has seed 0 only, and gives that.
    k_given, size, max_cells, ncols, ax, show, save
        As in `scinno.pl.benchmark` and `scinno.pl.embedding`.

    Returns
    -------
    list of Axes

    Raises
    ------
    FileNotFoundError
        No results.json or labels in ``folder``, or no file ``data``.
    KeyError
        A method without a run on this set.
    ValueError
        The runs were made of another file of this name, or no method has a finished run.

    Examples
    --------
    >>> scinno.pl.bench_maps("bench", "data/pbmc.h5ad", save="figure-5.png")  # doctest: +SKIP
    """
    from scinno._pictures import tsne
    from scinno.bench._outputs import read_results
    from scinno.bench._pictures import like

    folder, data = Path(folder), Path(data)
    if not (folder / RESULTS).is_file():
        raise FileNotFoundError(f"folder {folder} holds no {RESULTS}: 'scinno bench' writes it")
    if not data.is_file():
        raise FileNotFoundError(f"data {data}: there is no such file")
    results = read_results(folder / RESULTS)
    rows = rows_of(results, ("ARI", "NMI"), k_given)
    mine = rows.table[rows.table["set"] == data.stem]
    if not len(mine):
        raise ValueError(
            f"{folder} has no finished run on {data.stem!r} with k_given = {k_given}; it has runs "
            f"on {', '.join(dict.fromkeys(rows.table['set']))}"
        )
    known = list(dict.fromkeys(mine["method"]))
    if methods is None:
        methods = [key for key in known if not is_ablation(key)] or known
    chosen = rows.chosen("method", methods)
    runs = []
    for key in chosen:
        own = mine[mine["method"] == key]
        if not len(own):
            raise KeyError(f"method {key!r} has no finished run on {data.stem!r}")
        same = own[own["seed"] == seed]
        runs.append((same if len(same) else own).iloc[0])
    mode = "given" if k_given else "unknown"
    files = [folder / "labels" / f"{data.stem}__{r['method']}__{mode}__{r['seed']}.npz"
             for r in runs]  # fmt: skip
    for file in files:
        if not file.is_file():
            raise FileNotFoundError(f"{file}: the labels of this run are not there")
    label_key = str(results["about"]["label_key"])
    shas = {one["name"]: one["sha256"] for one in results["sets"]}
    if shas.get(data.stem) != hashlib.sha256(data.read_bytes()).hexdigest():
        raise ValueError(f"the runs in {folder} were made of another {data.name} than {data}")

    cells = ad.read_h5ad(data)
    types, truth = np.unique(cells.obs[label_key].astype(str).to_numpy(), return_inverse=True)
    drawn = drawn_cells(truth, 0, max_cells)
    flat = tsne(_points(folder, cells, results["about"], data.stem, shas)[drawn], 0)
    axes = panels(1 + len(runs), ax, (5.4, 4.6), ncols)
    area = point_size(len(drawn)) if size is None else size
    note = sample_note(len(drawn), len(truth))
    titles = [f"{data.stem}: {label_key}{note}"] + [
        f"{rows.name(run['method'])}  ARI {run['ARI']:.2f}  NMI {run['NMI']:.2f}" for run in runs
    ]
    groups = [truth, *(like(truth, np.load(file)["labels"]) for file in files)]
    for place, (axis, codes, title) in enumerate(zip(axes, groups, titles, strict=True)):
        levels = [*map(str, types)]
        levels += [f"+{j + 1}" for j in range(int(codes.max()) + 1 - len(levels))]
        colours = [PALETTE[j % len(PALETTE)] for j in range(len(levels))]
        legend: Legend = "none" if place else "right margin"
        draw_groups(axis, flat, codes[drawn], levels, colours, area, legend)
        frame(axis, "t-SNE", title)
    finish(axes, show, save)
    return axes


def _points(
    folder: Path, cells: ad.AnnData, about: dict[str, Any], name: str, shas: dict[str, str]
) -> np.ndarray:
    """Principal components as the benchmark stored them, else made anew; float32."""
    stored = sorted((folder / "sets").glob(f"{name}-{shas[name][:8]}-*.npy"))
    if stored:
        return np.load(stored[0]).astype(np.float32)
    from scinno._counts import as_counts
    from scinno.bench._quality import common_picture

    kind = "log" if cells.uns.get("x_kind") == "log" else str(about["input"])
    genes = cells.var_names
    counts = as_counts(cells.X, genes, kind)  # type: ignore[arg-type]  # any text, checked there
    return common_picture(counts.matrix, counts.kind).astype(np.float32)
