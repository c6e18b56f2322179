"""`Tuning`: the settings to take, and all that was tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scinno._settings.settings import Settings


@dataclass(frozen=True, eq=False, repr=False)
class Tuning:
    """Settings that were searched for, with everything that was tried; what `scinno.tune` gives.

    Attributes
    ----------
    settings : Settings
        The settings to take: `best`, if it was confirmed to be better, otherwise `start`.
    start : Settings
        Where the search started: the default, or what the call gave.
    best : Settings
        Those of the trial with the highest score, confirmed or not.
    n_clusters : int or None
        K of all trials; None if the budget ended before it was estimated.
    table : DataFrame
        One row per trial: ``trial``, ``state`` ("complete", "pruned", "out of time",
        "interrupted"), a column for each setting that was searched, ``held_out`` and ``stability``
        and their product ``score``, ``seconds``, and whether it is the ``start`` and the ``best``.
    gains : ndarray of float, (halves,)
        Score of `best` less that of `start` on each half of fresh splits; empty if there was no
        time for them, or if `best` is `start`.
    budget, seconds : float
        What the search was given, and took.
    """

    settings: Settings
    start: Settings
    best: Settings
    n_clusters: int | None
    table: pd.DataFrame
    gains: np.ndarray
    budget: float
    seconds: float

    @property
    def reason(self) -> str:
        """Why these settings, in one sentence."""
        finished = int((self.table["state"] == "complete").sum())
        if not finished:
            return "no trial was finished within the budget, so the settings stay as they were"
        if self.best == self.start:
            return f"of {finished} finished trials none scored higher than the first"
        if not len(self.gains):
            return (
                "the best trial was not compared with the first on fresh splits, for which the "
                "budget was too small, so the settings stay as they were"
            )
        mean, spread = self.gains.mean(), self.gains.std(ddof=1)
        words = f"on fresh splits the best trial gains {mean:+.3f} over the first"
        if self.settings == self.best:
            return f"{words}, more than the spread between halves of {spread:.3f}"
        return (
            f"{words}, which is not more than the spread between halves of {spread:.3f}, so the "
            "settings stay as they were"
        )

    @property
    def searched(self) -> list[str]:
        """Names of the settings that were searched."""
        return [name for name in self.table if name in vars(self.start)]

    def changes(self, of: str = "settings") -> dict[str, Any]:
        """What ``settings`` (or ``best``) has in place of `start`."""
        wanted: Settings = getattr(self, of)
        both = ((name, getattr(wanted, name)) for name in self.searched)
        return {name: value for name, value in both if value != getattr(self.start, name)}

    def __repr__(self) -> str:
        changed = ", ".join(f"{name}={value!r}" for name, value in self.changes().items())
        finished = int((self.table["state"] == "complete").sum())
        return (
            f"scinno.Tuning: {changed or 'the settings stay as they were'} "
            f"({finished} finished of {len(self.table)} trials, {self.seconds:.0f} s)"
        )
