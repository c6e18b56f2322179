"""Read the file formats single-cell data comes in, through scanpy and anndata."""

from __future__ import annotations

import warnings
from pathlib import Path

import anndata as ad

FORMATS = ".h5ad, 10x .h5, a 10x folder (matrix.mtx), .csv, .tsv, .txt (also .gz), .loom"


def read_cells(path: str | Path) -> ad.AnnData:
    """Read cells × genes from any format of `FORMATS`.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder.
    ValueError
        The format is not known, or the file cannot be read as that format.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"INPUT {path} does not exist")
    name = path.name.lower().removesuffix(".gz")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of readers, about files we did not write
            data = _read(path, name)
    except ImportError as error:
        raise ValueError(
            f"INPUT {path} needs a reader that is not installed: {error}. "
            "'pip install scinno[loom]' brings it"
        ) from error
    except Exception as error:  # readers raise whatever their file libraries raise
        raise ValueError(
            f"INPUT {path} cannot be read: {type(error).__name__}: {str(error).splitlines()[0]}"
        ) from error
    if not data.var_names.is_unique:
        # 10x files repeat gene symbols; scanpy's own tutorials do this first.
        data.var_names_make_unique()
    return data


def _read(path: Path, name: str) -> ad.AnnData:
    import scanpy as sc

    if path.is_dir():
        return sc.read_10x_mtx(path)
    if name.endswith(".h5ad"):
        return ad.read_h5ad(path)
    if name.endswith(".h5"):
        return sc.read_10x_h5(path)
    if name.endswith(".loom"):
        return sc.read_loom(path, sparse=True)
    if name.endswith(".csv"):
        return sc.read_csv(path)
    if name.endswith((".tsv", ".txt")):
        return sc.read_csv(path, delimiter="\t")
    raise ValueError(f"unknown format, must be one of {FORMATS}")
