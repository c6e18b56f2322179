"""Characteristics of samples from a GEO series matrix."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scinno.datasets._tables import fields, opened

_TITLE = "!Sample_title"
_CHARACTERISTIC = "!Sample_characteristics_ch1"


def sample_characteristics(path: Path) -> pd.DataFrame:
    """Characteristics of samples: one row per title, one column per "key: value" key.

    Raises
    ------
    ValueError
        The file has no titles of samples, or is damaged.
    """
    titles: list[str] = []
    found: list[dict[str, str]] = []
    with opened(path) as lines:
        for line in lines:
            if line.startswith(_TITLE):
                titles = fields(line, "\t")[1:]
                found = [{} for _ in titles]
            elif line.startswith(_CHARACTERISTIC):
                # GEO closes the gaps of samples that lack a key, so one line can mix keys.
                for sample, field in zip(found, fields(line, "\t")[1:], strict=False):
                    key, colon, value = field.partition(": ")
                    if colon:
                        sample[key] = value
    if not titles:
        raise ValueError(f"{path} is not a series matrix of GEO: it has no line {_TITLE}")
    return pd.DataFrame(found, index=titles)
