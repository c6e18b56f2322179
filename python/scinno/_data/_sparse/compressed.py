"""CSR and CSC checked before native code sees them: it follows what they say without looking."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

# zlib packs 1,032 bytes into one at best; other filters of HDF5 pack less.
MAX_PACKED = 1100
# Claims that need no look: bytes.
SMALL = 1_000_000
# Stored values that are looked at together.
AT_ONCE = 20_000_000


def check_sparse(x: Any, name: str = "x") -> None:
    """Check a sparse matrix in memory; anything else passes.

    Raises
    ------
    ValueError
        Row or column pointers, or indices, that do not make a matrix.
    """
    if not sp.issparse(x) or x.ndim != 2:
        return
    if x.format == "coo":
        for side, found in zip(x.shape, (x.row, x.col), strict=True):
            check_indices(found, side, name)
            if len(found) != len(x.data):
                raise ValueError(_broken(name, f"{len(found)} indices for {len(x.data)} values"))
    if x.format not in ("csr", "csc"):
        return
    major, minor = x.shape if x.format == "csr" else x.shape[::-1]
    if x.data.ndim != 1 or len(x.indices) < len(x.data):
        raise ValueError(_broken(name, f"{len(x.indices)} indices for {x.data.shape} values"))
    check_pointers(x.indptr, major, len(x.data), name)
    check_indices(x.indices, minor, name)


def check_pointers(pointers: np.ndarray, n: int, n_values: int, name: str) -> None:
    """Check where rows (CSR) or columns (CSC) begin.

    Parameters
    ----------
    pointers : ndarray of int, (n + 1,)
        From 0 to ``n_values``, never falling.
    n : int
        Rows, or columns.
    n_values : int
        Stored values.

    Raises
    ------
    ValueError
    """
    if pointers.ndim != 1 or pointers.dtype.kind not in "iu" or len(pointers) != n + 1:
        raise ValueError(_broken(
            name, f"indptr must be {n + 1} whole numbers, got {pointers.dtype} {pointers.shape}"
        ))  # fmt: skip
    # SciPy allows more values than the pointers use.
    if pointers[0] != 0 or int(pointers[-1]) > n_values or (pointers[1:] < pointers[:-1]).any():
        raise ValueError(_broken(
            name, f"indptr must start at 0, never fall and end at the {n_values} stored values"
        ))  # fmt: skip


def check_indices(indices: np.ndarray, n: int, name: str) -> None:
    """Check that columns (CSR) or rows (CSC) are from 0 to ``n`` − 1 (ValueError)."""
    if indices.ndim != 1 or indices.dtype.kind not in "iu":
        raise ValueError(_broken(name, f"indices must be whole numbers, got {indices.dtype}"))
    if len(indices) and (indices.min() < 0 or indices.max() >= n):
        low, high = indices.min(), indices.max()
        raise ValueError(_broken(name, f"indices must be from 0 to {n - 1}, got {low} to {high}"))


def check_stored(group: Any, shape: Any, by_rows: bool, name: str, whole: bool = True) -> None:
    """Check a sparse matrix as it lies in HDF5 or zarr.

    Parameters
    ----------
    group : group with data, indices and indptr
    shape : pair of int
    by_rows : bool
        CSR; else CSC.
    whole : bool
        Whether indices are read, too; else whoever reads blocks looks at theirs.

    Raises
    ------
    ValueError
    """
    parts = {}
    for part in ("data", "indices", "indptr"):
        found = group[part] if part in group else None  # noqa: SIM401 - zarr's groups have no get
        if found is None or not hasattr(found, "dtype") or len(found.shape) != 1:
            raise ValueError(_broken(name, f"its part {part!r} is missing or no list of numbers"))
        check_storage(found, name)
        parts[part] = found
    sides = np.asarray(shape)
    if sides.shape != (2,) or sides.dtype.kind not in "iu" or sides.min() < 0:
        raise ValueError(_broken(name, "its shape must be two whole numbers"))
    major, minor = sides if by_rows else sides[::-1]
    data, indices, pointers = parts["data"], parts["indices"], parts["indptr"]
    n = int(data.shape[0])  # zarr's arrays have no len()
    if data.dtype.kind not in "iufb" or indices.dtype.kind not in "iu":
        raise ValueError(_broken(name, f"values of {data.dtype}, indices of {indices.dtype}"))
    if data.shape != indices.shape:
        raise ValueError(_broken(name, f"{indices.shape[0]} indices for {n} values"))
    if pointers.shape[0] != major + 1:
        raise ValueError(_broken(
            name, f"indptr must be {int(major) + 1} numbers, got {pointers.shape[0]}"
        ))  # fmt: skip
    check_pointers(np.asarray(pointers[:]), int(major), n, name)
    for start in range(0, n if whole else 0, AT_ONCE):
        check_indices(np.asarray(indices[start : start + AT_ONCE]), int(minor), name)


def check_storage(dataset: Any, name: str) -> None:
    """Check that a data set claims no more than its bytes in the file can hold (ValueError)."""
    if not hasattr(dataset, "id") or not hasattr(dataset.id, "get_storage_size"):
        return  # zarr's, whose chunks are files
    claimed, held = dataset.size * dataset.dtype.itemsize, dataset.id.get_storage_size()
    if claimed > SMALL and claimed > MAX_PACKED * held:
        raise ValueError(_broken(name, f"it claims {claimed} bytes, and the file holds {held}"))


def check_claims(file: Any) -> None:
    """Check the sizes of all data sets in an open HDF5 file, of which nothing is read."""
    import h5py

    def visit(name: str, node: Any) -> None:
        if isinstance(node, h5py.Dataset):
            check_storage(node, name)

    file.visititems(visit)


def check_h5ad(file: Any) -> None:
    """Check every matrix in an open .h5ad, wherever it is (ValueError)."""
    import h5py

    def visit(name: str, node: Any) -> None:
        if isinstance(node, h5py.Dataset):
            check_storage(node, name)
        elif (kind := _encoding(node)) is not None:
            shape = node.attrs.get("shape", node.attrs.get("h5sparse_shape"))
            check_stored(node, shape, kind == "csr", name)

    file.visititems(visit)


def _encoding(node: Any) -> str | None:
    """``"csr"`` or ``"csc"`` where a group holds such a matrix, also of anndata before 0.7."""
    kind = node.attrs.get("encoding-type", node.attrs.get("h5sparse_format"))
    kind = kind.removesuffix("_matrix") if isinstance(kind, str) else None
    return kind if kind in ("csr", "csc") else None


def _broken(name: str, reason: str) -> str:
    return f"{name} is a broken sparse matrix: {reason}"
