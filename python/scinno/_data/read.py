"""Read the file formats single-cell data comes in, through scanpy and anndata."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import anndata as ad

from scinno._data.file_size import check_fits
from scinno._runtime.suggest import did_you_mean

FORMATS = (
    ".h5ad, .zarr, a folder of several of these, 10x .h5, a 10x folder (matrix.mtx), "
    ".csv, .tsv, .txt (also .gz), .loom"
)


def read_cells(path: str | Path, argument: str = "INPUT") -> ad.AnnData:
    """Read cells × genes from any format of `FORMATS`.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder.
    ValueError
        The format is not known, the file cannot be read as that format, or it would not fit into
        memory.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{argument} {path} does not exist")
    name = path.name.lower()
    if name.endswith((".h5ad.gz", ".h5.gz", ".loom.gz", ".zarr.gz")):
        raise ValueError(f"{argument} {path} is packed: unpack it first, as with gunzip")
    check_fits(path, argument)
    name = name.removesuffix(".gz")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of readers, about files we did not write
            data = _read(path, name)
    except ImportError as error:
        raise ValueError(
            f"{argument} {path} needs a reader that is not installed: {error}. "
            "'pip install scinno[loom]' brings it"
        ) from error
    except Exception as error:  # readers raise whatever their file libraries raise
        raise ValueError(f"{argument} {path} cannot be read: {reason(error)}") from error
    if not data.var_names.is_unique:
        # 10x files repeat gene symbols; scanpy's own tutorials do this first.
        data.var_names_make_unique()
    return data


def reason(error: Exception) -> str:
    """What a reader has to say, in a few words."""
    text = (str(error).splitlines() or ["no reason given"])[0]
    if cut := re.search(r"truncated file: eof = (\d+),.*stored_eof = (\d+)", text):
        return f"it is truncated ({cut[1]} of {cut[2]} bytes), copy or download it again"
    if "file signature not found" in text:
        return "it is not an HDF5 file, whatever its name says"
    return f"{type(error).__name__}: {text}"


def read_clustered(path: str | Path, key: str = "scinno") -> ad.AnnData:
    """Read the cells of a finished run: its folder, or an h5ad file with the clusters in obs.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder, or the folder holds no run.
    ValueError
        The file cannot be read.
    KeyError
        The file has no such column of clusters.
    """
    path = Path(path)
    file = path
    if path.is_dir():
        file = path / "clustered.h5ad"
        if not any(path.iterdir()):
            raise FileNotFoundError(f"RUN {path} is an empty folder; 'scinno cluster' fills one")
        if not file.exists():
            what = "was made by 'scinno predict'" if _predicted(path) else "is not a scinno run"
            raise FileNotFoundError(
                f"RUN {path} {what}: it has no clustered.h5ad, which 'scinno cluster' writes"
            )
    elif not path.exists():
        raise FileNotFoundError(f"RUN {path} does not exist")
    elif path.suffix != ".h5ad":
        raise ValueError(f"RUN {path} must be the folder of a run or a clustered .h5ad file")
    data = read_cells(file, "RUN")
    if key not in data.obs:
        raise KeyError(
            f"RUN {path} has no clusters under {key!r}: {did_you_mean(key, data.obs.columns)}"
        )
    return data


def _predicted(folder: Path) -> bool:
    return (folder / "labels.csv").exists() and (folder / "settings.json").exists()


def _read(path: Path, name: str) -> ad.AnnData:
    import scanpy as sc

    if path.is_dir():
        return _read_folder(path)
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


def _read_folder(path: Path) -> ad.AnnData:
    import scanpy as sc

    from scinno._data.backed import parts_of

    parts = parts_of(path)
    if not parts:
        return sc.read_10x_mtx(path)
    if parts == [path]:
        return ad.read_zarr(path)
    read = {part.stem: _read(part, part.name.lower()) for part in parts}
    for data in read.values():
        data.var_names_make_unique()
    data = ad.concat(read, join="inner", label="file")
    if not data.obs_names.is_unique:
        data.obs_names = data.obs_names + "-" + data.obs["file"].astype(str)
    return data
