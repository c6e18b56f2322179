"""The header of a model file, read and checked before anything of its size is allocated."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

# Bytes of a number of each kind that a model has; others are refused.
SIZES = {"F32": 4, "I32": 4, "I64": 8}
# What the safetensors format allows at most, bytes.
MAX_HEADER = 100_000_000
EXPECTED = "expected a safetensors file that Fit.save wrote"


class DamagedError(ValueError):
    """What is wrong with a model file, without its name."""


@dataclass(frozen=True)
class Spec:
    """Kind and shape of an array, as the header says."""

    dtype: str
    shape: tuple[int, ...]


def read_model_file(path: Path) -> bytes:
    """All bytes of a file whose header agrees with its size.

    Raises
    ------
    FileNotFoundError, PermissionError
    DamagedError
        A folder or another thing that is not a file, or as `read_header`.
    """
    about = path.stat()
    # A named pipe would be waited for without end.
    if not stat.S_ISREG(about.st_mode):
        kind = "a folder" if stat.S_ISDIR(about.st_mode) else "not a regular file"
        raise DamagedError(f"it is {kind}, {EXPECTED}")
    with path.open("rb") as file:
        start = file.read(8)
        size = _header_size(start, about.st_size)
        read_header(start + file.read(size), about.st_size)
        file.seek(0)
        return file.read()


def read_header(data: bytes, total: int) -> tuple[dict[str, Spec], dict[str, Any]]:
    """What a model file says of its arrays, and its plain values.

    Parameters
    ----------
    data : bytes
        The file, or as much as holds the header.
    total : int
        Bytes of the whole file.

    Raises
    ------
    DamagedError
        Not such a header, or arrays that do not fill the rest of the file one after the other.
    """
    size = _header_size(data[:8], total)
    header = _json_object(data[8 : 8 + size])
    metadata = header.pop("__metadata__", None)
    if not isinstance(metadata, dict) or not isinstance(metadata.get("scinno"), str):
        raise DamagedError(EXPECTED)
    about = _json_object(metadata["scinno"])
    specs, parts = {}, []
    for name, entry in header.items():
        specs[name], part = _entry(name, entry)
        parts.append(part)
    end = 0
    for start, stop in sorted(parts):
        if start != end:
            raise DamagedError("its arrays overlap or leave gaps")
        end = stop
    if 8 + size + end != total:
        raise DamagedError(f"it has {total} bytes where its header says {8 + size + end}")
    return specs, about


def _header_size(start: bytes, total: int) -> int:
    size = int.from_bytes(start, "little")
    if len(start) < 8 or not 2 <= size <= MAX_HEADER:
        raise DamagedError(EXPECTED)
    if 8 + size > total:
        raise DamagedError(f"it ends within its header ({total} of at least {8 + size} bytes)")
    return size


def _json_object(text: bytes | str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    # RecursionError: lists within lists within lists.
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise DamagedError(EXPECTED)
    return value


def _entry(name: str, entry: Any) -> tuple[Spec, tuple[int, int]]:
    """An array's spec, and where its bytes begin and end."""
    good = isinstance(entry, dict) and set(entry) == {"dtype", "shape", "data_offsets"}
    if good:
        dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
        good = isinstance(dtype, str) and _are_sizes(shape) and _are_sizes(offsets)
    if not good or len(offsets) != 2:
        raise DamagedError(f"the header's entry {_short(name)} is malformed")
    if dtype not in SIZES:
        raise DamagedError(f"array {_short(name)} is of kind {_short(dtype)}")
    if offsets[1] - offsets[0] != prod(shape) * SIZES[dtype]:
        raise DamagedError(f"array {_short(name)} has another size than its shape")
    return Spec(dtype, tuple(shape)), (offsets[0], offsets[1])


def _are_sizes(value: Any) -> bool:
    """Whether it is a short list of whole numbers from 0 on that an index can hold."""
    return (
        isinstance(value, list)
        and len(value) <= 8
        and all(type(size) is int and 0 <= size < 2**48 for size in value)
    )


def _short(name: str) -> str:
    """A name of the file as an error shows it."""
    return ascii(name if len(name) <= 60 else name[:57] + "...")
