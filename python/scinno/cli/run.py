"""``scinno cluster`` from a job to a folder of results."""

from __future__ import annotations

import logging
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import typer

from scinno._anndata.store import check_unassigned
from scinno._clusters.agreement import has_label
from scinno._clusters.requested_k import check_n_clusters
from scinno._distributed.group import torchrun_process_group
from scinno._fit import fit_cells
from scinno._runtime.atomic import atomic_folder
from scinno._runtime.device import pick_device
from scinno._runtime.out_folder import check_writable, only_user_of
from scinno._runtime.validate import check_seed
from scinno._train.checkpoint import clear_checkpoint
from scinno._train.phase import ended_early
from scinno.cli._input.cells import OpenCells, open_job
from scinno.cli.batch_mix import batch_summary, print_batch_mix
from scinno.cli.earlier_run import check_free
from scinno.cli.job import ClusterJob
from scinno.cli.options import print_json, print_warnings
from scinno.cli.progress import ProgressBar
from scinno.cli.run_folder import Written, check_results_fit, without_cells, write_run
from scinno.cli.tissue import say, tissue_of_job

if TYPE_CHECKING:
    import anndata as ad

    from scinno._anndata.tissue import Tissue
    from scinno._result.fit import Fit


def run(job: ClusterJob) -> None:
    """Cluster the cells of a job and write its folder; of a process group the main rank writes.

    Raises
    ------
    ValueError, TypeError, KeyError, OSError
        What is wrong with the job or its cells, as one sentence.
    """
    start = time.perf_counter()
    check_free(job.out, job.force)
    if job.checkpoint is not None:
        check_writable(job.checkpoint, "--checkpoint")
    check_unassigned(job.unassigned)
    seed, device = check_seed(job.seed), pick_device(job.device)
    with torchrun_process_group() as group, ExitStack() as locks:
        if group.is_main:
            locks.enter_context(only_user_of(job.out))
            locks.enter_context(only_user_of(job.checkpoint, "--checkpoint"))
        else:  # what all ranks see, one says
            job = replace(job, quiet=True)
            logging.getLogger("scinno").setLevel(logging.ERROR)
        with open_job(job, group) as cells:
            tissue = None
            if group.is_main:
                _check_label_key(job, cells.adata)
                tissue = tissue_of_job(job, cells.adata)
                check_results_fit(job, cells.adata, cells.values is not None)
            k = check_n_clusters(job.n_clusters, cells.source.n_cells)
            with ProgressBar(shown=not job.quiet and sys.stderr.isatty()) as bar:
                context = replace(cells.context, progress=bar.cells_done, callback=bar)
                fit = fit_cells(cells.source, k, job.settings, seed, device, context)
            if group.is_main:
                _write(job, cells, fit, tissue, round(time.perf_counter() - start, 2))
                if not ended_early(fit.history):
                    clear_checkpoint(job.checkpoint)


def _check_label_key(job: ClusterJob, adata: ad.AnnData) -> None:
    if job.label_key is not None and job.label_key not in adata.obs:
        raise ValueError(
            f"--label-key {job.label_key!r} is not in obs, which holds: "
            f"{', '.join(adata.obs) or 'none'}"
        )
    if job.label_key is not None and not has_label(adata.obs[job.label_key]).any():
        raise ValueError(f"--label-key {job.label_key!r} holds no label at all: leave it out")


def _write(
    job: ClusterJob, cells: OpenCells, fit: Fit, tissue: Tissue | None, seconds: float
) -> None:
    """The folder, the report, and what is printed."""
    in_blocks = cells.values is not None
    try:
        with atomic_folder(job.out) as folder:
            written = write_run(folder, cells.adata, fit, job, seconds, in_blocks, tissue)
    except OSError as error:  # the system does not always say where
        raise OSError(f"the results cannot be written to {job.out}: {error}") from error
    if job.report:  # when the results are safe: a page that fails must not cost a long fit
        from scinno.report import write_report

        write_report(
            cells.adata, job.out / "report.html", label_key=job.label_key, title=job.out.name,
            about={"seconds": {"read_and_fit": seconds}}, values=cells.values,
            layer=None if in_blocks else job.layer,
            fit=without_cells(fit) if in_blocks else fit,
        )  # fmt: skip
    print_warnings([*fit.warnings, *written.domains.get("warnings", ())])
    _print(job, fit, written, seconds)
    if written.failed:
        raise OSError(f"{written.failed}; everything else is in {job.out}/")


def _print(job: ClusterJob, fit: Fit, written: Written, seconds: float) -> None:
    low = 0 if job.unassigned is None else int((fit.confidence < job.unassigned).sum())
    if job.as_json:
        sizes = np.bincount(fit.labels, minlength=fit.n_clusters)
        print_json({
            "cells": len(fit.labels),
            "n_clusters": fit.n_clusters,
            "clusters": {str(j): size for j, size in enumerate(sizes)},
            "mean_confidence": fit.confidence.mean(),
            "unassigned": low,
            "genes_used": len(fit.genes),
            "input": fit.preprocessing.kind,
            "seed": fit.seed,
            "warnings": fit.warnings,
            **batch_summary(fit),
            **({"domains": written.domains} if written.domains else {}),
            "seconds": seconds,
            "scores": written.scores,
            "out": str(job.out),
        })  # fmt: skip
    if not job.prints_text:
        return
    typer.echo(f"{fit!r}")
    typer.echo(f"read and fitted in {seconds:.1f} s")
    if job.unassigned is not None:
        typer.echo(f"{low} cell(s) with a confidence below {job.unassigned:g} are unassigned")
    for name, value in written.scores.items():
        typer.echo(f"{name} against {job.label_key}: {value:.3f}")
    if written.domains:
        say(written.domains, job.label_key)
    print_batch_mix(fit)
    typer.echo(f"labels, memberships, embedding, model and pictures are in {job.out}/")
