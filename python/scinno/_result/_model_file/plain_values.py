"""What the plain values of a model file must be: settings, genes, tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

import numpy as np

from scinno._data.counts import Kind
from scinno._result._model_file.header import DamagedError
from scinno._result.legacy import COLUMNS, EARLIER_SETTINGS, rename_setting, renamed
from scinno._runtime.validate import MAX_SEED
from scinno._settings.settings import Settings

NEEDED = {"format_version", "settings", "seed", "genes", "named", "target_sum", "kind", "history"}
# Not in all versions, or not of all fits.
OPTIONAL = {"sha256", "k_evidence", "warnings", "batches"}
HISTORY = {"epoch", "n_epochs", "phase", "loss", "label_change", "seconds"}
EVIDENCE = {
    "n_clusters", "mean_purity", "min_purity", "stability", "silhouette", "in_range", "chosen",
    "runner_up",
}  # fmt: skip
# NumPy holds texts at the length of the longest one.
MAX_TEXT_BYTES = 2**30


def read_plain(about: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of a file as a fit has them.

    Returns
    -------
    dict
        settings (`Settings`), seed, genes (ndarray of str), named, target_sum, kind, history and
        k_evidence (dict of lists, or None), warnings and batches (tuples of str).

    Raises
    ------
    DamagedError
        A missing, unknown or wrong value.
    """
    for name in sorted(set(about) ^ NEEDED):
        if name not in OPTIONAL:
            kind = "lacks" if name in NEEDED else "has an unknown"
            raise DamagedError(f"it {kind} value {name[:60]!a}")
    seed, target_sum, kind = about["seed"], about["target_sum"], about["kind"]
    _require(type(seed) is int and 0 <= seed <= MAX_SEED, "seed")
    _require(isinstance(about["named"], bool), "named")
    _require(kind in get_args(Kind), "kind")
    _require(_is_finite(target_sum) and target_sum >= 0, "target_sum")
    _require(target_sum > 0 or kind != "counts", "target_sum")
    genes = _texts(about["genes"], "genes")
    _require(len(genes) > 0 and len(set(genes)) == len(genes), "genes")
    batches = _texts(about.get("batches", []), "batches")
    _require(("batches" in about) == (len(batches) > 0), "batches")
    _require(len(set(batches)) == len(batches), "batches")
    evidence = about.get("k_evidence")
    return {
        "settings": _settings(about["settings"]),
        "seed": seed,
        "genes": np.array(genes, dtype=str),
        "named": about["named"],
        "target_sum": target_sum,
        "kind": kind,
        "history": _table(about["history"], "history", HISTORY),
        "k_evidence": None if evidence is None else _table(evidence, "k_evidence", EVIDENCE),
        "warnings": tuple(_texts(about.get("warnings", []), "warnings")),
        "batches": tuple(batches),
    }


def _require(good: bool, name: str) -> None:
    if not good:
        raise DamagedError(f"its value {name!r} is not what Fit.save writes")


def _is_finite(value: Any) -> bool:
    """Whether it is a number that float64 holds, and no bool."""
    if type(value) is int:
        return abs(value) < 2**63
    return type(value) is float and math.isfinite(value)


def _settings(value: Any) -> Settings:
    _require(isinstance(value, dict), "settings")
    for part in value.values():
        _require(part is None or isinstance(part, bool | str) or _is_finite(part), "settings")
    try:
        settings = Settings(**EARLIER_SETTINGS | renamed(value, rename_setting))
    except (TypeError, ValueError) as error:
        raise DamagedError(f"its settings are refused: {error}") from None
    # 1e300 is a whole number, and becomes one that no file may have.
    whole = [part for part in asdict(settings).values() if isinstance(part, int)]
    _require(all(isinstance(part, bool) or _is_finite(part) for part in whole), "settings")
    return settings


def _texts(value: Any, name: str) -> list[str]:
    good = isinstance(value, list) and all(isinstance(text, str) for text in value)
    _require(good, name)
    longest = max(map(len, value), default=0)
    _require(len(value) * longest * 4 <= MAX_TEXT_BYTES, name)
    try:
        "".join(value).encode()
    except UnicodeEncodeError:  # half of a pair of surrogates
        _require(False, name)
    return list(value)


def _table(value: Any, name: str, needed: set[str]) -> dict[str, list[Any]]:
    """Columns of one length that hold numbers, or texts in the column ``phase``."""
    _require(isinstance(value, dict), name)
    present = renamed(value, lambda column: COLUMNS.get(column, column))
    _require(needed <= set(present), name)
    _require(all(isinstance(cells, list) for cells in present.values()), name)
    _require(len({len(cells) for cells in present.values()}) == 1, name)
    for column, cells in present.items():
        if column == "phase":
            _require(all(isinstance(cell, str) for cell in cells), name)
        else:
            # Of losses and scores NaN and infinity are true values.
            _require(all(isinstance(c, bool | float) or _is_finite(c) for c in cells), name)
    return dict(value)
