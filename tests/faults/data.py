"""Changed files of cells, read as the command line reads them, in memory and in blocks."""

from __future__ import annotations

import gzip
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from hdf5_parts import changed_part
from judge import is_sentence, worst
from metadata_parts import changed_metadata
from mutations import Rng
from sound_cells import WRITERS, cells
from text_parts import changed_text
from trees import BYTES, Change, Tree, one_file, read, write

from scinno._data.adata import counts_of
from scinno._data.backed import open_cells, parts_of
from scinno._data.blocks import iterate_blocks
from scinno._data.counts import as_counts
from scinno._data.read import read_cells
from scinno._data.source import as_source
from scinno._runtime.scratch import ScratchSpace


def _inside(change: Change) -> Change:
    """The change of what packed files hold, which are packed again."""

    def changed(rng: Rng, tree: Tree) -> Tree:
        packed = [name for name, data in tree.items() if data.startswith(b"\x1f\x8b")]
        plain = {n: gzip.decompress(d) if n in packed else d for n, d in tree.items()}
        found = change(rng, plain)
        return {n: gzip.compress(d, mtime=0) if n in packed else d for n, d in found.items()}

    return changed


_parts, _text = _inside(one_file(changed_part)), _inside(one_file(changed_text))
_HDF5 = {"parts": _parts, "other parts": _parts} | BYTES
_LINES = {"lines": _text, "other lines": _text} | BYTES
CHANGES: dict[str, dict[str, Change]] = {
    "zarr": {"metadata": changed_metadata, "other metadata": changed_metadata} | BYTES,
    "mtx": _LINES,
    "tables": _LINES,
}


@dataclass
class Sound:
    """A sound file or folder, and the cells in it: names of both sides, and values."""

    name: str
    tree: Tree
    cells: tuple[list[str], list[str], sp.csr_matrix]


@dataclass
class State:
    sounds: list[Sound]
    changes: dict[str, Change]
    folder: Path


def prepare(kind: str) -> State:
    folder = Path(tempfile.mkdtemp())
    sounds = []
    for name, write_as in WRITERS[kind]:
        path = folder / name
        write({}, path)
        write_as(cells(), path)
        tree = read(path)
        # molecule_info.h5 is always refused.
        held = None if kind == "molecules" else _in_memory(path)
        if held is not None and parts_of(path):
            assert _same(held, _in_blocks(path))
        sounds.append(Sound(name, tree, held))
    return State(sounds, CHANGES.get(kind, _HDF5), folder)


def change_of(state: State, seed: int) -> str:
    return list(state.changes)[(seed // len(state.sounds)) % len(state.changes)]


def attempt(state: State, seed: int) -> tuple[str, str]:
    """What came of a changed file (see `faults_page.OUTCOMES`), with details."""
    rng = np.random.default_rng(seed)
    sound, change = state.sounds[seed % len(state.sounds)], change_of(state, seed)
    tree = state.changes[change](rng, sound.tree)
    path = state.folder / sound.name
    write(tree, path)
    # What is packed has a checksum: damage must be noticed.
    changed = [name for name, data in tree.items() if sound.tree.get(name) != data]
    packed = all(sound.tree.get(name, b"").startswith(b"\x1f\x8b") for name in changed)
    strict = packed and change in BYTES and change != "files"
    held: list[Any] = []
    found = [_outcome(sound, strict, _in_memory, path, held)]
    if parts_of(path):
        found.append(_outcome(sound, strict, _in_blocks, path, held))
    if len(held) == 2 and not _same(*held):
        found.append(("wrong", "in blocks it is another than in memory"))
    return worst(found)


def _outcome(
    sound: Sound, strict: bool, read_as: Any, path: Path, held: list[Any]
) -> tuple[str, str]:
    try:
        found = read_as(path)
    except (ValueError, TypeError, KeyError, FileNotFoundError) as error:
        what = "refused" if is_sentence(error) else "foreign"
        return what, f"{type(error).__name__}: {error}"
    held.append(found)
    if sound.cells is not None and _same(found, sound.cells):
        return "right", ""
    if strict:
        return "wrong", "accepted with another content than was packed"
    problem = _problem(*found)
    return ("wrong", problem) if problem else ("sound", "")


def _problem(cells: list[str], genes: list[str], matrix: sp.csr_matrix) -> str:
    """What is unsound of accepted cells, if anything is."""
    if matrix.shape != (len(cells), len(genes)):
        return f"{len(cells)} and {len(genes)} names for {matrix.shape}"
    if not all(type(name) is str for name in [*cells, *genes]):
        return "names that are not text"
    if len(set(genes)) < len(genes):
        return "names of genes repeat"
    if not np.isfinite(matrix.data).all() or (matrix.data < 0).any():
        return "values that are not finite, or negative"
    if matrix.nnz and not 0 <= matrix.indices.min() <= matrix.indices.max() < len(genes):
        return "indices out of range"
    return ""


def _same(a: Any, b: Any) -> bool:
    """Whether names and values are equal, to the bit."""
    same = a[0] == b[0] and a[1] == b[1] and a[2].shape == b[2].shape
    return same and (a[2] != b[2]).nnz == 0


def _in_memory(path: Path) -> tuple[list[str], list[str], sp.csr_matrix]:
    data = read_cells(path)
    counts = as_counts(counts_of(data, None), data.var_names)
    matrix = counts.matrix.astype(np.float64)
    # Native code goes over all of it.
    matrix.T.tocsr().sum()
    return list(data.obs_names), list(data.var_names), matrix


def _in_blocks(path: Path) -> tuple[list[str], list[str], sp.csr_matrix]:
    scratch = ScratchSpace()
    with open_cells(path, None, scratch) as data:
        source = as_source(data.reader, list(data.var_names), "auto", scratch)
        blocks = [block for _, block in iterate_blocks(source.reader, 16)]
        # As a fit looks at the values of each block.
        counts = as_counts(sp.vstack(blocks, format="csr"), source.genes)
        return list(data.obs.index), list(data.var_names), counts.matrix.astype(np.float64)
