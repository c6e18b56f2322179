"""Changes of the parts of an HDF5 file: data sets, attributes and groups."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from mutations import Rng

_MATRIX = ("data", "indices", "indptr", "X", "matrix")
_KINDS = ("float32", "int64", "bool", "float16", "uint8", ">i4", "S3", "complex64")
_ODD = (-1, 0, 1, 10**6, 2**31 - 1, -(2**31), 2**60)
_SHAPES = ((2**40, 60), (90, 2**40), (90, 3), (60, 90), (-1, 60), (0, 0), 90, "x", (90, 60, 1))
_TEXTS = ("csr_matrix", "csc_matrix", "array", "dataframe", "nothing", "", "0.0.0", "9.9", 1)


def changed_part(rng: Rng, data: bytes) -> bytes:
    """One data set of other numbers, kind or length; or an attribute, a group or a link."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.h5"
        path.write_bytes(data)
        with h5py.File(path, "r+") as file:
            nodes: list[str] = [""]
            file.visit(nodes.append)
            if rng.integers(3) == 0:
                _attribute(rng, file[nodes[rng.integers(len(nodes))] or "/"])
            elif rng.integers(6) == 0:
                _structure(rng, file, nodes[1:])
            else:
                _values(rng, file, nodes[1:])
        return path.read_bytes()


def _attribute(rng: Rng, node: Any) -> None:
    """An attribute that is missing, or says something else."""
    names = list(node.attrs)
    if not names:
        node.attrs["encoding-type"] = _TEXTS[rng.integers(len(_TEXTS))]
        return
    name = names[rng.integers(len(names))]
    if rng.integers(3) == 0:
        del node.attrs[name]
    elif name in ("shape", "h5sparse_shape"):
        node.attrs[name] = _SHAPES[rng.integers(len(_SHAPES))]
    else:
        node.attrs[name] = _TEXTS[rng.integers(len(_TEXTS))]


def _structure(rng: Rng, file: h5py.File, nodes: list[str]) -> None:
    """A part that is missing, has another name, or is a link: to nothing, or in circles."""
    name, other = (nodes[place] for place in rng.integers(len(nodes), size=2))
    how = rng.integers(6)
    if how == 0:
        file.move(name, f"{name}x")
        return
    if how == 1:
        file.create_group(f"{name}_more")
        return
    del file[name]
    if how == 2:
        file[name] = h5py.SoftLink(name)
    elif how == 3:
        file[name] = h5py.SoftLink("/nothing")
    elif how == 4:
        file[name] = h5py.ExternalLink("nothing.h5", "/")
    elif other in file:
        file[name] = file[other]


def _values(rng: Rng, file: h5py.File, nodes: list[str]) -> None:
    """Numbers of matrices more often than the many others."""
    names = [name for name in nodes if isinstance(file[name], h5py.Dataset)]
    matrix = [name for name in names if name.rpartition("/")[2] in _MATRIX]
    names = matrix if rng.integers(3) and matrix else names
    name = names[rng.integers(len(names))]
    value, attrs = file[name][()], dict(file[name].attrs)
    how = rng.integers(7)
    if how == 0:
        # More than the file holds, in pieces or as one.
        shape = ((2**34,), (2**40,), (2**20, 2**20))[rng.integers(3)]
        options = {} if rng.integers(2) else {"chunks": (2**16,) if len(shape) == 1 else (64, 64)}
        kind = (np.int32, np.float64, h5py.string_dtype())[rng.integers(3)]
        del file[name]
        file.create_dataset(name, shape=shape, dtype=kind, **options)
        return
    value = np.atleast_1d(value)
    if how == 1:
        value = value[: len(value) // 2]
    elif how == 2 and value.dtype.kind in "iuf":
        with np.errstate(all="ignore"):
            value = value.astype(_KINDS[rng.integers(len(_KINDS))])
    elif how == 3:
        value = value.reshape((-1, 1) if rng.integers(2) else (1, *value.shape))
    elif value.dtype.kind in "iuf" and value.size:
        flat = value.reshape(-1).copy()
        with np.errstate(all="ignore"):
            places = rng.integers(len(flat), size=rng.integers(1, 4))
            odd = np.array(_ODD[rng.integers(len(_ODD))])
            flat[places] = odd.astype(flat.dtype)
            if flat.dtype.kind == "f" and rng.integers(3) == 0:
                flat[places] = (np.nan, np.inf, 1e300)[rng.integers(3)]
        value = flat.reshape(value.shape)
    elif value.dtype.kind == "O" and rng.integers(2):
        value = value.copy()
        texts = (b"", b"\xff\xfe", value.flat[0], b"a" * 5000, "é".encode())
        value[rng.integers(len(value))] = texts[rng.integers(len(texts))]
    else:
        value = np.concatenate([value, value])
    del file[name]
    file[name] = value
    file[name].attrs.update(attrs)
