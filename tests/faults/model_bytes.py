"""Model files taken apart and put together again, also into what safetensors would refuse."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from scinno._result.file_format import checksum

# Safetensors' names of kinds of numbers.
NAMES = {
    "float32": "F32", "int32": "I32", "int64": "I64", "float64": "F64", "float16": "F16",
    "bool": "BOOL", "int8": "I8", "uint8": "U8", "uint64": "U64", "int16": "I16",
}  # fmt: skip
KINDS = {name: kind for kind, name in NAMES.items()}


def apart(data: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and plain values of a sound file."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    about = json.loads(header.pop("__metadata__")["scinno"])
    arrays = {}
    for name, entry in header.items():
        start, stop = (8 + size + place for place in entry["data_offsets"])
        flat = np.frombuffer(data[start:stop], KINDS[entry["dtype"]])
        arrays[name] = flat.reshape(entry["shape"]).copy()
    return arrays, about


def header_of(arrays: dict[str, np.ndarray], about: Any) -> dict[str, Any]:
    """The header that says the truth about these arrays."""
    header: dict[str, Any] = {"__metadata__": {"scinno": json.dumps(about)}}
    place = 0
    for name, value in arrays.items():
        header[name] = {
            "dtype": NAMES[value.dtype.name],
            "shape": list(value.shape),
            "data_offsets": [place, place + value.nbytes],
        }
        place += value.nbytes
    return header


def joined(header: Any, arrays: dict[str, np.ndarray]) -> bytes:
    text = json.dumps(header).encode()
    blobs = [np.ascontiguousarray(value).tobytes() for value in arrays.values()]
    return b"".join([len(text).to_bytes(8, "little"), text, *blobs])


def together(arrays: dict[str, np.ndarray], about: dict[str, Any], forged: bool) -> bytes:
    """A file of them; its checksum is made anew if it is ``forged``, else left as it was."""
    if forged and "sha256" in about:
        rest = {name: value for name, value in about.items() if name != "sha256"}
        flat = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
        about = {"sha256": checksum(flat, rest)} | rest
    return joined(header_of(arrays, about), arrays)
