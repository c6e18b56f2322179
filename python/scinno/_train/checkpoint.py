"""Where training goes on after its process was killed."""

from __future__ import annotations

import io
import logging
import time
from pathlib import Path
from typing import Any

import torch

from scinno._distributed.group import ALONE, Team
from scinno._runtime import atomic

logger = logging.getLogger("scinno")

# Seconds between two checkpoints. One takes about 0.1 s.
EVERY = 30.0
# Raise when a file written now could not be read by the code of yesterday.
FORMAT_VERSION = 1


class Checkpoint:
    """The state of each training loop, in a file of its own in one folder.

    The first process of a team writes and reads for all.

    Parameters
    ----------
    folder : Path, optional
        Made when it is first needed; without one nothing is kept.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._team: Team = ALONE
        self._about: dict[str, Any] = {}
        self._written = time.monotonic()

    def of(self, about: dict[str, Any], team: Team) -> Checkpoint:
        """The same folder for the run that ``about`` (plain values) tells from others."""
        mine = Checkpoint(self.folder)
        mine._about, mine._team = about, team
        return mine

    def save(self, loop: str, state: dict[str, Any], now: bool = False) -> None:
        """Write a loop's state, ``now`` or if it is time to, in place of the one before."""
        if self.folder is None:
            return
        if not self._team.from_first(lambda: now or time.monotonic() - self._written >= EVERY):
            return
        # Every process draws cells and noise of its own.
        mine = state["generator"].numpy()[None]
        state = state | {"generators": torch.from_numpy(self._team.rows(mine))}
        if self._team.first:
            self.folder.mkdir(parents=True, exist_ok=True)
            data = io.BytesIO()
            torch.save({"version": FORMAT_VERSION, "about": self._about, "state": state}, data)
            atomic.write(self._file(loop), data.getvalue())
        self._written = time.monotonic()

    def load(self, loop: str) -> dict[str, Any] | None:
        """A loop's state, if there is one; its ``generator`` is None if the team has changed.

        Raises
        ------
        ValueError
            It cannot be read, or is of another run.
        """
        if self.folder is None:
            return None
        kept = self._team.from_first(lambda: self._read(loop))
        if kept is None:
            return None
        generators = kept.pop("generators")
        same = len(generators) == self._team.size
        kept["generator"] = generators[self._team.rank].clone() if same else None
        return kept

    def clear(self) -> None:
        """Remove what is there, when the run's results are safe."""
        if self.folder is not None and self._team.first and self.folder.is_dir():
            for loop in ("denoise", "cluster"):
                self._file(loop).unlink(missing_ok=True)
            if not any(self.folder.iterdir()):
                self.folder.rmdir()

    def _file(self, loop: str) -> Path:
        assert self.folder is not None
        return self.folder / f"{loop}.checkpoint"

    def _read(self, loop: str) -> dict[str, Any] | None:
        file = self._file(loop)
        if not file.exists():
            return None
        try:
            held = torch.load(file, map_location="cpu", weights_only=True)
            about, version = held["about"], held["version"]
        except Exception as error:
            raise ValueError(
                f"--checkpoint {file} cannot be read ({error}): remove it to start anew"
            ) from None
        if version > FORMAT_VERSION:
            raise ValueError(f"--checkpoint {file} is of a newer scinno: remove it to start anew")
        others = [name for name, value in self._about.items() if about.get(name) != value]
        if others:
            raise ValueError(
                f"--checkpoint {self.folder} is of another run, with other {', '.join(others)}: "
                "choose another folder, or remove this one to start anew"
            )
        logger.warning("goes on from %s, after epoch %d", file, held["state"]["epoch"])
        return dict(held["state"])


NOWHERE = Checkpoint()
