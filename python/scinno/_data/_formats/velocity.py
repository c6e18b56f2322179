"""RNA velocity's layers: spliced counts alone must not stand for all."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import anndata as ad
import numpy as np

logger = logging.getLogger("scinno")

_PARTS = ("spliced", "unspliced", "ambiguous", "spanning")
# Stored values of a matrix on the disk that are read at once.
_AT_ONCE = 1 << 24


def settle_parts(data: ad.AnnData, name: str) -> None:
    """Say what X is of the layers spliced, unspliced and ambiguous; their sum if it is empty."""
    parts = _parts_of(data.layers)
    if data.X is None or not parts:
        return
    sums = {part: float(data.layers[part].sum()) for part in parts}
    total, x = sum(sums.values()), float(data.X.sum())
    if x == 0 and total:
        data.X = sum(data.layers[part] for part in parts)
        logger.warning("%s: X is empty, so the sum of %s is taken", name, ", ".join(parts))
        return
    _say_part(x, sums, name)


def say_parts_on_disk(file: Any, name: str) -> None:
    """Say as `settle_parts` what X of an open file is, without taking it into memory.

    Of sparse matrices values are read only if X has as many of them as one of the layers.

    Raises
    ------
    ValueError
        X is empty, and the layers are not.
    """
    layers = file.get("layers", {})
    parts = _parts_of(layers)
    if "X" not in file or not parts:
        return
    sizes = {_n_stored(layers[part]) for part in parts}
    n = _n_stored(file["X"])
    if n and None not in {n, *sizes} and n not in sizes:
        return
    x = _sum(file["X"])
    sums = {part: _sum(layers[part]) for part in parts}
    if x == 0 and any(sums.values()):
        raise ValueError(
            f"{name}: X is empty: name the layer to read (--layer {parts[0]}), or read it with "
            f"--in-memory, which takes the sum of {', '.join(parts)}"
        )
    _say_part(x, sums, name)


def _parts_of(layers: Mapping[str, Any]) -> list[str]:
    """Names of the layers that add up; none where there is nothing to add."""
    parts = [part for part in _PARTS if part in layers]
    return parts if {"spliced", "unspliced"} <= set(parts) else []


def _say_part(x: float, sums: Mapping[str, float], name: str) -> None:
    total = sum(sums.values())
    for part, part_sum in sums.items():
        if x == part_sum != total:
            logger.warning(
                "%s: X holds the %s counts only, %.0f%% of those in %s; --layer takes another",
                name, part, 100 * x / total, ", ".join(sums),
            )  # fmt: skip


def _values(node: Any) -> Any:
    """Where the numbers of a matrix on the disk lie."""
    return node if hasattr(node, "dtype") else node["data"]


def _n_stored(node: Any) -> int | None:
    """Stored values of a sparse matrix; None of a dense one, which also stores zeros."""
    return None if hasattr(node, "dtype") else int(node["data"].shape[0])


def _sum(node: Any) -> float:
    return float(sum(part.sum(dtype=np.float64) for part in _in_parts(_values(node))))


def _in_parts(values: Any) -> Iterator[np.ndarray]:
    shape: Sequence[int] = values.shape
    rows = max(1, _AT_ONCE // max(1, int(np.prod(shape[1:], dtype=np.int64))))
    for start in range(0, shape[0], rows):
        yield np.asarray(values[start : start + rows])
