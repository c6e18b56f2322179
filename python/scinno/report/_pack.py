"""Numbers for the browser as small integers, gzip and base64."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import numpy as np
import scipy.sparse as sp

# Expression is stored in so many steps from 0 to the gene's highest value.
STEPS = 63
# Numbers of cells are stored in so many steps, the last one for "missing".
FINE_STEPS = 65_534


class Pack:
    """Arrays one after another, each at a multiple of 8 bytes, with a directory of them."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0
        self.directory: dict[str, list[Any]] = {}

    def add(self, name: str, array: np.ndarray) -> None:
        """Add an array of uint8, uint16, uint32 or float32."""
        kind = {"u1": "Uint8", "u2": "Uint16", "u4": "Uint32", "f4": "Float32"}[array.dtype.str[1:]]
        data = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
        self.directory[name] = [kind, self._length, array.size]
        data += bytes(-len(data) % 8)
        self._parts.append(data)
        self._length += len(data)

    def add_texts(self, name: str, texts: list[str]) -> None:
        """Add texts, as JSON in UTF-8."""
        self.add(name, np.frombuffer(json.dumps(texts).encode(), dtype=np.uint8))

    def text(self) -> str:
        """Everything, gzip and base64."""
        # Without a time in it, the same input gives the same page.
        return base64.b64encode(gzip.compress(b"".join(self._parts), 9, mtime=0)).decode()


def codes_dtype(n: int) -> type[np.unsignedinteger[Any]]:
    """Smallest unsigned type that holds 0 to ``n``."""
    return np.uint8 if n < 2**8 else np.uint16 if n < 2**16 else np.uint32


def fine_steps(values: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Numbers as uint16 steps above the lowest; returns steps, lowest and step.

    Whole numbers of a small range stay exact; what is not finite is the highest uint16.
    """
    values = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(values)
    low, high = (values[finite].min(), values[finite].max()) if finite.any() else (0.0, 0.0)
    exact = bool((values[finite] == np.floor(values[finite])).all()) and high - low <= FINE_STEPS
    step = 1.0 if exact else (high - low) / FINE_STEPS or 1.0
    steps = np.full(len(values), FINE_STEPS + 1, dtype=np.uint16)
    steps[finite] = np.round((values[finite] - low) / step)
    return steps, float(low), float(step)


def add_genes(pack: Pack, values: sp.csc_matrix) -> None:
    """Add expression, genes in columns: only where it is above 0, in `STEPS` steps.

    ``gene_gap`` has, for each value, how many cells without one come before it in its gene; a
    byte of 255 means 255 and the next byte is added. ``gene_level`` has the steps.
    """
    values = values.tocsc()
    values.sort_indices()
    counts = np.diff(values.indptr)
    starts = values.indptr[:-1][counts > 0]
    gap = np.diff(values.indices.astype(np.int64), prepend=0) - 1
    gap[starts] = values.indices[starts]
    width = gap // 255 + 1
    ends = np.cumsum(width)
    data = np.full(int(ends[-1]) if len(ends) else 0, 255, dtype=np.uint8)
    data[ends - 1] = gap % 255
    top = np.zeros(values.shape[1], dtype=np.float32)
    top[counts > 0] = np.maximum.reduceat(values.data, starts) if len(starts) else 0
    level = np.ceil(values.data * (STEPS / np.repeat(top, counts)) - 1e-4)
    at = np.concatenate([[0], ends])[values.indptr[:-1]]
    pack.add("gene_count", counts.astype(np.uint32))
    pack.add("gene_at", at.astype(np.uint32))
    pack.add("gene_top", top)
    pack.add("gene_gap", data)
    pack.add("gene_level", np.clip(level, 1, STEPS).astype(np.uint8))
