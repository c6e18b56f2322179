"""The file format of a fit: one safetensors file with arrays, weights, and JSON for the rest."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from scinno._result._model_file.header import DamagedError, Spec, read_header

# Raise when a file written now could not be read by the code of yesterday.
# 1: scinno 0.1.0, with other names (`scinno._result.legacy`). 2: fits without batches, still.
FORMAT_VERSION = 3

Tensors = dict[str, np.ndarray]


def pack(tensors: Tensors, about: dict[str, Any], version: int) -> bytes:
    """Arrays and plain values as safetensors bytes; the same values always give the same bytes.

    ``version`` is the least that can hold them, so that older code reads what it can. A checksum
    of all is among the plain values: entries of safetensors' own metadata have no fixed order.
    """
    contiguous = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    about = {"format_version": version} | about
    text = json.dumps({"sha256": checksum(contiguous, about)} | about)
    return safetensors.numpy.save(contiguous, metadata={"scinno": text})


def read_about(data: bytes, where: str) -> tuple[dict[str, Spec], dict[str, Any]]:
    """What a file says of its arrays, and its plain values; ``where`` names it in errors.

    Raises
    ------
    DamagedError
        Truncated or foreign data.
    ValueError
        Newer data.
    """
    specs, about = read_header(data, len(data))
    version = about.get("format_version")
    if type(version) is not int or version < 1:
        raise DamagedError("it has no format version")
    if version > FORMAT_VERSION:
        raise ValueError(
            f"{where} has format version {version}, and this scinno reads up to "
            f"{FORMAT_VERSION}: upgrade with 'pip install --upgrade scinno'"
        )
    return specs, about


def read_tensors(data: bytes, about: dict[str, Any]) -> Tensors:
    """The arrays of a file whose header is sound, compared with its checksum if it has one.

    Raises
    ------
    DamagedError
        They are not what was written.
    """
    try:
        tensors = safetensors.numpy.load(data)
    except safetensors.SafetensorError as error:
        raise DamagedError(str(error)) from None
    if "sha256" in about:
        rest = {name: value for name, value in about.items() if name != "sha256"}
        if checksum(tensors, rest) != about["sha256"]:
            raise DamagedError("its content is not what was saved (the checksum differs)")
    return tensors


def checksum(tensors: Tensors, about: dict[str, Any]) -> str:
    """SHA-256 over the plain values, and over name, kind, shape and bytes of each array."""
    found = hashlib.sha256(json.dumps(about).encode())
    for name, value in sorted(tensors.items()):
        found.update(f"\n{name} {value.dtype.str} {value.shape}\n".encode())
        found.update(value.data if value.size else b"")
    return found.hexdigest()
