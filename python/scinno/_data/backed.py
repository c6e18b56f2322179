"""Files of cells that are read in blocks: .h5ad, .zarr, and folders of several of them."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp
from anndata.abc import CSCDataset
from anndata.io import read_elem, sparse_dataset

from scinno._data._formats.names import plain_table, say_numbered
from scinno._data._formats.reasons import naming
from scinno._data._formats.samples import check_common_genes, say_left_out
from scinno._data._formats.velocity import say_parts_on_disk
from scinno._data._sparse.compressed import check_claims
from scinno._data._stores.codecs import refuse_pickle
from scinno._data.adata import LOOKED_AT, RAW
from scinno._data.blocks import BlockReader, ConcatBlocks, block_reader_of, is_on_disk
from scinno._runtime.scratch import ScratchSpace
from scinno._runtime.suggest import did_you_mean

BACKED_FORMATS = ".h5ad, .zarr or a folder of several of them"


@dataclass(frozen=True)
class BackedCells:
    """Cells in files: everything but their values, which are read in blocks.

    Attributes
    ----------
    obs : DataFrame, (cells,)
        Without names and columns where they are not wanted.
    var_names : Index, (genes,)
    reader : BlockReader
    by_columns : bool
        Whether a file was stored by columns and had to be turned round.
    """

    obs: pd.DataFrame
    var_names: pd.Index
    reader: BlockReader
    by_columns: bool = False


class FileBlocks:
    """Blocks of a file, whose name is in the errors of what reads it."""

    def __init__(self, reader: BlockReader, path: Path) -> None:
        self._reader, self._path = reader, path
        self.shape = reader.shape

    def read(self, start: int, stop: int) -> sp.csr_matrix:
        with naming(self._path):
            return self._reader.read(start, stop)


def parts_of(path: Path) -> list[Path]:
    """The files that ``path`` stands for: itself, or those in a folder; none in other formats."""
    if path.suffix.lower() == ".h5ad" and path.is_file():
        return [path]
    if not path.is_dir() or next(path.glob("*matrix.mtx*"), None) is not None:
        return []
    if path.suffix.lower() == ".zarr":
        return [path]
    return sorted(p for p in path.iterdir() if p.suffix.lower() in (".h5ad", ".zarr"))


@contextmanager
def open_cells(
    path: Path, layer: str | None, scratch: ScratchSpace, with_obs: bool = True
) -> Iterator[BackedCells]:
    """Open the files that ``path`` stands for; inside the block their values can be read.

    Files of a folder are joined below each other in the order of their names, with the genes that
    all of them have, as anndata's ``concat`` does.

    Parameters
    ----------
    with_obs : bool
        Whether ``obs`` is read: of many cells it is large.

    Raises
    ------
    ValueError
        No such files; files with fewer than two genes in common.
    KeyError
        No such layer.
    """
    parts = parts_of(path)
    if not parts:
        raise ValueError(f"INPUT {path} must be {BACKED_FORMATS} to be read in blocks")
    with ExitStack() as stack:
        files = [_open(part, layer, scratch, stack, with_obs) for part in parts]
        labels = [part.stem for part in parts]
        yield files[0] if len(files) == 1 else _joined(files, labels, with_obs)


def _open(
    path: Path, layer: str | None, scratch: ScratchSpace, stack: ExitStack, with_obs: bool
) -> BackedCells:
    with naming(path), warnings.catch_warnings():
        file = _file(path, stack)
        warnings.simplefilter("ignore")  # of readers, about files we did not write
        var = read_elem(file["raw/var" if _is_raw(file, layer) else "var"])
        node = _node(file, path, layer)
        if layer is None:
            say_parts_on_disk(file, path.name)
        matrix = node if is_on_disk(node) else sparse_dataset(node)
        turned = isinstance(matrix, CSCDataset)
        reader = FileBlocks(block_reader_of(matrix, scratch), path)
        obs = read_elem(file["obs"]) if with_obs else _no_obs(reader)
        if not isinstance(var, pd.DataFrame) or not isinstance(obs, pd.DataFrame):
            raise ValueError(
                f"{path} was written by anndata before 0.7 and cannot be read in blocks: read it "
                "once with anndata.read_h5ad() and write it again, or use --in-memory"
            )
        if reader.shape != (len(obs), len(var)):
            raise ValueError(
                f"{path} is damaged: {len(obs)} cells and {len(var)} genes are named, and the "
                f"matrix has {reader.shape[0]} and {reader.shape[1]}"
            )
        genes = _unique(plain_table(var).index, path)
        # Without names of cells their numbers stand there, which take no memory.
        return BackedCells(plain_table(obs) if with_obs else obs, genes, reader, turned)


def _no_obs(reader: BlockReader) -> pd.DataFrame:
    return pd.DataFrame(index=pd.RangeIndex(reader.shape[0]))


def _node(file: Any, path: Path, layer: str | None) -> Any:
    """The matrix in an open file, as it lies there."""
    if layer is None:
        if "X" not in file:
            raise ValueError(f"{path} has no X: name the layer that holds the counts")
        return file["X"]
    if _is_raw(file, layer):
        return file["raw/X"]
    layers = file.get("layers", {})
    if layer not in layers:
        raise KeyError(f"layer {layer!r} is not in {path}: {did_you_mean(layer, layers)}")
    return layers[layer]


def _is_raw(file: Any, layer: str | None) -> bool:
    """Whether a layer's name means .raw, which has genes of its own."""
    return layer == RAW and RAW not in file.get("layers", {}) and f"{RAW}/X" in file


def layers_in(path: Path) -> dict[str, Any]:
    """Some values of each layer, and of .raw, in the first of the files; to tell what they are."""
    part = parts_of(path)[0]
    with ExitStack() as stack:
        file = _file(part, stack)
        nodes = dict(file.get("layers", {}))
        if f"{RAW}/X" in file:
            nodes.setdefault(RAW, file[f"{RAW}/X"])
        return {name: _some_values(node) for name, node in nodes.items()}


def places_in(path: Path, key: str) -> np.ndarray:
    """An entry of obsm of all cells that ``path`` stands for, (cells, any width).

    Raises
    ------
    KeyError
        A file has no such entry.
    ValueError
        Files have entries of different width.
    """
    found = []
    for part in parts_of(path):
        with ExitStack() as stack, naming(part):
            entries = _file(part, stack).get("obsm", {})
            if key not in entries:
                raise KeyError(f"{key!r} is not in obsm of {part}: {did_you_mean(key, entries)}")
            found.append(np.asarray(read_elem(entries[key])))
    if len({table.shape[1:] for table in found}) > 1:
        shapes = ", ".join(str(table.shape) for table in found)
        raise ValueError(f"obsm[{key!r}] differs in width between the files of {path}: {shapes}")
    return np.concatenate(found)


def links_in(path: Path, key: str) -> sp.csr_matrix | None:
    """An entry of obsp, (cells, cells); None where there is none, and of several files together."""
    parts = parts_of(path)
    if len(parts) > 1:
        return None
    with ExitStack() as stack, naming(parts[0]):
        entries = _file(parts[0], stack).get("obsp", {})
        return sp.csr_matrix(read_elem(entries[key])) if key in entries else None


def _some_values(node: Any) -> np.ndarray:
    """Values of the first cells of a matrix as it lies in a file, (1, values)."""
    values = node[:20] if is_on_disk(node) else node["data"][:LOOKED_AT]
    return np.asarray(values).reshape(1, -1)


def _file(path: Path, stack: ExitStack) -> Any:
    if path.is_dir():
        import zarr

        refuse_pickle(path)
        return zarr.open_group(path, mode="r")
    file = stack.enter_context(h5py.File(path, "r"))
    check_claims(file)
    return file


def _unique(names: pd.Index, path: Path) -> pd.Index:
    from anndata.utils import make_index_unique

    names = pd.Index(names.astype(str), dtype=object)
    if names.is_unique:
        return names
    say_numbered(names, path.name, logging.INFO)
    return make_index_unique(names)


def _joined(files: Sequence[BackedCells], labels: Sequence[str], with_obs: bool) -> BackedCells:
    """Several files as one, with the column ``file`` in obs."""
    common = files[0].var_names
    for file in files[1:]:
        common = common[common.isin(file.var_names)]
    check_common_genes(labels, [file.var_names[0] for file in files], len(common))
    say_left_out(max(len(file.var_names) for file in files) - len(common), len(files))
    columns = [
        None if file.var_names.equals(common) else file.var_names.get_indexer(common)
        for file in files
    ]
    reader = ConcatBlocks([file.reader for file in files], columns)
    turned = any(file.by_columns for file in files)
    if not with_obs:
        return BackedCells(_no_obs(reader), common, reader, turned)
    tables = [file.obs.assign(file=label) for file, label in zip(files, labels, strict=True)]
    obs = pd.concat(tables, join="outer")
    if not obs.index.is_unique:
        obs.index = obs.index.astype(str) + "-" + obs["file"].astype(str)
    obs["file"] = pd.Categorical(obs["file"], categories=list(labels))
    return BackedCells(obs, common, reader, turned)


def stored_values(path: Path, layer: str | None = None) -> tuple[int, int, int]:
    """Cells, genes and stored values of what ``path`` stands for; only headers are read."""
    cells = genes = stored = 0
    for part in parts_of(path):
        with ExitStack() as stack, naming(part):
            file = _file(part, stack)
            node = _node(file, part, layer)
            if is_on_disk(node):
                shape, values = node.shape, int(np.prod(node.shape, dtype=np.int64)) // 4
            else:
                shape, values = node.attrs["shape"], int(node["data"].shape[0])
            cells, genes, stored = cells + int(shape[0]), int(shape[1]), stored + values
    return cells, genes, stored
