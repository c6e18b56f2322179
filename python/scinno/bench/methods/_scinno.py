"""scinno with changed settings."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from _job import finish, read

import scinno


def cluster(preset: str = "default", **changes: Any) -> None:
    """Fit with these settings, and those of `--set` of the command line."""
    job = read()
    start = time.perf_counter()
    fit = scinno.fit(
        job.matrix, job.k, genes=job.genes, input=job.kind, preset=preset, seed=job.seed,
        device="cpu", **{**changes, **job.settings},
    )  # fmt: skip
    finish(
        job, fit.labels, start, clusters_asked=len(fit.centers), alive=len(np.unique(fit.labels))
    )
