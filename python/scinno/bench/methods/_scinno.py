"""scinno with changed settings."""

from __future__ import annotations

import time
from typing import Any, Literal

import numpy as np
from _job import finish, read

import scinno


def cluster(
    preset: str = "default",
    *,
    with_batch: bool = True,
    smoothing: int | Literal["auto"] = "auto",
    **changes: Any,
) -> None:
    """Fit with these settings, and those of `--set` of the command line.

    In the task "batches" the fit gets the batches, unless it is the one without. In the task
    "domains" the answer is `scinno.domains` of the fit, with K for both.
    """
    job = read()
    start = time.perf_counter()
    fit = scinno.fit(
        job.matrix, job.k, genes=job.genes, input=job.kind, preset=preset, seed=job.seed,
        device="cpu", batch=job.batch if with_batch else None, **{**changes, **job.settings},
    )  # fmt: skip
    if job.coordinates is not None:
        found = scinno.domains(
            fit, job.coordinates, job.k, slices=job.slices, smoothing=smoothing, seed=job.seed
        )
        finish(job, found.labels, start, smoothing=found.smoothing)
        return
    finish(
        job, fit.labels, start, fit.embedding, clusters_asked=len(fit.centers),
        alive=len(np.unique(fit.labels)),
    )  # fmt: skip
