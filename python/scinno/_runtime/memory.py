"""How much memory there is, and how much a file of cells would take, told without loading it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

# Beside the loaded file: log values of the kept genes, per stored value at most …
PER_VALUE = 8
# … and codes, embedding, memberships and tables, per cell.
PER_CELL = 2000
# Bytes in memory for each byte of a text file, and for each byte of a compressed one.
PER_TEXT, PER_PACKED = 2, 8

_CGROUPS = (
    ("/sys/fs/cgroup", "memory.max", "memory.current"),
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
)


class Size(NamedTuple):
    """What a file holds; 0 cells where that cannot be told without reading it."""

    cells: int
    genes: int
    needed: int


def available_memory() -> int | None:
    """Bytes that a new program could use, swap included; None where the system does not say."""
    found = []
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        table = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
        found.append(table["MemAvailable"] + table.get("SwapFree", 0))
    except (OSError, KeyError, ValueError, IndexError):
        with suppress(ValueError, OSError, AttributeError):  # macOS
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    # A container or a job scheduler may allow less than the machine has.
    for folder, limit, used in _CGROUPS:
        with suppress(OSError, ValueError):
            allowed = int(Path(folder, limit).read_text())
            found.append(allowed - int(Path(folder, used).read_text()))
    return max(min(found), 0) if found else None


def size_of(path: Path) -> Size:
    """Cells, genes and bytes that clustering this file would need; only headers are read."""
    name = path.name.lower()
    if path.is_dir():
        return _folder(path)
    if name.endswith((".h5ad", ".h5", ".loom")):
        return _hdf5(path)
    return Size(0, 0, path.stat().st_size * (PER_PACKED if name.endswith(".gz") else PER_TEXT))


def _hdf5(path: Path) -> Size:
    import h5py

    total = 0

    def add(_: str, item: Any) -> None:
        nonlocal total
        if isinstance(item, h5py.Dataset):
            total += int(item.size or 0) * item.dtype.itemsize

    with h5py.File(path, "r") as file:
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
        return _matrix_market(folder)
    cells, genes, stored = stored_values(folder)
    return Size(cells, genes, stored * (8 + PER_VALUE) + cells * PER_CELL)


def _matrix_market(folder: Path) -> Size:
    import gzip

    for file in sorted(folder.glob("*matrix.mtx*")):
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt") as lines:
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
    there = available_memory()
    if there is None or size.needed <= there:
        return
    what = f" ({size.cells:,} cells × {size.genes:,} genes)" if size.cells else ""
    raise ValueError(
        f"{argument} {path}{what} needs about {size.needed / 1e9:,.1f} GB of memory and "
        f"{there / 1e9:,.1f} GB are available: take fewer cells or genes, or a larger machine; "
        "'scinno cluster --backed' reads .h5ad and .zarr in blocks"
    )
