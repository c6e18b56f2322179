"""scinno with changed settings."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from _job import finish, read

import scinno


def cluster(preset: str = "default", *, with_batch: bool = True, **changes: Any) -> None:
    """Fit with these settings, and those of `--set` of the command line.

    In the task "batches" the fit gets the batches, unless it is the one without.
    """
    job = read()
    start = time.perf_counter()
    fit = scinno.fit(
        job.matrix, job.k, genes=job.genes, input=job.kind, preset=preset, seed=job.seed,
        device="cpu", batch=job.batch if with_batch else None, **{**changes, **job.settings},
    )  # fmt: skip
    finish(
        job, fit.labels, start, fit.embedding, clusters_asked=len(fit.centers),
        alive=len(np.unique(fit.labels)),
    )  # fmt: skip
