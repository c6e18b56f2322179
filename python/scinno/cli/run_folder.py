"""The folder of files a command-line run leaves behind, complete or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

import scinno
from scinno._anndata.cluster import store
from scinno._clusters.subsample import drawn_cells
from scinno._clusters.uncertainty import cluster_report, uncertain_cells
from scinno._drawing import maps
from scinno._result.fit import Fit


@contextmanager
def complete_or_nothing(out: Path, force: bool) -> Iterator[Path]:
    """A temporary folder that becomes ``out`` only if the block ends well.

    Raises
    ------
    FileExistsError
        ``out`` is there already and ``force`` is not given, or ``out`` is a file.
    """
    check_free(out, force)
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o777 & ~umask)
        if out.exists():
            old = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.old."))
            os.replace(out, old)
            os.replace(temporary, out)
            shutil.rmtree(old)
        else:
            os.replace(temporary, out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_free(out: Path, force: bool) -> None:
    """Refuse an output folder that would overwrite something; see `complete_or_nothing`."""
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


def scores(truth: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """ARI and NMI (arithmetic mean of entropies) of labels against given ones."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    known = ~pd.isna(truth)
    truth, labels = truth[known].astype(str), labels[known]
    return {
        "ARI": float(adjusted_rand_score(truth, labels)),
        "NMI": float(normalized_mutual_info_score(truth, labels)),
    }


def write_run(
    folder: Path,
    data: ad.AnnData,
    fit: Fit,
    label_key: str | None,
    seconds: dict[str, float],
    layer: str | None = None,
    unassigned: float | None = None,
    large: bool = False,
) -> dict[str, float]:
    """Write every file of a run into ``folder``; give the scores if labels are known.

    Parameters
    ----------
    data : AnnData, (cells, genes)
        Gets the results added to it, as `scinno.cluster` does.
    large : bool
        Memberships and embedding are in clustered.h5ad only, not as text, and the model is without
        the cells that it was trained on.
    """
    cells = data.obs_names
    if large:
        write_labels(folder, cells, fit.labels, fit.memberships, fit.code)
    else:
        write_tables(folder, cells, fit.labels, fit.memberships, fit.embedding, fit.code)
    about_clusters = cluster_report(fit.labels, fit.memberships, fit.centres, fit.code)
    about_clusters.to_csv(folder / "clusters.csv", index=False, float_format="%.6g")
    fit.history.to_csv(folder / "history.csv", index=False)
    if fit.k_evidence is not None:
        fit.k_evidence.to_csv(folder / "k_evidence.csv", index=False)
    (_without_cells(fit) if large else fit).save(folder / "model.safetensors")
    store(data, fit, "scinno", layer, unassigned)

    truth = None if label_key is None else data.obs[label_key].to_numpy()
    scored = {} if truth is None else scores(truth, fit.labels)
    shown = drawn_cells(fit.labels, fit.seed)
    note = "   ".join(f"{name} {value:.3f}" for name, value in scored.items())
    made = maps.maps(fit.embedding[shown], fit.seed)
    if len(shown) < len(cells):  # for the page, which draws the same cells
        data.uns["scinno"]["drawn"] = {"cells": shown, **made}
    for key, flat in made.items():
        kind = key.removeprefix("X_")
        title = {"tsne": "t-SNE", "umap": "UMAP"}[kind]
        if len(shown) < len(cells):
            title += f" of {len(shown):,} of {len(cells):,} cells,"
        else:
            data.obsm[f"{key}_scinno"] = flat
        maps.draw(
            folder / f"{kind}.png", flat, title, fit.labels[shown], fit.confidence[shown],
            None if truth is None else truth[shown], note,
        )  # fmt: skip
    data.write_h5ad(folder / "clustered.h5ad", compression=None if large else "gzip")
    about = {
        "scinno": scinno.__version__,
        "n_clusters": fit.n_clusters,
        "seed": fit.seed,
        "settings": asdict(fit.settings),
        "cells": data.n_obs,
        "genes": data.n_vars,
        "genes_used": len(fit.genes),
        "input": fit.preprocessing.kind,
        "seconds": seconds,
        "scores": scored,
        "warnings": fit.warnings,
    }
    (folder / "settings.json").write_text(json.dumps(about, indent=2) + "\n")
    return scored


def _without_cells(fit: Fit) -> Fit:
    """What places new cells, without one row for each cell of the training."""
    none = {name: getattr(fit, name)[:0] for name in ("labels", "memberships", "embedding", "code")}
    return replace(fit, **none)


def write_labels(
    folder: Path,
    cells: pd.Index,
    labels: np.ndarray,
    memberships: np.ndarray,
    code: np.ndarray | None = None,
) -> None:
    """Write labels.csv, one row per cell in input order.

    The code (cells, latent) of training cells tells which of them look like doublets.
    """
    table = uncertain_cells(memberships, code, labels).rename(columns={"confidence": "membership"})
    table = table.set_index(pd.Index(cells, name="cell"))
    table.to_csv(folder / "labels.csv", float_format="%.6g")


def write_placed(
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
