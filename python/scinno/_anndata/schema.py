"""What the results of a clustering in an AnnData must be: kinds, shapes, finite values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, get_args

import numpy as np
import pandas as pd

from scinno._data.counts import Kind

# Of memberships, which may have been stored with fewer digits.
TOLERANCE = 1e-2


def results_problem(memberships: np.ndarray, embedding: np.ndarray) -> str:
    """What is wrong with both, as the end of a sentence; "" if nothing is.

    Parameters
    ----------
    memberships : ndarray, (cells, k)
    embedding : ndarray, (cells, latent)
    """
    for name, array in (("memberships", memberships), ("embedding", embedding)):
        if array.ndim != 2 or array.dtype.kind not in "fiu" or not array.shape[1]:
            return f"its {name} are {array.dtype} {array.shape}, not numbers of two dimensions"
        if not np.isfinite(array).all():
            return f"its {name} hold NaN or infinity"
    if memberships.min() < -TOLERANCE or memberships.max() > 1 + TOLERANCE:
        return "its memberships are not from 0 to 1"
    return ""


def about_problem(about: Mapping[str, Any]) -> str:
    """What is wrong with ``uns[key]``, by the names of this version; "" if nothing is.

    Other tools may have removed any part of it, and added others.
    """
    for name, is_good in _PARTS.items():
        if name in about and not is_good(about[name]):
            return f"its part {name!r} is not what scinno writes"
    return ""


def _number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and math.isfinite(float(value))


def _whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and 0 <= int(value) < 2**63


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _texts(value: Any) -> bool:
    if isinstance(value, str):  # anndata may store a list of one as it is
        return True
    array = np.asarray(value, dtype=object)
    return array.ndim == 1 and all(isinstance(text, str) for text in array)


def _named(is_good: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, Mapping)
        and all(isinstance(name, str) for name in value)
        and all(map(is_good, value.values()))
    )


def _plain(value: Any) -> bool:
    return isinstance(value, str | bool | np.bool_) or _number(value)


def _table(text: tuple[str, ...] = (), whole: tuple[str, ...] = ()) -> Callable[[Any], bool]:
    """A table of numbers, of which some columns are text, and some whole and never missing."""

    def is_good(value: Any) -> bool:
        if not isinstance(value, pd.DataFrame) or not value.columns.is_unique:
            return False
        for name, column in value.items():
            if name in text:
                continue
            if not isinstance(column.dtype, np.dtype) or column.dtype.kind not in "biuf":
                return False
            if name in whole and len(column):
                numbers = column.to_numpy(dtype=np.float64)
                if not np.isfinite(numbers).all() or numbers.min() < 0 or numbers.max() > 2**31:
                    return False
        return True

    return is_good


def _evidence(value: Any) -> bool:
    is_good = _table(whole=("n_clusters", "votes"))(value)
    return is_good and ("votes" not in value or not len(value) or value["votes"].sum() > 0)


def _drawn(value: Any) -> bool:
    if not isinstance(value, Mapping) or not {"cells", "X_tsne", "X_umap"} <= set(value):
        return False
    cells = np.asarray(value["cells"])
    maps = [np.asarray(value[name]) for name in ("X_tsne", "X_umap")]
    return cells.ndim == 1 and all(
        flat.shape == (len(cells), 2) and flat.dtype.kind == "f" and bool(np.isfinite(flat).all())
        for flat in maps
    )


def _domains(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    return all(
        is_good(value[name])
        for name, is_good in (
            ("spatial_key", _text),
            ("library_key", _text),
            ("n_domains", _whole),
            ("smoothing", _whole),
            ("warnings", _texts),
            ("smoothing_table", _table(whole=("rounds",))),
            ("k_evidence", _evidence),
        )
        if name in value
    )


_PARTS: dict[str, Callable[[Any], bool]] = {
    "params": _named(_plain),
    "seed": _whole,
    "n_clusters": _whole,
    "input": lambda value: isinstance(value, str) and value in get_args(Kind),
    "target_sum": lambda value: value is None or (_number(value) and value >= 0),
    "genes": _texts,
    "warnings": _texts,
    "versions": _named(_text),
    "layer": lambda value: value is None or _text(value),
    "unassigned": _number,
    "history": _table(text=("phase",), whole=("epoch", "n_epochs")),
    "k_evidence": _evidence,
    "drawn": _drawn,
    "domains": _domains,
}
