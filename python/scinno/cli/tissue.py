"""Domains of a tissue for the command line: what is checked before a fit, files, and words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anndata as ad
import numpy as np
import pandas as pd
import typer

from scinno._anndata.tissue import Tissue, store_domains, tissue_of
from scinno._clusters.agreement import agreement
from scinno._clusters.subsample import sample_cells
from scinno._drawing.tissue import draw_tissue, plane_of
from scinno._runtime._texts.csv_text import write_csv
from scinno._space.domains import domains_of
from scinno.cli.job import ClusterJob

if TYPE_CHECKING:
    from scinno._result.fit import Fit


def tissue_of_job(job: ClusterJob, adata: ad.AnnData) -> Tissue | None:
    """What the job's domains are looked for with, or None; errors as `tissue_of`."""
    return tissue_of(
        adata, job.spatial_key, job.library_key, job.n_domains, job.smoothing, job.n_clusters,
        called="--",
    )  # fmt: skip


def write_domains(
    folder: Path, data: ad.AnnData, fit: Fit, tissue: Tissue, truth: np.ndarray | None
) -> dict[str, Any]:
    """Find domains, write domains.csv, smoothing.csv and tissue.png, and put them into ``data``.

    Returns
    -------
    dict
        What settings.json and ``--json`` hold of them.
    """
    found = domains_of(fit, tissue.graph, tissue.n_domains, tissue.rounds, fit.seed)
    table = pd.DataFrame(
        {"domain": found.labels, "confidence": found.confidence},
        index=pd.Index(data.obs_names, name="cell"),
    )
    write_csv(folder / "domains.csv", table, index=True)
    if found.smoothing_table is not None:
        found.smoothing_table.to_csv(folder / "smoothing.csv", index=False, float_format="%.6g")
    store_domains(data, "scinno", found, tissue)
    shown = sample_cells(found.labels, fit.seed)
    slices = None if tissue.library_key is None else data.obs[tissue.library_key].to_numpy()[shown]
    plane = plane_of(np.asarray(data.obsm[tissue.spatial_key])[shown], slices)
    panels = {
        f"{fit.n_clusters} clusters": fit.labels[shown],
        f"{found.n_domains} domains": found.labels[shown],
    }
    draw_tissue(folder / "tissue.png", plane, panels)
    sizes = np.bincount(found.labels, minlength=found.n_domains)
    return {
        "n_domains": found.n_domains,
        "cells": {str(j): int(size) for j, size in enumerate(sizes)},
        "smoothing": found.smoothing,
        "scores": {} if truth is None else agreement(truth, found.labels),
        "warnings": list(found.warnings),
    }


def say(domains: dict[str, Any], label_key: str | None) -> None:
    """What is printed of domains, by what `write_domains` gave."""
    typer.echo(
        f"{domains['n_domains']} domains in the tissue, after {domains['smoothing']} round(s) of "
        "smoothing over neighbors"
    )
    for name, value in domains["scores"].items():
        typer.echo(f"{name} of domains against {label_key}: {value:.3f}")
