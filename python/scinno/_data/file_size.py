"""How much memory clustering a file of cells would take, estimated from its headers."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, NamedTuple

from scinno._data._formats.matrix_market import MatrixFiles
from scinno._data._formats.samples import samples_of
from scinno._data._formats.text import open_bytes
from scinno._data._sparse.compressed import check_claims
from scinno._runtime.memory import available_memory

# Beside the loaded file: log values of the selected genes, per stored value at most …
PER_VALUE = 8
# … and codes, embedding, memberships and tables, per cell.
PER_CELL = 2000
# Bytes in memory for each byte of a text file, and for each byte of a compressed one.
PER_TEXT, PER_PACKED = 2, 8


class Size(NamedTuple):
    """What a file holds; 0 cells where that cannot be known without reading it."""

    cells: int
    genes: int
    needed: int


def size_of(path: Path) -> Size:
    """Cells, genes and bytes that clustering this file would need; only headers are read."""
    name = path.name.lower()
    if path.is_dir():
        return _folder(path)
    if name.endswith((".h5ad", ".h5", ".loom")):
        return _hdf5(path)
    packed = name.endswith((".gz", ".bz2", ".xz", ".zip"))
    return Size(0, 0, path.stat().st_size * (PER_PACKED if packed else PER_TEXT))


def _hdf5(path: Path) -> Size:
    import h5py

    total = 0

    def add(_: str, item: Any) -> None:
        nonlocal total
        if isinstance(item, h5py.Dataset):
            total += int(item.size or 0) * item.dtype.itemsize

    with h5py.File(path, "r") as file:
        check_claims(file)
        file.visititems(add)
        x = file.get("X", file.get("matrix"))
        if isinstance(x, h5py.Group):
            shape = x.attrs.get("shape", x.attrs.get("h5sparse_shape"))
            if shape is None:  # 10x: genes × cells
                shape = x["shape"][()][::-1]
            stored = x["data"].size
        elif x is not None:
            shape = x.shape[::-1] if path.suffix == ".loom" else x.shape
            stored = x.size // 4  # single-cell data are mostly zeros, which are dropped at once
        else:
            shape, stored = (0, 0), 0
    cells, genes = (int(side) for side in shape)
    return Size(cells, genes, total + stored * PER_VALUE + cells * PER_CELL)


def _folder(folder: Path) -> Size:
    from scinno._data.backed import parts_of, stored_values

    if not parts_of(folder):
        samples = samples_of(folder).values()
        sizes = [size_of(at) if isinstance(at, Path) else _matrix_market(at) for at in samples]
        genes = max(size.genes for size in sizes)
        return Size(sum(size.cells for size in sizes), genes, sum(size.needed for size in sizes))
    cells, genes, stored = stored_values(folder)
    return Size(cells, genes, stored * (8 + PER_VALUE) + cells * PER_CELL)


def _matrix_market(files: MatrixFiles) -> Size:
    with io.TextIOWrapper(open_bytes(files.matrix)) as lines:
        for line in lines:
            if not line.startswith("%"):
                genes, cells, stored = (int(part) for part in line.split())
                needed = stored * (24 + PER_VALUE) + cells * PER_CELL
                return Size(cells, genes, needed)
    return Size(0, 0, 0)


def check_fits(path: Path, argument: str) -> None:
    """Refuse a file that would not fit into memory, before any of it is loaded (ValueError)."""
    try:
        size = size_of(path)
    except Exception:  # whatever is wrong with the file, its reader says it better
        return
    available = available_memory()
    if size.needed <= available:
        return
    what = f" ({size.cells:,} cells × {size.genes:,} genes)" if size.cells else ""
    raise ValueError(
        f"{argument} {path}{what} needs about {size.needed / 1e9:,.1f} GB of memory and "
        f"{available / 1e9:,.1f} GB are available: take fewer cells or genes, or a larger machine; "
        "'scinno cluster --backed' reads .h5ad and .zarr in blocks"
    )
