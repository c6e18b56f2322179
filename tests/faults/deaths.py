"""Runs to be ended: in Python, as one of two ranks, or by their own hand at a rename."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata as ad
from forked import QUICK, program

import scinno
from scinno._runtime import atomic


def python_fit(path: Path, state: Path, out: Path) -> Callable[[], None]:
    """`scinno.fit` in memory with a checkpoint, then the folder that the command line writes.

    A program that waits for one function has no folder of results of its own: a run of the command
    line, with the bits that the function gave, is put in its place in one step.
    """

    def call() -> None:
        data = ad.read_h5ad(path)
        fit = scinno.fit(data.X, 3, genes=list(data.var_names), checkpoint=state, **QUICK)
        from scinno._runtime.out_folder import only_user_of

        with only_user_of(out), atomic.atomic_folder(out) as folder:
            from scinno.cli.job import ClusterJob, settings_of
            from scinno.cli.run_folder import write_run

            job = ClusterJob(path, 3, out, settings_of("default", QUICK))
            write_run(folder, data, fit, job, 0.0, False)

    return call


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def rank(number: int, port: int, words: list[object]) -> Callable[[], None]:
    """The program as torchrun begins it on one of two ranks."""

    def call() -> None:
        names = {"RANK": number, "LOCAL_RANK": number, "WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2,
                 "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}  # fmt: skip
        os.environ |= {name: str(value) for name, value in names.items()}
        program(*words)()

    return call


def at_rename(words: list[object], moment: int | None, exchange: bool) -> Callable[[], None]:
    """The program that kills itself before its n-th rename (2 n), or after it (2 n + 1).

    Without a moment it prints how many renames there are.
    """
    done = [0]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def rename(*arguments: Any, **options: Any) -> Any:
            if done[0] == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            result = real(*arguments, **options)
            if done[0] + 1 == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            done[0] += 2
            return result

        return rename

    def call() -> None:
        os.replace, os.rename = counted(os.replace), counted(os.rename)
        atomic._exchange = counted(atomic._exchange) if exchange else lambda *_: False
        try:
            program(*words)()
        finally:
            print(done[0] // 2)

    return call
