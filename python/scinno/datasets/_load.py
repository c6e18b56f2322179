"""Load a set by its name as AnnData."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import anndata as ad
import numpy as np

from scinno._runtime.suggest import did_you_mean
from scinno._runtime.validate import checked
from scinno.datasets._catalog import CATALOG, DataSet, RemoteFile
from scinno.datasets._from_r import exported, read_export
from scinno.datasets._parse import PARSERS, Parsed

Cells = Literal["labeled", "paper", "all"]
_CELLS = ("labeled", "paper", "all")


@checked
def load(
    name: str,
    *,
    cells: Cells = "labeled",
    labels: bool = True,
    rounded: bool = True,
    folder: str | Path | None = None,
    base_url: str | None = None,
) -> ad.AnnData:
    """Load one of the publication's five sets, downloading its files on the first call.

    Counts come from the public accessions. Labels do so for ``lawlor`` and ``bhattacherjee``; for
    ``kolodziejczyk`` they are the media in the cells' names, in a table on the authors' site
    (E-MTAB-2600 itself has only reads). Labels of ``muraro`` were given by the authors to another
    group, whose public copy may be gone; those of ``bmcite`` are only in an R object.
    ``inst/scripts/scRNAseq-sets.R`` writes both from R.

    No source publishes checksums of these files. A download is complete when its length is the
    one that the server states; the next call resumes an incomplete one.

    Parameters
    ----------
    name : {"muraro", "lawlor", "kolodziejczyk", "bhattacherjee", "bmcite"}
        The set.
    cells : {"labeled", "paper", "all"}
        Cells with a label; or those that the publication used (``muraro`` with the cells without
        a label as a type of their own, "unlabeled"; ``bhattacherjee`` adult mice only); or all
        that the files hold, with a missing label where there is none.
    labels : bool
        False loads all cells without ``obs["cell_type"]`` and needs no file of labels.
    rounded : bool
        Round ``muraro`` and ``lawlor``, whose published counts are not integers, so that
        `scinno.fit` treats them as counts. False leaves the values as published.
    folder : path, optional
        Folder of the files, with one folder per set; default the environment variable
        SCINNO_DATASETS, else the user's cache. Files put there by hand are used.
    base_url : str, optional
        Folder of a mirror that holds all the files; default the environment variable
        SCINNO_DATASETS_URL, else each file's own address.

    Returns
    -------
    AnnData, (cells, genes)
        ``X`` float32 CSR, raw counts without spike-ins; ``obs["cell_type"]``, and where known
        ``obs["batch"]`` (plate, sample) and ``obs["donor"]``; in ``uns`` the "source" (addresses),
        "accession", "license", "citation", "doi", "labels_from", "units" and "rounded".

    Raises
    ------
    ValueError
        No such set, an unknown choice, a damaged file, or one with another checksum than published.
    ConnectionError
        A file cannot be downloaded; the error has its address, the folder to put it into by hand,
        and how to get the set from R.
    FileNotFoundError
        The labels of ``bmcite`` are missing.
    """
    if name not in CATALOG:
        raise ValueError(f"there is no data set {name!r}: {did_you_mean(name, CATALOG)}")
    if cells not in _CELLS:
        raise ValueError(f"cells must be one of {', '.join(_CELLS)}, got {cells!r}")
    dataset = CATALOG[name]
    set_folder = _cache(folder) / name
    parsed, sources = _parsed(dataset, set_folder, labels, base_url or _environment_url())
    adata = _as_anndata(parsed, rounded)
    if labels:
        adata = _selected(adata, name, cells)
    elif "cell_type" in adata.obs:
        del adata.obs["cell_type"]
    adata.uns |= {
        "name": name,
        "accession": dataset.accession,
        "source": sources,
        "labels_from": dataset.labels_from,
        "license": dataset.license,
        "citation": dataset.citation,
        "doi": dataset.doi,
        "units": dataset.units,
    }
    return adata


def _cache(folder: str | Path | None) -> Path:
    import pooch

    return Path(folder or os.environ.get("SCINNO_DATASETS") or pooch.os_cache("scinno")).absolute()


def _environment_url() -> str | None:
    return os.environ.get("SCINNO_DATASETS_URL") or None


def _parsed(
    dataset: DataSet, folder: Path, labels: bool, base_url: str | None
) -> tuple[Parsed, list[str]]:
    if (found := exported(folder)) is not None:
        return read_export(found), [dataset.in_r or str(found)]
    # Only a download needs requests; neither an export nor --help does.
    from scinno.datasets._download import fetch

    def get(file: RemoteFile, otherwise: str) -> Path:
        return fetch(file, folder, base_url, otherwise)

    from_r = (
        f"run 'Rscript scRNAseq-sets.R {dataset.name} {folder.parent}' (in inst/scripts), which "
        f"exports {dataset.in_r}"
        if dataset.in_r
        else ""
    )
    label_file = dataset.labels if labels else None
    # The small file first: without it the large one is useless.
    without = "labels=False loads the set without labels"
    label_path = (
        get(label_file, ", or ".join(filter(None, (from_r, without)))) if label_file else None
    )
    counts_path = get(dataset.counts, from_r)
    files = [dataset.counts, *([label_file] if label_file else [])]
    return PARSERS[dataset.name](counts_path, label_path), [f.url() or f.name for f in files]


def _as_anndata(parsed: Parsed, rounded: bool) -> ad.AnnData:
    matrix = parsed.table.matrix
    integers = np.rint(matrix.data)
    changed = bool(rounded and not np.array_equal(integers, matrix.data))
    if changed:
        matrix = matrix.copy()
        matrix.data = integers
        matrix.eliminate_zeros()
    matrix.sort_indices()
    obs = parsed.obs.apply(lambda column: column.astype("category"))
    adata = ad.AnnData(matrix, obs=obs, var=parsed.var, uns={"rounded": changed})
    if not adata.var_names.is_unique:
        adata.var_names_make_unique()
    return adata


def _selected(adata: ad.AnnData, name: str, cells: Cells) -> ad.AnnData:
    if "cell_type" not in adata.obs or adata.obs["cell_type"].isna().all():
        raise ValueError(
            f"the files of {name} have no labels: labels=False loads the set without them"
        )
    selected = np.ones(adata.n_obs, dtype=bool)
    if cells == "paper" and name == "muraro":
        types: Any = adata.obs["cell_type"].cat.add_categories("unlabeled")
        adata.obs["cell_type"] = types.fillna("unlabeled")
    elif cells != "all":
        selected &= adata.obs["cell_type"].notna().to_numpy()
        if cells == "paper" and name == "bhattacherjee":
            selected &= (adata.obs["stage"] == "Adult").to_numpy()
    return adata if selected.all() else adata[selected].copy()
