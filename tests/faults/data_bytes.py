"""Sound files of cells, and changes of the parts of an HDF5 file."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import anndata as ad
import h5py
import numpy as np
from model_bytes import NAMES
from mutations import Rng


def write_10x(path: Path, x: ad.AnnData) -> None:
    """As Cell Ranger does."""
    csr = x.X.tocsr().astype(np.int32)
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix")
        group["barcodes"] = np.array(x.obs_names, dtype="S")
        for name in ("data", "indices", "indptr"):
            group[name] = getattr(csr, name)
        group["shape"] = np.array(csr.shape[::-1], dtype=np.int32)
        features = group.create_group("features")
        for name in ("id", "name"):
            features[name] = np.array(x.var_names, dtype="S")
        features["feature_type"] = np.array([b"Gene Expression"] * x.n_vars)
        features["genome"] = np.array([b"GRCh38"] * x.n_vars)


def changed_parts(rng: Rng, data: bytes) -> bytes:
    """One data set of an HDF5 file with other numbers, of another kind or length, or gone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.h5"
        path.write_bytes(data)
        with h5py.File(path, "r+") as file:
            names: list[str] = []
            file.visititems(lambda name, node: names.append(name) if _is_data(node) else None)
            # The numbers of matrices more often than the many others.
            matrix = [n for n in names if n.rpartition("/")[2] in ("data", "indices", "indptr")]
            names = matrix if rng.integers(4) and matrix else names
            name = names[rng.integers(len(names))]
            _change(rng, file, name)
        return path.read_bytes()


def _is_data(node: object) -> bool:
    return isinstance(node, h5py.Dataset)


def _change(rng: Rng, file: h5py.File, name: str) -> None:
    value, attrs = file[name][()], dict(file[name].attrs)
    how = rng.integers(8)
    if how == 7:
        group = file[name].parent
        if "shape" in group.attrs:
            group.attrs["shape"] = [(2**40, 60), (90, 2**40), (90, 3), (-1, 60), (0, 0)][
                rng.integers(5)
            ]
        return
    del file[name]
    if how == 0:
        return
    if how == 1:
        file.create_dataset(name, shape=(2**34,), dtype=np.int32, chunks=(2**20,))
        return
    value = np.atleast_1d(value)
    if how == 2:
        value = value[: len(value) // 2]
    elif how == 3 and value.dtype.name in NAMES:
        value = value.astype(("float32", "int64", "bool", "float16", "uint8")[rng.integers(5)])
    elif value.dtype.kind in "iuf" and value.size:
        value = value.copy()
        odd = (-1, 0, 10**6, 2**31 - 1, -(2**31))
        with np.errstate(all="ignore"):
            places = rng.integers(len(value), size=rng.integers(1, 4))
            value[places] = np.array(odd[rng.integers(5)]).astype(value.dtype)
    else:
        value = np.concatenate([value, value])
    file[name] = value
    file[name].attrs.update(attrs)


def as_bytes(x: ad.AnnData) -> list[bytes]:
    """The same cells as .h5ad by rows, by columns, dense, packed, and as 10x's file."""
    by_columns, dense = x.copy(), x.copy()
    by_columns.X, dense.X = x.X.tocsc(), x.X.toarray()
    found = []
    folder = Path(tempfile.mkdtemp())
    for data, options in ((x, {}), (by_columns, {}), (dense, {}), (x, {"compression": "gzip"})):
        data.write_h5ad(folder / "x.h5ad", **options)
        found.append((folder / "x.h5ad").read_bytes())
    write_10x(folder / "x.h5", x)
    found.append((folder / "x.h5").read_bytes())
    shutil.rmtree(folder)
    return found
