"""Sets of the task "domains": those that say where each cell is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from anndata import AnnData

from scinno._space.neighbors import check_coordinates, check_slices
from scinno.bench._execute.sets import LabeledSet, Tissue, read_labeled, write_set

# The column of slices where none is named and a set has it.
LIBRARY = "batch"


def tissues_of(
    files: Sequence[Path],
    label_key: str,
    spatial_key: str,
    library_key: str | None,
    kind: str,
    folder: Path,
    doublets: bool,
    progress: Callable[[str], None],
) -> list[LabeledSet]:
    """All sets that have coordinates; others are reported and left out.

    Parameters
    ----------
    files : sequence of Path
    label_key : str
        Column of ``obs`` with the known domains.
    spatial_key : str
        Array of ``obsm`` with the places.
    library_key : str, optional
        Column of ``obs`` with the slices; without it `LIBRARY`, where a set has it.
    kind, folder, doublets
        As in `scinno.bench._execute.sets.prepare`.
    progress : callable
        Gets a line for each set that is left out.

    Raises
    ------
    ValueError
        No set has coordinates, or a column of that name; coordinates that are none; cells without
        a slice; as `scinno.bench._execute.sets.read_labeled`.
    """
    found, sliced, arrays = [], False, set()
    for file in files:
        progress(f"checking {file.name}")
        cells = read_labeled(file, label_key, kind)
        arrays.update(cells.data.obsm)
        if spatial_key not in cells.data.obsm:
            progress(
                f"{file.name} is left out: its obsm has no array {spatial_key!r} (--spatial-key)"
            )
            continue
        column = library_key or LIBRARY
        named = column in cells.data.obs
        sliced = sliced or named
        if library_key is not None and not named:
            progress(f"{file.name} is one slice: its obs has no column {column!r} (--library-key)")
        tissue = _tissue(cells.data, file, spatial_key, column if named else None)
        more = {"slices": int(tissue.slices.max()) + 1}
        found.append(
            write_set(file.stem, cells, label_key, folder, doublets, more=more, tissue=tissue)
        )
    if not found:
        raise ValueError(
            f"--task domains: no set has obsm[{spatial_key!r}]: --spatial-key names another array "
            f"of: {', '.join(sorted(arrays)) or 'none'}"
        )
    if library_key is not None and not sliced:
        raise ValueError(f"--library-key {library_key!r} is not in obs of any set")
    return found


def _tissue(data: AnnData, file: Path, spatial_key: str, column: str | None) -> Tissue:
    try:
        places = check_coordinates(data.obsm[spatial_key], data.n_obs)
        slices = check_slices(None if column is None else data.obs[column], data.n_obs)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{file}: {error}") from error
    return Tissue(places, slices)
