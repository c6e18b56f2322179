"""Read the file formats single-cell data comes in, and check what came back: one door for all."""

from __future__ import annotations

import math
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anndata as ad

from scinno._data._formats.hdf5 import kind_of, read_10x_h5, read_h5ad
from scinno._data._formats.loom import read_loom
from scinno._data._formats.matrix_market import MatrixFiles, read_matrix_market, samples_in
from scinno._data._formats.names import check_cell_names, plain_names, unique_genes
from scinno._data._formats.reasons import false_claim, reason
from scinno._data._formats.samples import joined, samples_of
from scinno._data._formats.table import read_table
from scinno._data._formats.text import open_bytes
from scinno._data._formats.velocity import settle_parts
from scinno._data._sparse.compressed import check_sparse
from scinno._data._stores.codecs import refuse_pickle
from scinno._data.adata import matrices_in
from scinno._data.backed import parts_of
from scinno._data.file_size import check_fits
from scinno._runtime.memory import amount, available_memory
from scinno._runtime.suggest import did_you_mean

FORMATS = (
    ".h5ad (also .gz), .zarr, a folder of several of these, 10x .h5, a 10x folder (matrix.mtx) or "
    "a folder of several, .csv, .tsv, .txt (also .gz, .bz2, .xz, .zip), .loom"
)
_PACKED = (".gz", ".bz2", ".xz", ".zip", ".zst")
_HDF5 = (".h5ad", ".h5", ".hdf5", ".loom")
# What a table's name says about its separator; others are tried, too.
_TABLES = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
# Formats of others: what to do.
_CONVERT = {
    (".rds", ".rda", ".rdata", ".h5seurat"): "write it as .h5ad in R, as with zellkonverter",
    (".xls", ".xlsx", ".ods"): "save the sheet as .csv",
    (".h5mu",): "write one modality, as with mdata['rna'].write_h5ad()",
    (".npy", ".npz", ".parquet", ".feather", ".mat"): "read it in Python and call scinno.fit",
}


def read_cells(path: str | Path, argument: str = "INPUT") -> ad.AnnData:
    """Read cells × genes from any format of `FORMATS`.

    Names of cells and genes are plain text, and those of genes differ.

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
    if not path.is_file() and not path.is_dir():
        raise ValueError(f"{argument} {path} must be a file or a folder: it is a pipe or a device")
    with _in_sentences(path, argument), _unpacked(path) as file:
        check_fits(file, argument)
        data = _read(file)
    _settle_names(data, path)
    settle_parts(data, path.name)
    return data


@contextmanager
def _in_sentences(path: Path, argument: str) -> Iterator[None]:
    """Whatever a reader raises becomes a sentence about its file (ValueError)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of readers, about files we did not write
            yield
    except MemoryError as error:
        if claim := false_claim(error, path):
            raise ValueError(f"{argument} {path} cannot be read: {claim}") from error
        raise
    except ImportError as error:
        raise ValueError(
            f"{argument} {path} needs a reader that is not installed: {error}. "
            "'pip install scinno[loom]' brings it"
        ) from error
    except Exception as error:  # readers raise whatever their file libraries raise
        if str(error).startswith(f"{argument} {path}"):  # a whole sentence
            raise
        raise ValueError(f"{argument} {path} cannot be read: {reason(error)}") from error


def _settle_names(data: ad.AnnData, path: Path) -> None:
    plain_names(data)
    unique_genes(data, path.name)
    check_cell_names(data.obs_names, path.name)


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """The file itself, or a temporary one with what a packed HDF5 file holds.

    Raises
    ------
    ValueError
        It would fill the memory, in which it could not be read then, or the disk.
    """
    name = path.name.lower()
    inner = next((name.removesuffix(end) for end in _PACKED if name.endswith(end)), "")
    if not path.is_file() or not inner.endswith(_HDF5):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="scinno-") as folder:
        file = Path(folder) / inner
        free, memory = shutil.disk_usage(folder).free, available_memory()
        with open_bytes(path) as packed, file.open("wb") as plain:
            while part := packed.read(1 << 20):
                if plain.tell() + len(part) > min(free, memory):
                    where = f"in {Path(folder).parent} (TMPDIR)" if free < memory else "in memory"
                    raise ValueError(
                        f"unpacked it is larger than the {amount(min(free, memory))} that are "
                        f"available {where}"
                    )
                plain.write(part)
        yield file


def read_clustered(
    path: str | Path, key: str = "scinno", backed_above: float = math.inf
) -> ad.AnnData:
    """Read the cells of a finished run: its folder, or an h5ad file with the clusters in obs.

    Parameters
    ----------
    path : str or Path
    key : str
    backed_above : float
        The values of a file of more bytes stay on the disk.

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
    large = file.stat().st_size > backed_above
    data = _open_backed(file, "RUN") if large else read_cells(file, "RUN")
    if key not in data.obs:
        raise KeyError(
            f"RUN {path} has no clusters under {key!r}: {did_you_mean(key, data.obs.columns)}"
        )
    return data


def _open_backed(file: Path, argument: str) -> ad.AnnData:
    """An .h5ad whose matrices stay on the disk; its blocks are checked when they are read."""
    with _in_sentences(file, argument):
        if (kind := kind_of(file)) != "h5ad":
            raise ValueError(f"it is a file of {kind}, not of AnnData")
        data = ad.read_h5ad(file, backed="r")
    _settle_names(data, file)
    return data


def _predicted(folder: Path) -> bool:
    return (folder / "labels.csv").exists() and (folder / "settings.json").exists()


def _read(path: Path) -> ad.AnnData:
    if path.is_dir():
        return _read_folder(path)
    name = path.name.lower()
    suffix = Path(name).suffix
    if suffix in _HDF5:
        readers = {"h5ad": read_h5ad, "10x": read_10x_h5, "loom": read_loom}
        return readers[kind_of(path)](path)
    for packed in _PACKED:
        name = name.removesuffix(packed)
    suffix = Path(name).suffix
    if suffix in _TABLES:
        return read_table(path, _TABLES[suffix])
    if suffix == ".mtx":
        sets = samples_in(path.parent).values()
        return read_matrix_market(next(files for files in sets if files.matrix == path))
    advice = next((text for ends, text in _CONVERT.items() if suffix in ends), "")
    raise ValueError(
        f"unknown format, must be one of {FORMATS}" + (f"; {advice}" if advice else "")
    )


def _read_folder(path: Path) -> ad.AnnData:
    parts = parts_of(path)
    if parts == [path]:
        refuse_pickle(path)
        data = ad.read_zarr(path)
        for name, matrix in {"X": data.X, **matrices_in(data)}.items():
            check_sparse(matrix, name)
        return data
    stems = [part.stem for part in parts]
    units: dict[str, Path | MatrixFiles] = {
        part.stem if stems.count(part.stem) == 1 else part.name: part for part in parts
    }
    read = {name: _read_unit(name, unit) for name, unit in (units or samples_of(path)).items()}
    return joined(read) if len(read) > 1 else next(iter(read.values()))


def _read_unit(name: str, unit: Path | MatrixFiles) -> ad.AnnData:
    """One sample of a folder; errors with its name."""
    try:
        data = read_matrix_market(unit) if isinstance(unit, MatrixFiles) else _read(unit)
    except ImportError:
        raise
    except Exception as error:  # as in `read_cells`
        raise ValueError(f"{name}: {reason(error)}") from error
    plain_names(data)
    return data
