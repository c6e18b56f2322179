"""Codecs that a zarr store names: one of them, in zarr 2, runs code that lies in the store."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

_METADATA = (".zarray", ".zmetadata", "zarr.json")


def refuse_pickle(store: Path) -> None:
    """Refuse a store whose arrays are to be decoded by pickle (ValueError).

    zarr 3 does not know this codec, but zarr 2, which older versions of anndata use, does.
    """
    seen: set[str] = set()
    for folder, below, files in os.walk(store, followlinks=True):
        if (real := os.path.realpath(folder)) in seen:  # links in a circle
            below.clear()
            continue
        seen.add(real)
        for name in set(_METADATA) & set(files):
            try:
                bad = _names_pickle(json.loads((Path(folder) / name).read_bytes()))
            except (OSError, ValueError, RecursionError):
                continue  # whatever is wrong with it, zarr has the better error
            if bad:
                place = (Path(folder) / name).relative_to(store)
                raise ValueError(f"{place} names the codec pickle, which runs code from the file")


def _names_pickle(held: Any) -> bool:
    if isinstance(held, dict):
        codec = [held.get("id"), held.get("name")]
        if any(isinstance(name, str) and name.lower().endswith("pickle") for name in codec):
            return True
        return any(_names_pickle(value) for value in held.values())
    return isinstance(held, list) and any(_names_pickle(value) for value in held)
