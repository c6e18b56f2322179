"""``scinno`` that kills a process of its own after the first checkpoint of a phase, once.

    ended_once.py FOLDER PHASE:RANK [PHASE:RANK …] [arguments of scinno]

FOLDER gets a file PHASE.killed when it has happened.
"""

import os
import signal
import sys
from pathlib import Path

from scinno._train import checkpoint
from scinno.cli import main

folder, victims = Path(sys.argv[1]), [word for word in sys.argv[2:4] if ":" in word]
sys.argv[1 : 2 + len(victims)] = []
_save = checkpoint.Checkpoint.save


def save(self: checkpoint.Checkpoint, name: str, state: dict, now: bool = False) -> None:
    _save(self, name, state, now)
    mine = f"{name}:{os.environ.get('RANK', '0')}" in victims
    if mine and not (folder / f"{name}.killed").exists():
        (folder / f"{name}.killed").touch()
        os.kill(os.getpid(), signal.SIGKILL)


checkpoint.INTERVAL = 0.0  # after every epoch
checkpoint.Checkpoint.save = save
main()
