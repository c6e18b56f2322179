"""Optuna's study of a search: in memory, or in a file from which the search goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scinno._runtime.extras import needs_extra
from scinno._tune.space import Space
from scinno._tune.table import REPEATED, was_judged

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import Trial

NAME = "scinno"
# Trials at random before the sampler looks at their scores, and before any trial is pruned.
RANDOM_TRIALS, UNPRUNED_TRIALS = 8, 4
# A sampler that gives what was tried this often in a row has little left to try.
MAX_REPEATS = 50


def import_optuna() -> Any:
    """Optuna, or how to install it (ModuleNotFoundError)."""
    with needs_extra("scinno.tune", "tune"):
        import optuna
    return optuna


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Optuna's own messages only from warnings on."""
    logging = import_optuna().logging
    before = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)
    try:
        yield
    finally:
        logging.set_verbosity(before)


def check_study(path: str | Path | None) -> Path | None:
    """A file that is there must hold a search.

    Raises
    ------
    FileNotFoundError
        Its folder does not exist.
    ValueError
        It is of something else.
    """
    if path is None:
        return None
    path = Path(path)
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(f"study {path}: there is no folder {path.parent}")
    if path.exists():
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
                names = {name for (name,) in file.execute("SELECT study_name FROM studies")}
        except sqlite3.Error:
            names = set()
        if NAME not in names:
            raise ValueError(f"study {path} is not a search of scinno.tune: choose another file")
    return path


def open_study(path: Path | None, run: dict[str, Any], start: dict[str, Any]) -> Study:
    """The study, whose first trial is ``start``; trials that were cut off are first to come.

    Parameters
    ----------
    path : Path, optional
        SQLite file; without one the study is gone with the program.
    run : dict
        What distinguishes this search from others, as plain values.
    start : dict
        Values of the searched settings where the search starts.

    Raises
    ------
    ValueError
        The file is of another search.
    """
    optuna = import_optuna()
    study: Study = optuna.create_study(
        storage=None if path is None else f"sqlite:///{path.absolute()}",
        study_name=NAME,
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=UNPRUNED_TRIALS),
        load_if_exists=True,
    )
    held = study.user_attrs
    others = [name for name, value in run.items() if name in held and held[name] != value]
    if others:
        raise ValueError(
            f"study {path} is of another search, with other {', '.join(others)}: choose another "
            "file, or remove this one to start anew"
        )
    for name, value in run.items():
        if name not in held:
            study.set_user_attr(name, value)
    give_back_running(study)  # those of a program that was killed
    if not study.trials:
        study.enqueue_trial(start)
    return study


def give_back_running(study: Study) -> None:
    """End what was cut off; its settings are the next to be tried."""
    states = import_optuna().trial.TrialState
    for trial in study.trials:
        if trial.state == states.RUNNING:
            study.tell(trial.number, state=states.FAIL)
            study.enqueue_trial(trial.params)


def next_trial(study: Study, space: Space, seed: int) -> Trial | None:
    """A trial whose settings were not finished before; None if there seem to be no more.

    What is tried depends on the seed and on the trials before, so that a search that was stopped
    goes on as it would have without the stop.
    """
    optuna = import_optuna()
    done = [t.params for t in study.trials if t.state.is_finished() and was_judged(t)]
    for _ in range(MAX_REPEATS):
        number = len(study.trials)
        mixed = np.random.SeedSequence([seed, number]).generate_state(1)
        study.sampler = optuna.samplers.TPESampler(
            seed=int(mixed[0]), n_startup_trials=RANDOM_TRIALS
        )
        trial = study.ask()
        for name, values in space.items():
            trial.suggest_categorical(name, values)
        if trial.params not in done:
            return trial
        trial.set_user_attr("state", REPEATED)
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    return None
