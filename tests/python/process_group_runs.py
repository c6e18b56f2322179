"""Runs of two processes, one after the other, so that each loads torch once; run by torchrun.

    process_group_runs.py FOLDER

FOLDER/runs.json holds the arguments of ``scinno`` for each run, by its name. FOLDER gets
NAME.RANK.json with how the run ended and what it printed, and checks.json of process_group_checks.
"""

import contextlib
import io
import json
import os
import sys
from pathlib import Path

import process_group_checks

from scinno.__main__ import main


def ended(words: list[str]) -> dict:
    """Run the program in this process: its exit status and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["scinno", *words]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
            status: object = 0
        except SystemExit as end:
            status = end.code or 0
    return {"status": status, "out": out.getvalue(), "err": err.getvalue()}


folder = Path(sys.argv[1])
process_group_checks.main(folder / "checks.json")
for name, words in json.loads((folder / "runs.json").read_text()).items():
    (folder / f"{name}.{os.environ['RANK']}.json").write_text(json.dumps(ended(words)))
