"""Labeled sets: the inputs of methods, and the known types, which only the scores use."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from anndata import AnnData

from scinno._data.adata import counts_of
from scinno._data.counts import Counts, as_counts, input_kind
from scinno._data.read import read_cells
from scinno._runtime import atomic
from scinno.bench._execute._batches.scores import Guard
from scinno.bench._execute.quality import common_components, mix_of_batches, quality
from scinno.bench._execute.stored import read_points, read_report


@dataclass(frozen=True)
class LabeledSet:
    """One set, ready for methods and for scores.

    Attributes
    ----------
    name, sha : str
        The file's name without its ending, and its SHA-256.
    truth : ndarray of str, (cells,)
        Known types; methods do not get them.
    points : ndarray, (cells, axes)
        Principal components, for the silhouette.
    order : ndarray of int, (cells,)
        Random order in which methods get the cells, because files are often sorted by type.
    kind : str
        "counts", "log" or "normalized", which are fractional counts.
    inputs : Path
        The folder that methods read.
    quality : dict
        The quality report.
    batch : ndarray of str, (cells,), or None
        In the task "batches"; methods get it.
    guard : Guard or None
        In that task, the type that is removed from one batch.
    """

    name: str
    sha: str
    truth: np.ndarray
    points: np.ndarray
    order: np.ndarray
    kind: str
    inputs: Path
    quality: dict[str, Any]
    batch: np.ndarray | None = None
    guard: Guard | None = None

    @property
    def k(self) -> int:
        return len(np.unique(self.truth))


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The .h5ad files among these files and folders, by name.

    Raises
    ------
    FileNotFoundError, ValueError
        A path that does not exist or is not an .h5ad file; a folder without any; two files of one
        name.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"SETS: there is no file or folder {path}")
        inside = sorted(path.glob("*.h5ad")) if path.is_dir() else [path]
        if not inside:
            raise ValueError(f"SETS: the folder {path} holds no .h5ad file")
        for file in inside:
            if file.suffix != ".h5ad":
                raise ValueError(f"SETS must be .h5ad files or folders of them, got {file}")
            if found.setdefault(file.stem, file).resolve() != file.resolve():
                raise ValueError(f"SETS: {file} and {found[file.stem]} have the same name")
    return list(found.values())


class Tissue(NamedTuple):
    """Where cells are: places, float64 (cells, 2 or 3), and slices, numbers from 0 (cells,)."""

    coordinates: np.ndarray
    slices: np.ndarray


class Labeled(NamedTuple):
    """A set as read and checked: cells, values, known types as texts, SHA-256 of the file."""

    data: AnnData
    counts: Counts
    truth: np.ndarray
    sha: str


def prepare(file: Path, label_key: str, kind: str, folder: Path, doublets: bool) -> LabeledSet:
    """Read and check a set, and write the inputs of methods, unless they exist.

    Parameters
    ----------
    file : Path
        An .h5ad file with known types in ``obs``.
    label_key : str
        That column.
    kind : {"auto", "counts", "log"}
        Kind of values in X; "auto" is what ``uns["x_kind"]`` says, else found from the values.
    folder : Path
        The benchmark's folder.
    doublets : bool
        Look for doublets, too.

    Raises
    ------
    ValueError
        The file cannot be read; no such column, cells without a label, fewer than two types, or
        values that are neither counts nor log values.
    """
    cells = read_labeled(file, label_key, kind)
    return write_set(file.stem, cells, label_key, folder, doublets)


def read_labeled(file: Path, label_key: str, kind: str) -> Labeled:
    """Read and check a set; arguments and errors as `prepare`."""
    sha = hashlib.sha256(file.read_bytes()).hexdigest()
    data = read_cells(file, "SETS")
    if label_key not in data.obs:
        raise ValueError(
            f"--label-key {label_key!r} is not in obs of {file}, which holds: "
            f"{', '.join(data.obs) or 'none'}"
        )
    if data.obs[label_key].isna().any():
        raise ValueError(
            f"{file}: {int(data.obs[label_key].isna().sum())} cell(s) have no {label_key}; every "
            "cell of a benchmark set needs its type"
        )
    truth = data.obs[label_key].astype(str).to_numpy()
    if len(np.unique(truth)) < 2:
        raise ValueError(f"{file}: {label_key} has one value only; a score needs two types or more")
    x = counts_of(data, None)
    if kind == "auto":
        kind = _declared_kind(data.uns.get("x_kind"), x)
    return Labeled(data, as_counts(x, data.var_names, input_kind(kind)), truth, sha)


def write_set(
    name: str,
    cells: Labeled,
    label_key: str,
    folder: Path,
    doublets: bool,
    batch: np.ndarray | None = None,
    guard: Guard | None = None,
    more: Mapping[str, Any] | None = None,
    tissue: Tissue | None = None,
) -> LabeledSet:
    """Write the inputs of methods and the quality report, unless they exist.

    Parameters
    ----------
    name : str
        Of the set, for files and tables.
    cells : Labeled
    label_key, folder, doublets
        As in `prepare`.
    batch : ndarray of str, (cells,), optional
        For methods, which get numbers in place of names.
    guard : Guard, optional
    more : mapping, optional
        What else the report holds.
    tissue : Tissue, optional
        For methods.
    """
    data, counts, truth, sha = cells
    order = np.random.default_rng(0).permutation(data.n_obs)
    inputs = folder / "inputs" / f"{name}-{sha[:8]}"
    if not inputs.is_dir():
        more_inputs = {}
        if batch is not None:
            codes = np.unique(batch, return_inverse=True)[1][order]
            more_inputs["batches.i4"] = codes.astype("<i4")
        if tissue is not None:
            more_inputs["coordinates.f8"] = tissue.coordinates[order].astype("<f8")
            more_inputs["slices.i4"] = tissue.slices[order].astype("<i4")
        _write_inputs(inputs, counts.matrix[order], counts.genes, more_inputs)
    stem = folder / "sets" / f"{name}-{sha[:8]}-{label_key}{'-doublets' if doublets else ''}"
    stem.parent.mkdir(parents=True, exist_ok=True)
    # Names may have dots, which are not those of an ending.
    report_file, components_file = (stem.with_name(stem.name + end) for end in (".json", ".npy"))
    if not (report_file.exists() and components_file.exists()):
        points = common_components(counts.matrix, counts.kind)
        report = quality(data, counts.matrix, counts.kind, truth, points, doublets)
        if batch is not None:
            report |= mix_of_batches(batch, points)
        report |= more or {}
        _save_array(components_file, points)
        atomic.write_file(report_file, json.dumps(report, indent=1).encode())
    return LabeledSet(
        name=name,
        sha=sha,
        truth=truth,
        points=read_points(components_file, data.n_obs),
        order=order,
        kind=counts.kind,
        inputs=inputs,
        quality=read_report(report_file),
        batch=batch,
        guard=guard,
    )


def _declared_kind(declared: Any, x: Any) -> str:
    """What ``uns["x_kind"]`` says of X, "auto" without it; counts may be fractional (RSEM)."""
    if not isinstance(declared, str) or declared not in ("counts", "log"):
        return "auto"
    values = x.data if sp.issparse(x) else np.asarray(x)
    whole = bool((values == np.round(values)).all())
    return "normalized" if declared == "counts" and not whole else str(declared)


def _save_array(path: Path, array: np.ndarray) -> None:
    buffer = io.BytesIO()
    np.save(buffer, array)
    atomic.write_file(path, buffer.getvalue())


def _write_inputs(
    folder: Path, matrix: sp.csr_matrix, genes: Any, more: Mapping[str, np.ndarray]
) -> None:
    """Write values and gene names, but not cell names, which may contain the type.

    Plain numbers, which any version of Python and R can read: a CSR matrix of cells × genes is R's
    dgCMatrix of genes × cells.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent))
    matrix = matrix.tocsr()
    matrix.sort_indices()
    matrix.data.astype("<f8").tofile(temporary / "values.f8")
    matrix.indices.astype("<i4").tofile(temporary / "genes.i4")
    matrix.indptr.astype("<i4").tofile(temporary / "starts.i4")
    for file, numbers in more.items():
        numbers.tofile(temporary / file)
    names = [" ".join(str(name).split()) for name in genes]
    (temporary / "genes.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    try:
        temporary.rename(folder)
    except OSError:  # another process has written it
        shutil.rmtree(temporary)
