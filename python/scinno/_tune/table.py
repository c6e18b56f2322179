"""The trials of a study as rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scinno._tune.space import Space

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

# Columns around those of the settings.
BEFORE = ("trial", "state")
AFTER = ("held_out", "stability", "score", "seconds", "start", "best")
REPEATED = "repeated"


def was_judged(trial: FrozenTrial) -> bool:
    """Whether a trial came to an end of its own: not cut off, and no repetition of another."""
    return trial.user_attrs.get("state") in ("complete", "pruned")


def first_of(study: Study) -> FrozenTrial | None:
    """The first trial that was finished, which has the settings that the search starts from."""
    return next((t for t in study.trials if t.user_attrs.get("state") == "complete"), None)


def best_of(study: Study) -> FrozenTrial | None:
    """The finished trial with the highest score, the earlier one of equals."""
    complete = [t for t in study.trials if t.user_attrs.get("state") == "complete"]
    return max(complete, key=lambda trial: trial.value or 0.0, default=None)


def row_of(trial: FrozenTrial, space: Space) -> dict[str, Any]:
    """A trial as a row; what it did not come to is NaN."""
    about = trial.user_attrs
    return {
        "trial": trial.number,
        "state": about.get("state", "interrupted"),
        **{name: trial.params.get(name) for name in space},
        "held_out": float(np.mean(about.get("held_out", np.nan))),
        "stability": about.get("stability", np.nan),
        "score": trial.value if about.get("state") == "complete" else np.nan,
        "seconds": about.get("seconds", np.nan),
    }


def table_of(study: Study | None, space: Space) -> pd.DataFrame:
    """One row per trial that has ended, in their order, with marks at the first and the best."""
    columns = [
        "trial",
        "state",
        *space,
        "held_out",
        "stability",
        "score",
        "seconds",
        "start",
        "best",
    ]
    if study is None:
        return pd.DataFrame(columns=columns)
    first, best = first_of(study), best_of(study)
    rows = [
        row_of(trial, space)
        | {"start": trial == first, "best": trial == best}
        for trial in study.trials
        if trial.state.is_finished() and trial.user_attrs.get("state") != REPEATED
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
