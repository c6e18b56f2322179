"""Folders of samples: which there are, and their cells as one."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import anndata as ad

from scinno._data._formats.matrix_market import WANTED, MatrixFiles, samples_in

logger = logging.getLogger("scinno")

# Where Cell Ranger puts the cells of a sample, below its folder.
_BELOW = ("", "filtered_feature_bc_matrix", "outs/filtered_feature_bc_matrix")
_RAW, _FILTERED = re.compile(r"(^|_)raw([_.]|$)"), re.compile(r"(^|_)filtered([_.]|$)")


def samples_of(folder: Path) -> dict[str, Path | MatrixFiles]:
    """The samples of a folder by their names: its own matrices, 10x .h5 files, or folders in it.

    Raises
    ------
    ValueError
        There are none; or both all droplets and the cells among them.
    """
    found: dict[str, Path | MatrixFiles] = {
        prefix.strip("_.- ") or folder.name: files for prefix, files in samples_in(folder).items()
    }
    if found:
        return found
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if not entries:
        raise ValueError("it is an empty folder")
    found = {path.stem: path for path in entries if path.suffix.lower() == ".h5"}
    if not found:
        for sub in (path for path in entries if path.is_dir()):
            found |= _below(sub)
    raw = [name for name in found if _RAW.search(name)]
    filtered = [name for name in found if _FILTERED.search(name)]
    if raw and filtered:
        raise ValueError(
            f"it holds all droplets ({raw[0]}) and the cells among them ({filtered[0]}): give the "
            "latter"
        )
    if not found:
        held = ", ".join(path.name for path in entries[:5])
        raise ValueError(f"it holds no matrix of cells; wanted are {WANTED}, and it holds {held}")
    return found


def _below(sub: Path) -> dict[str, Path | MatrixFiles]:
    """The samples of a folder in the folder."""
    for place in _BELOW:
        if (sub / place).is_dir() and (sets := samples_in(sub / place)):
            several = len(sets) > 1
            return {
                f"{sub.name}_{prefix.strip('_.- ')}" if several else sub.name: files
                for prefix, files in sets.items()
            }
    return {}


def joined(read: Mapping[str, ad.AnnData]) -> ad.AnnData:
    """Several samples below each other, with their common genes and the column ``file`` in obs.

    Raises
    ------
    ValueError
        They have fewer than two genes in common.
    """
    for data in read.values():
        data.var_names_make_unique()
    data = ad.concat(dict(read), join="inner", label="file")
    check_common_genes(list(read), [data.var_names[0] for data in read.values()], data.n_vars)
    say_left_out(max(part.n_vars for part in read.values()) - data.n_vars, len(read))
    if not data.obs_names.is_unique:
        data.obs_names = data.obs_names + "-" + data.obs["file"].astype(str)
    return data


def check_common_genes(labels: Sequence[str], first_genes: Sequence[str], common: int) -> None:
    """Refuse files with fewer than two genes in common (ValueError)."""
    if common < 2:
        raise ValueError(
            f"files of a folder must have genes in common, but {labels[0]} (with genes like "
            f"{first_genes[0]!r}) and the others share {common}"
        )


def say_left_out(n_genes: int, n_files: int) -> None:
    """Warn of genes that are not in all files."""
    if n_genes:
        logger.warning(
            "up to %d genes of a file are not in all %d and are left out", n_genes, n_files
        )
