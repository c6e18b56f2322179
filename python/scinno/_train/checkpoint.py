"""Where training resumes after its process was killed."""

from __future__ import annotations

import hashlib
import io
import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch

from scinno._data.blocks import BLOCK
from scinno._distributed.group import ProcessGroup
from scinno._preprocess.inputs import Inputs
from scinno._runtime.atomic import write_file
from scinno._train.checkpoint_schema import DamagedError, check_state, read_content
from scinno._train.rollback import Rollback
from scinno._train.sealed import sealed, unsealed

logger = logging.getLogger("scinno")

# Seconds between two checkpoints. One takes about 0.1 s.
INTERVAL = 30.0
# Raise when the meaning of what is written changes.
FORMAT_VERSION = 3
PHASES = ("pretrain", "joint")


class Checkpoint:
    """The state of each training phase, in a file of its own in one folder.

    The main rank writes and reads for all.

    Parameters
    ----------
    folder : Path, optional
        Made when it is first needed; without one nothing is kept.
    run : dict
        What distinguishes this run from others, as plain values.
    group : ProcessGroup
    """

    def __init__(self, folder: Path | None, run: dict[str, Any], group: ProcessGroup) -> None:
        self._folder, self._run, self._group = folder, run, group
        self._written = time.monotonic()

    def save(self, phase: str, state: dict[str, Any], now: bool = False) -> None:
        """Write a phase's state, ``now`` or if it is time to, in place of the one before."""
        if self._folder is None:
            return
        due = self._group.broadcast_object(
            lambda: now or time.monotonic() - self._written >= INTERVAL
        )
        if not due:
            return
        # Every rank draws cells and noise of its own.
        own = state["random_state"].numpy()[None]
        state = state | {"random_state": torch.from_numpy(self._group.all_gather_rows(own))}
        if self._group.is_main:
            data = io.BytesIO()
            torch.save({"run": self._run, "state": state}, data)
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                write_file(_file(self._folder, phase), sealed(data.getvalue(), FORMAT_VERSION))
            except OSError as error:  # a full disk must not end hours of training
                logger.warning("%s: training goes on without it", error)
        self._written = time.monotonic()

    def load(
        self, phase: str, rollback: Rollback, n_epochs: int, n_sample: int
    ) -> dict[str, Any] | None:
        """A phase's state, if there is one; ``random_state`` is None if the group has changed.

        Parameters
        ----------
        phase : str
        rollback, n_epochs, n_sample
            What the state must fit, see `scinno._train.checkpoint_schema.check_state`.

        Raises
        ------
        ValueError
            It is none, damaged, or of another run or version.
        """
        folder = self._folder
        if folder is None:
            return None
        state = self._group.broadcast_object(
            lambda: self._read(_file(folder, phase), rollback, n_epochs, n_sample)
        )
        if state is None:
            return None
        states = state.pop("random_state")
        same = len(states) == self._group.size
        state["random_state"] = states[self._group.rank].clone() if same else None
        return state

    def _read(
        self, file: Path, rollback: Rollback, n_epochs: int, n_sample: int
    ) -> dict[str, Any] | None:
        if not file.exists():
            return None
        if not file.is_file():  # a named pipe would be waited for without end
            raise ValueError(f"{file} is not a checkpoint file: choose another folder")
        version, content = unsealed(file.read_bytes())
        if version is not None and version != FORMAT_VERSION:
            age = "a newer" if version > FORMAT_VERSION else "an older"
            raise ValueError(
                f"checkpoint {file} was written by {age} scinno: remove it to start anew"
            )
        try:
            if content is None:
                raise DamagedError("its checksum differs")
            held = read_content(content)
        except DamagedError as error:
            raise _damaged(file, error) from error
        others = [name for name, value in self._run.items() if held["run"].get(name) != value]
        if others:
            raise ValueError(
                f"checkpoint {file.parent} is of another run, with other {', '.join(others)}: "
                "choose another folder, or remove this one to start anew"
            )
        try:
            check_state(held["state"], rollback, n_epochs, n_sample)
        except DamagedError as error:
            raise _damaged(file, error) from error
        logger.warning("resuming from %s, after epoch %d", file, held["state"]["epoch"])
        return dict(held["state"])


def _damaged(file: Path, error: DamagedError) -> ValueError:
    return ValueError(
        f"{file} is not a scinno checkpoint, or damaged: {error}; remove it to start anew"
    )


def values_digest(inputs: Inputs, group: ProcessGroup) -> str:
    """A hash of all cells' values in their order, whatever the number of ranks.

    Two sums of each cell, one of them weighted by the genes' positions, stand for its values. Names
    of cells are not part of it: they do not enter a fit, so that its rows are right under any.
    """
    g = inputs.n_genes
    weights = np.stack([np.ones(g), np.arange(1.0, g + 1)], axis=1)
    parts = (slice(start, start + BLOCK) for start in range(0, inputs.n_cells, BLOCK))
    sums = [inputs.values[part].astype(np.float64) @ weights for part in parts]
    return hashlib.sha256(group.all_gather_rows(np.concatenate(sums)).tobytes()).hexdigest()


def clear_checkpoint(folder: Path | None) -> None:
    """Remove the files of a checkpoint, when the run's results are safe."""
    if folder is not None and folder.is_dir():
        for phase in PHASES:
            _file(folder, phase).unlink(missing_ok=True)
        with suppress(OSError):  # it holds something else, or is a mount or the current folder
            folder.rmdir()


def _file(folder: Path, phase: str) -> Path:
    return folder / f"{phase}.checkpoint"
