"""The folder of files that a command-line run writes."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

from scinno._anndata.store import store
from scinno._clusters.agreement import agreement
from scinno._clusters.subsample import sample_cells
from scinno._clusters.uncertainty import cluster_report, uncertain_cells
from scinno._drawing import maps
from scinno._result.fit import Fit
from scinno._version import __version__
from scinno.cli.job import ClusterJob


def check_free(out: Path, force: bool) -> None:
    """Refuse an output folder that would overwrite something.

    Raises
    ------
    FileExistsError
        ``out`` is there already and ``force`` is not given; or is a file, or not a run's folder.
    """
    if out.is_file():
        raise FileExistsError(f"--out must be a folder, but {out} is a file")
    if out.exists() and any(out.iterdir()):
        if not force:
            raise FileExistsError(f"--out {out} is not empty: choose another or add --force")
        if not (out / "settings.json").exists():
            raise FileExistsError(
                f"--out {out} is not empty and holds no earlier scinno run (no settings.json): "
                "--force replaces earlier runs only"
            )


def write_run(
    folder: Path, data: ad.AnnData, fit: Fit, job: ClusterJob, seconds: float, in_blocks: bool
) -> dict[str, float]:
    """Write every file of a run into ``folder``; give the scores if labels are known.

    Parameters
    ----------
    folder : Path
    data : AnnData, (cells, genes)
        Gets the results added to it, as `scinno.cluster` does.
    fit : Fit
    job : ClusterJob
    seconds : float
        Of reading and fitting.
    in_blocks : bool
        Memberships and embedding are in clustered.h5ad only, not as text, and the model is without
        the cells that it was trained on.
    """
    cells = data.obs_names
    if in_blocks:
        write_labels(folder, cells, fit.labels, fit.memberships, fit.latent)
    else:
        write_tables(folder, cells, fit.labels, fit.memberships, fit.embedding, fit.latent)
    clusters = cluster_report(fit.labels, fit.memberships, fit.centers, fit.latent)
    clusters.to_csv(folder / "clusters.csv", index=False, float_format="%.6g")
    fit.history.to_csv(folder / "history.csv", index=False)
    if fit.k_evidence is not None:
        fit.k_evidence.to_csv(folder / "k_evidence.csv", index=False)
    if fit.batches is not None and fit.batch_mix is not None:
        fit.batches.to_csv(folder / "batches.csv", float_format="%.6g")
        fit.batch_mix.to_csv(folder / "batch_mix.csv", index=False, float_format="%.6g")
    (_without_cells(fit) if in_blocks else fit).save(folder / "model.safetensors")
    store(data, fit, "scinno", job.layer, job.unassigned, job.batch_key or None)
    truth = None if job.label_key is None else data.obs[job.label_key].to_numpy()
    scores = {} if truth is None else agreement(truth, fit.labels)
    _draw_maps(folder, data, fit, truth, scores)
    data.write_h5ad(folder / "clustered.h5ad", compression=None if in_blocks else "gzip")
    write_settings(folder, {
        "n_clusters": fit.n_clusters,
        "seed": fit.seed,
        "settings": asdict(fit.settings),
        "cells": data.n_obs,
        "genes": data.n_vars,
        "genes_used": len(fit.genes),
        "input": fit.preprocessing.kind,
        "batches": list(fit.preprocessing.batches),
        "seconds": {"read_and_fit": seconds},
        "scores": scores,
        "warnings": fit.warnings,
    })  # fmt: skip
    return scores


def write_settings(folder: Path, about: dict[str, Any]) -> None:
    """Write settings.json, which marks a folder as scinno's."""
    text = json.dumps({"scinno": __version__} | about, indent=2)
    (folder / "settings.json").write_text(text + "\n")


def _draw_maps(
    folder: Path, data: ad.AnnData, fit: Fit, truth: np.ndarray | None, scores: dict[str, float]
) -> None:
    """Draw t-SNE and UMAP of all cells or of a sample, and keep them in ``data``."""
    shown = sample_cells(fit.labels, fit.seed)
    is_sample = len(shown) < data.n_obs
    note = "   ".join(f"{name} {value:.3f}" for name, value in scores.items())
    made = maps.maps(fit.embedding[shown], fit.seed)
    if is_sample:  # for the page, which draws the same cells
        data.uns["scinno"]["drawn"] = {"cells": shown, **made}
    for key, flat in made.items():
        kind = key.removeprefix("X_")
        title = {"tsne": "t-SNE", "umap": "UMAP"}[kind]
        if is_sample:
            title += f" of {len(shown):,} of {data.n_obs:,} cells,"
        else:
            data.obsm[f"{key}_scinno"] = flat
        maps.draw(
            folder / f"{kind}.png", flat, title, fit.labels[shown], fit.confidence[shown],
            None if truth is None else truth[shown], note,
        )  # fmt: skip


def _without_cells(fit: Fit) -> Fit:
    """What labels new cells, without one row for each cell of the training."""
    names = ("labels", "memberships", "embedding", "latent")
    info = None if fit.batch_info is None else fit.batch_info.without_cells()
    return replace(fit, batch_info=info, **{name: getattr(fit, name)[:0] for name in names})


def write_labels(
    folder: Path,
    cells: pd.Index,
    labels: np.ndarray,
    memberships: np.ndarray,
    code: np.ndarray | None = None,
) -> None:
    """Write labels.csv, one row per cell in input order.

    The latent code (cells, latent) of training cells shows which of them look like doublets.
    """
    table = uncertain_cells(memberships, code, labels)
    table = table.set_index(pd.Index(cells, name="cell"))
    table.to_csv(folder / "labels.csv", float_format="%.6g")


def write_predictions(
    folder: Path,
    cells: pd.Index,
    labels: np.ndarray,
    memberships: np.ndarray,
    embedding: np.ndarray,
) -> None:
    """Write labels.csv, and the rest into clustered.h5ad: as text it would be gigabytes."""
    write_labels(folder, cells, labels, memberships)
    levels = [str(k) for k in range(memberships.shape[1])]
    obs = pd.DataFrame(
        {
            "scinno": pd.Categorical(labels.astype(str), categories=levels),
            "scinno_confidence": memberships.max(axis=1),
        },
        index=cells,
    )
    data = ad.AnnData(obs=obs)
    data.obsm["X_scinno"], data.obsm["scinno_memberships"] = embedding, memberships
    data.write_h5ad(folder / "clustered.h5ad")


def write_tables(
    folder: Path,
    cells: pd.Index,
    labels: np.ndarray,
    memberships: np.ndarray,
    embedding: np.ndarray,
    code: np.ndarray | None = None,
) -> None:
    """Write labels.csv, memberships.csv and embedding.csv, one row per cell in input order."""
    write_labels(folder, cells, labels, memberships, code)
    index = pd.Index(cells, name="cell")
    for name, array, prefix in (
        ("memberships", memberships, "cluster_"),
        ("embedding", embedding, "scinno_"),
    ):
        columns = [f"{prefix}{j}" for j in range(array.shape[1])]
        pd.DataFrame(array, index=index, columns=columns).to_csv(
            folder / f"{name}.csv", float_format="%.6g"
        )
