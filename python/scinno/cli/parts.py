"""``scinno subcluster`` from a finished run to a run of one of its clusters."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import typer

from scinno._anndata.subcluster import subcluster
from scinno._data.read import read_clustered
from scinno._runtime._texts.csv_text import warn_of_formulas, write_csv
from scinno._runtime.atomic import atomic_folder
from scinno._runtime.out_folder import only_user_of
from scinno.cli.earlier_run import check_free
from scinno.cli.job import ClusterJob
from scinno.cli.options import print_json, print_warnings
from scinno.cli.progress import ProgressBar
from scinno.cli.run_folder import write_run

# Column for the parts, while the run is read and written.
PARTS = "scinno_parts"


def divide(job: ClusterJob, cluster: str, key: str) -> None:
    """Fit the cells of one cluster of ``job.input_path`` and write their run.

    Raises
    ------
    ValueError, TypeError, KeyError, OSError
        What is wrong with the job, the run or the cluster, as one sentence.
    """
    run = job.input_path
    assert run is not None
    if job.out.resolve() == (run if run.is_dir() else run.parent).resolve():
        raise ValueError(f"--out {job.out} is RUN itself, which would be replaced: choose another")
    check_free(job.out, job.force)
    with only_user_of(job.out):
        _divide(job, run, cluster, key)


def _divide(job: ClusterJob, run: Path, cluster: str, key: str) -> None:
    start = time.perf_counter()
    data = read_clustered(run, key)
    about = data.uns.get(key)
    if job.layer is None and isinstance(about, Mapping):
        job = replace(job, layer=about.get("layer"))  # for the new run to remember
    if data.X is None and job.layer is None:
        raise ValueError(
            f"{run} holds no values, as after a run in blocks: cluster a file with the cells of "
            f"cluster {cluster!r} instead"
        )
    with ProgressBar(shown=not job.quiet and sys.stderr.isatty()) as bar:
        fit = subcluster(
            data, cluster, job.n_clusters, key=key, key_added=PARTS, layer=job.layer,
            settings=job.settings, seed=job.seed, device=job.device, callback=bar,
        )  # fmt: skip
    labels = data.obs.pop(PARTS)
    inside = (data.obs[key].astype(str) == cluster).to_numpy()
    part = data[inside].copy()
    seconds = round(time.perf_counter() - start, 2)
    with atomic_folder(job.out) as folder:
        failed = write_run(folder, part, fit, job, seconds, in_blocks=False).failed
        table = pd.DataFrame({"cell": data.obs_names, "label": labels.astype(str).to_numpy()})
        write_csv(folder / "all_labels.csv", table)
        warn_of_formulas(folder / "all_labels.csv", data.obs_names)
    print_warnings(fit.warnings)
    sizes = np.bincount(fit.labels, minlength=fit.n_clusters)
    parts = {f"{cluster}.{j + 1}": int(size) for j, size in enumerate(sizes)}
    if job.as_json:
        print_json({
            "cluster": cluster,
            "cells": len(fit.labels),
            "n_clusters": fit.n_clusters,
            "parts": parts,
            "seed": fit.seed,
            "warnings": fit.warnings,
            "seconds": seconds,
            "out": str(job.out),
        })  # fmt: skip
    elif not job.quiet:
        listed = ", ".join(f"{name} ({size})" for name, size in parts.items())
        typer.echo(f"{len(fit.labels)} cells of cluster {cluster} in {fit.n_clusters}: {listed}")
        typer.echo(f"their run, and labels of all {data.n_obs} cells, are in {job.out}/")
    if failed:
        raise OSError(f"{failed}; everything else is in {job.out}/")
