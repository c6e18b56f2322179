"""The file format of a fit: one safetensors file with arrays, weights, and JSON for the rest."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

# Raise when a file written now could not be read by the code of yesterday.
# 1: scinno 0.1.0, with other names (`scinno._result.legacy`). 2: fits without batches, still.
FORMAT_VERSION = 3

Tensors = dict[str, np.ndarray]


def pack(tensors: Tensors, about: dict[str, Any], version: int) -> bytes:
    """Arrays and plain values as safetensors bytes; the same values always give the same bytes.

    ``version`` is the least that can hold them, so that older code reads what it can.
    """
    contiguous = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    text = json.dumps({"format_version": version} | about)
    return safetensors.numpy.save(contiguous, metadata={"scinno": text})


def unpack(data: bytes, where: str) -> tuple[Tensors, dict[str, Any]]:
    """Arrays and plain values of a file; ``where`` names it in errors.

    Raises
    ------
    ValueError
        Truncated, foreign or newer data.
    """
    about = _about(data, where)
    try:
        return safetensors.numpy.load(data), about
    except safetensors.SafetensorError as error:
        raise ValueError(f"{where} is damaged or truncated: {error}") from None


def _about(data: bytes, where: str) -> dict[str, Any]:
    """The JSON part. Read by hand, because safetensors gives metadata for files only."""
    size = int.from_bytes(data[:8], "little")
    try:
        if len(data) < 8:
            raise ValueError
        header = json.loads(data[8 : 8 + size])
        about = json.loads(header["__metadata__"]["scinno"])
    except (ValueError, KeyError, TypeError):
        cut = 8 < len(data) < 8 + size < 1 << 40 and data[8:9] == b"{"
        raise ValueError(
            f"{where} is truncated: {len(data)} bytes, of a header of {size}"
            if cut
            else f"{where} is not a scinno fit (expected a safetensors file written by Fit.save)"
        ) from None
    if about["format_version"] > FORMAT_VERSION:
        raise ValueError(
            f"{where} has format version {about['format_version']}, and this scinno reads up to "
            f"{FORMAT_VERSION}: upgrade with 'pip install --upgrade scinno'"
        )
    return about
