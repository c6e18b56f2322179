"""A small labeled set and methods for it, for the benchmark's tests."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from conftest import simulate

from scinno.bench import Plan, choose, run

HEAD = """# /// scinno-bench
# name = "{name}"
# group = "own"
# k = {k}
{more}# ///
import os, sys, time
import numpy as np
from _job import finish, read
job, start = read(), time.perf_counter()
"""

SECRET = "SECRETTYPE"


def write_method(folder: Path, key: str, body: str, k: str = '["given"]', more: str = "") -> Path:
    path = folder / f"{key}.py"
    path.write_text(HEAD.format(name=key, k=k, more=more) + body + "\n")
    return path


@pytest.fixture(scope="module")
def labeled(tmp_path_factory) -> Path:
    """A small set, sorted by type, whose types and cells have telling names."""
    counts, types = simulate(cells=90, genes=60)
    names = [f"{SECRET}{t}" for t in types]
    obs = pd.DataFrame({"cell_type": names}, index=[f"{n}_{i}" for i, n in enumerate(names)])
    var = pd.DataFrame(index=[f"G{j}" for j in range(60)])
    path = tmp_path_factory.mktemp("sets") / "small.h5ad"
    ad.AnnData(counts.astype(np.float32), obs=obs, var=var).write_h5ad(path)
    return path


def go(labeled: Path, out: Path, *methods: Path | str, **more) -> dict:
    """Run methods on the set; its finished runs by their keys."""
    names = [str(method) for method in methods]
    run(Plan(**{"sets": [labeled], "methods": choose(names), "out": out, "seeds": 1} | more))
    return {path.stem: json.loads(path.read_text()) for path in (out / "runs").glob("*.json")}


def only(records: dict) -> dict:
    assert len(records) == 1
    return next(iter(records.values()))


BENCH = """
import sys
from pathlib import Path
from scinno.bench import Plan, choose, run
run(Plan([Path(sys.argv[1])], choose([sys.argv[2]]), Path(sys.argv[3]), seeds=int(sys.argv[4])))
"""


def start(labeled: Path, method: Path, out: Path, seeds: int) -> subprocess.Popen:
    given = [sys.executable, "-c", BENCH, str(labeled), str(method), str(out), str(seeds)]
    # What a killed run leaves behind goes with the test.
    return subprocess.Popen(given, env=os.environ | {"TMPDIR": str(out.parent)})


def wait_for(what: str, true: Callable[[], bool]) -> None:
    end = time.monotonic() + 240  # a busy machine starts a Python in minutes
    while not true():
        assert time.monotonic() < end, f"not so after 240 s: {what}"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
