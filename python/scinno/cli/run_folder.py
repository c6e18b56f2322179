"""The folder of files that a command-line run writes."""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import anndata as ad
import numpy as np
import pandas as pd

from scinno._anndata.store import store
from scinno._anndata.tissue import Tissue
from scinno._clusters.agreement import agreement
from scinno._clusters.subsample import sample_cells
from scinno._clusters.uncertainty import cluster_report, uncertain_cells
from scinno._data._formats.reasons import reason
from scinno._drawing import layout, maps
from scinno._result.fit import Fit
from scinno._runtime._texts.csv_text import warn_of_formulas, write_csv
from scinno._runtime.out_folder import check_space
from scinno._version import __version__
from scinno.cli.failures import Failures
from scinno.cli.job import ClusterJob
from scinno.cli.tissue import write_domains

# Bytes of results, at least: of each byte of values, packed; of each cell, also as text and in the
# model where it is in memory; of each weight of the network, which has two layers of this width.
PACKED, PER_CELL, PER_CELL_AS_TEXT, PER_WEIGHT = 0.2, 500, 3000, 8
# … of pictures, and of what does not grow with the genes.
ALWAYS = 1_500_000


def check_results_fit(job: ClusterJob, data: ad.AnnData, in_blocks: bool) -> None:
    """Refuse, before the fit, what could not be written after it.

    Raises
    ------
    ValueError
        clustered.h5ad cannot hold a name or a table of the cells.
    OSError
        The disk has too little space.
    """
    values = 0 if data.X is None else getattr(data.X, "data", data.X).nbytes
    per_cell = PER_CELL if in_blocks else PER_CELL_AS_TEXT
    weights = job.settings.n_hidden * min(job.settings.n_genes, data.n_vars)
    check_space(job.out, ALWAYS + PACKED * values + per_cell * data.n_obs + PER_WEIGHT * weights)
    few = ad.AnnData(obs=data.obs[:1], var=data.var[:1], uns=data.uns)
    for name, table in data.obsm.items():
        few.obsm[name] = table[:1]
    with warnings.catch_warnings(), _all_strings():
        warnings.simplefilter("ignore")  # they come again when all is written
        try:
            with tempfile.TemporaryDirectory() as folder:
                few.write_h5ad(Path(folder) / "few.h5ad")
        except OSError:  # a full TMPDIR says nothing about the results
            return
        except Exception as error:  # of anndata, of many kinds
            raise ValueError(
                f"clustered.h5ad cannot be written with what INPUT holds: {reason(error)}. Rename "
                "or remove it in INPUT"
            ) from error


class Written(NamedTuple):
    """What became of the files of a run.

    Attributes
    ----------
    scores : dict of str to float
        Of the labels against known ones.
    domains : dict
        See `write_domains`; empty without.
    failed : str
        What could not be written, and why; "" if all could.
    """

    scores: dict[str, float]
    domains: dict[str, Any]
    failed: str


def write_run(
    folder: Path,
    data: ad.AnnData,
    fit: Fit,
    job: ClusterJob,
    seconds: float,
    in_blocks: bool,
    tissue: Tissue | None = None,
) -> Written:
    """Write every file of a run into ``folder``.

    Labels and the model are written first. A file that cannot be written costs only itself: the
    others are kept.

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
    cells, failed = data.obs_names, Failures(folder)
    truth = None if job.label_key is None else data.obs[job.label_key].to_numpy()
    scores = {} if truth is None else agreement(truth, fit.labels)
    about = {
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
        "warnings": list(fit.warnings),
    }
    # Without these two there is no run. The first is written again below: it then needs no space.
    write_settings(folder, about | {"warnings": [*fit.warnings, " " * 2000]})
    write_labels(folder, cells, fit.labels, fit.memberships, fit.latent)
    with failed.of("model.safetensors"):
        (without_cells(fit) if in_blocks else fit).save(folder / "model.safetensors")
    if not in_blocks:
        for name, array in (("memberships", fit.memberships), ("embedding", fit.embedding)):
            with failed.of(f"{name}.csv"):
                write_table(folder, cells, name, array)
    with failed.of("clusters.csv"):
        clusters = cluster_report(fit.labels, fit.memberships, fit.centers, fit.latent)
        clusters.to_csv(folder / "clusters.csv", index=False, float_format="%.6g")
    with failed.of("history.csv"):
        fit.history.to_csv(folder / "history.csv", index=False)
    if fit.k_evidence is not None:
        with failed.of("k_evidence.csv"):
            fit.k_evidence.to_csv(folder / "k_evidence.csv", index=False)
    if fit.batches is not None and fit.batch_mix is not None:
        with failed.of("batches.csv and batch_mix.csv"):
            write_csv(folder / "batches.csv", fit.batches, index=True)
            write_csv(folder / "batch_mix.csv", fit.batch_mix)
    with failed.of("tsne.png and umap.png"):
        store(data, fit, "scinno", job.layer, job.unassigned, job.batch_key or None)
        _draw_maps(folder, data, fit, truth, scores)
    domains: dict[str, Any] = {}
    if tissue is not None:
        with failed.of("domains.csv and smoothing.csv and tissue.png"):
            domains = write_domains(folder, data, fit, tissue, truth)
        about["domains"] = domains
    with _quiet_h5py(), failed.of("clustered.h5ad"):
        _write_h5ad(data, folder / "clustered.h5ad", None if in_blocks else "gzip")
    write_settings(folder, about | {"warnings": [*fit.warnings, *failed.sentences]})
    return Written(scores, domains, "; ".join(failed.sentences))


def _all_strings() -> AbstractContextManager[object]:
    """Allow text of pandas' string types in uns, which older versions of anndata cannot read."""
    option = "allow_write_nullable_strings"
    return ad.settings.override(**{option: True}) if hasattr(ad.settings, option) else nullcontext()


@contextmanager
def _quiet_h5py() -> Iterator[None]:
    """Nothing is printed of objects that h5py cannot flush to a full disk when they are removed."""
    before = sys.unraisablehook, sys.excepthook
    # Cython calls both.
    sys.unraisablehook = lambda _: None
    sys.excepthook = lambda *_: None
    try:
        yield
        gc.collect()
    finally:
        sys.unraisablehook, sys.excepthook = before


def _write_h5ad(data: ad.AnnData, path: Path, compression: Literal["gzip"] | None) -> None:
    """Write the largest file of a run."""
    with _all_strings():
        data.write_h5ad(path, compression=compression)


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
    made = layout.maps(fit.embedding[shown], fit.seed)
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


def without_cells(fit: Fit) -> Fit:
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
    """Write labels.csv, one row per cell in input order, with the names exactly as they are.

    The latent code (cells, latent) of training cells shows which of them look like doublets.
    """
    table = uncertain_cells(memberships, code, labels)
    table = table.set_index(pd.Index(cells, name="cell"))
    write_csv(folder / "labels.csv", table, index=True)
    warn_of_formulas(folder / "labels.csv", map(str, cells))


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
    write_table(folder, cells, "memberships", memberships)
    write_table(folder, cells, "embedding", embedding)


def write_table(folder: Path, cells: pd.Index, name: str, array: np.ndarray) -> None:
    """Write memberships.csv or embedding.csv."""
    prefix = {"memberships": "cluster_", "embedding": "scinno_"}[name]
    columns = [f"{prefix}{j}" for j in range(array.shape[1])]
    table = pd.DataFrame(array, index=pd.Index(cells, name="cell"), columns=columns)
    write_csv(folder / f"{name}.csv", table, index=True)
