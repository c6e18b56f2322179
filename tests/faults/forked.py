"""Short runs of scinno in forked processes, which need not load torch anew, and their results."""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

import scinno
from scinno.__main__ import main
from scinno._drawing import layout, maps
from scinno._runtime.threads import one_thread
from scinno._train import checkpoint

QUICK = {"pretrain_epochs": 4, "joint_epochs": 2, "steps_per_epoch": 8, "n_genes": 60,
         "n_hidden": 32, "n_latent": 16, "n_pcs": 10, "batch_size": 32}  # fmt: skip
SET = [f"--set={name}={value}" for name, value in QUICK.items()]
# Files of a run: of every one, and of one whose cells were in memory.
FILES = {"labels.csv", "clusters.csv", "history.csv", "model.safetensors", "clustered.h5ad",
         "settings.json"}  # fmt: skip
IN_MEMORY = {"memberships.csv", "embedding.csv"}
# A run takes about a second.
TIMEOUT = 120.0


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit status, negative for a signal, and what it said."""

    status: int
    said: str


def cells(folder: Path) -> Path:
    """A file of 90 cells of three plain types."""
    rng = np.random.default_rng(0)
    rates = rng.gamma(0.6, 0.5, size=80) * np.ones((3, 1))
    for j in range(3):
        rates[j, j * 12 : (j + 1) * 12] += 4
    x = rng.poisson(rates[np.arange(90) % 3]).astype(np.float32)
    obs = pd.DataFrame(index=[f"c{i}" for i in range(90)])
    path = folder / "in.h5ad"
    ad.AnnData(x, obs=obs, var=pd.DataFrame(index=[f"G{j}" for j in range(80)])).write_h5ad(path)
    return path


@contextmanager
def without_pictures() -> Iterator[None]:
    """Runs without maps, which would take most of the time; a checkpoint after every epoch.

    On one thread: a fork would wait for ever for the others of its parent.
    """
    before = layout.maps, maps.draw, checkpoint.INTERVAL
    layout.maps = lambda embedding, _: {f"X_{name}": embedding[:, :2] for name in ("tsne", "umap")}
    maps.draw = lambda *_: None
    checkpoint.INTERVAL = 0.0
    try:
        with one_thread():
            yield
    finally:
        layout.maps, maps.draw, checkpoint.INTERVAL = before


def program(*words: object) -> Callable[[], None]:
    """The program ``scinno`` with these words."""

    def call() -> None:
        sys.argv = ["scinno", *map(str, words)]
        main()

    return call


def forked(call: Callable[[], None], log: Path) -> int:
    """Begin ``call`` in a new process, whose output goes to ``log``; its number."""
    sys.stdout.flush()
    sys.stderr.flush()
    number = os.fork()
    if number:
        return number
    status = 0
    try:
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        logging.root.handlers.clear()  # those of a test, which keep what is said
        logging.disable(logging.NOTSET)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        call()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def waited(number: int, log: Path) -> Ended:
    """How the process ended; one that takes too long is killed, and that is an error."""
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        done, status = os.waitpid(number, os.WNOHANG)
        if done:
            return Ended(os.waitstatus_to_exitcode(status), log.read_text(errors="replace"))
        time.sleep(0.005)
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)
    raise TimeoutError(f"it hangs, having said: {log.read_text(errors='replace')}")


def complete(out: Path) -> str:
    """Why a folder is no whole run; "" if it is one."""
    names = {path.name for path in out.iterdir()}
    if not (names >= FILES and names - FILES in (set(), IN_MEMORY)):
        return f"{out.name} holds {', '.join(sorted(names)) or 'nothing'}"
    labels = pd.read_csv(out / "labels.csv")["label"]
    kept = ad.read_h5ad(out / "clustered.h5ad").obs["scinno"].astype(int)
    scinno.load(out / "model.safetensors")
    return "" if labels.tolist() == kept.tolist() else f"the files in {out.name} differ"


def bits(out: Path) -> str:
    """A digest of what a run has found, to the last bit."""
    fit = scinno.load(out / "model.safetensors")
    data = ad.read_h5ad(out / "clustered.h5ad")
    arrays = (fit.centers, data.obsm["X_scinno"], data.obsm["scinno_memberships"])
    return hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()
