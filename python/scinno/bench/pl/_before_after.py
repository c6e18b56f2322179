"""Types and batches of one set on the maps of scinno without and with the batches."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from scinno._clusters.subsample import check_max_cells, sample_cells
from scinno._data.read import read_cells
from scinno._drawing.figure import check_size, drawing, finish, panels
from scinno._drawing.palette import colors_of
from scinno._drawing.scatter import Legend, draw_groups, frame, point_size
from scinno._runtime.suggest import did_you_mean
from scinno.bench._execute._batches.embedding import load_embedding
from scinno.bench._execute.stored import read_results
from scinno.bench._tables.text import formatted
from scinno.bench.pl._results import RESULTS, rows_of
from scinno.pl._embedding import sample_note

# Rows of the picture, before and after.
WITHOUT, WITH = "scinno-no-batch", "scinno"


@drawing
def before_after(
    folder: str | Path,
    data: str | Path,
    methods: Sequence[str] = (WITHOUT, WITH),
    *,
    k_given: bool = True,
    size: float | None = None,
    max_cells: int = 5000,
    ax: Axes | Sequence[Axes] | None = None,
    show: bool = False,
    save: str | Path | None = None,
) -> list[Axes]:
    """Cells of a set of several batches on the embeddings of methods: types left, batches right.

    One row for each method, with a t-SNE of the embedding that it wrote in the run of seed 0.

    Parameters
    ----------
    folder : path
        Folder of ``scinno bench --task batches``, with results.json and embeddings.
    data : path
        The .h5ad file of the set; the folder holds no types.
    methods : sequence of str
        Keys or names, in this order; default scinno without and with the batches.
    k_given, size, max_cells, ax, show, save
        As in `scinno.bench.pl.benchmark` and `scinno.pl.embedding`.

    Returns
    -------
    list of Axes
        Two for each method.

    Raises
    ------
    FileNotFoundError
        No results.json or embedding in ``folder``, or no file ``data``.
    KeyError
        A method without a finished run on this set.
    ValueError
        The runs are of another task or of another file of this name.

    Examples
    --------
    >>> scinno.bench.pl.before_after("bench", "data/kang.h5ad", save="kang.png")  # doctest: +SKIP
    """
    check_size(size)
    max_cells = check_max_cells(max_cells)
    folder, data = Path(folder), Path(data)
    if not (folder / RESULTS).is_file():
        raise FileNotFoundError(f"folder {folder} holds no {RESULTS}: 'scinno bench' writes it")
    if not data.is_file():
        raise FileNotFoundError(f"data {data}: there is no such file")
    results = read_results(folder / RESULTS)
    runs = _runs(results, folder, data, methods, k_given)
    cells = read_cells(data, "data")
    about = results["about"]
    groups = [cells.obs[about[key]].astype(str).to_numpy() for key in ("label_key", "batch_key")]
    (types, truth), (batches, batch) = (np.unique(g, return_inverse=True) for g in groups)
    drawn = sample_cells(truth, 0, max_cells)
    note = sample_note(len(drawn), len(truth))
    # Batches have other colors than types.
    colors = colors_of([*types, *batches])
    axes = panels(2 * len(runs), ax, (5.4, 4.6), 2)
    area = point_size(len(drawn)) if size is None else size
    from scinno._drawing.layout import tsne

    for place, (name, run, file) in enumerate(runs):
        flat = tsne(load_embedding(file, cells.n_obs)[drawn], 0)
        legend: Legend = "none" if place else "right margin"
        left, right = axes[2 * place : 2 * place + 2]
        draw_groups(left, flat, truth[drawn], types.tolist(), colors[: len(types)], area, legend)
        draw_groups(right, flat, batch[drawn], batches.tolist(), colors[len(types) :], area, legend)
        frame(left, "t-SNE", f"{name}: {about['label_key']}, ARI {formatted(run['ARI'])}{note}")
        frame(
            right, "t-SNE", f"{name}: {about['batch_key']}, ARI {formatted(run['ARI_batch'])}{note}"
        )
    finish(axes, show, save)
    return axes


def _runs(
    results: dict[str, Any], folder: Path, data: Path, methods: Sequence[str], k_given: bool
) -> list[tuple[str, Any, Path]]:
    """For each method its name, its row of seed 0, and the file of its embedding."""
    if "batch_key" not in results["about"]:
        raise ValueError(
            f"{folder} holds a benchmark of the task 'types': this picture is of "
            "'scinno bench --task batches'"
        )
    rows = rows_of(results, ("ARI", "ARI_batch"), k_given)
    of_set = rows.table[(rows.table["set"] == data.stem) & (rows.table["seed"] == 0)]
    shas = {one["name"]: one["sha256"] for one in results["sets"]}
    if data.stem not in shas:
        raise ValueError(
            f"{folder} has no set {data.stem!r}: {did_you_mean(data.stem, list(shas))}"
        )
    if shas[data.stem] != hashlib.sha256(data.read_bytes()).hexdigest():
        raise ValueError(f"the runs in {folder} are of another {data.name} than {data}")
    found = []
    mode = "given" if k_given else "unknown"
    for key in rows.chosen("method", methods):
        own = of_set[of_set["method"] == key]
        if not len(own):
            raise KeyError(f"method {key!r} has no finished run of seed 0 on {data.stem!r}")
        file = folder / "embeddings" / f"{data.stem}__{key}__{mode}__0.npz"
        if not file.is_file():
            raise FileNotFoundError(f"{file}: the embedding of this run is missing")
        found.append((rows.name(key), own.iloc[0], file))
    return found


def images_of(
    folder: Path, files: Sequence[Path], progress: Callable[[str], None]
) -> dict[str, bytes]:
    """Pictures of these sets, ``before-after-SET.png`` in the folder, for the page.

    Parameters
    ----------
    folder : Path
    files : sequence of Path
    progress : callable
        Gets a line for each: its path, or why it was not drawn.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    found = {}
    for file in files:
        path = folder / f"before-after-{file.stem}.png"
        try:
            before_after(folder, file, save=path)
        except (KeyError, ValueError, FileNotFoundError) as error:
            progress(f"no picture of {file.stem}: {error.args[0]}")
            continue
        progress(str(path))
        found[file.stem] = path.read_bytes()
    return found
