"""What an HDF5 file holds, whatever its name says, and 10x's files of this kind."""

from __future__ import annotations

import logging
from pathlib import Path

import anndata as ad
import h5py
import numpy as np

from scinno._data._formats.features import check_has_genes
from scinno._data._sparse.compressed import check_claims, check_h5ad, check_stored

logger = logging.getLogger("scinno")

# Groups that mark formats which are not read: what they are, and what to do.
_MOLECULES = (
    "it lists molecules (molecule_info.h5), not cells: give filtered_feature_bc_matrix.h5 of the "
    "same run"
)
_FOREIGN = (
    ({"barcode_idx"}, _MOLECULES),
    ({"barcode", "umi", "reads"}, _MOLECULES),  # of Cell Ranger 2
    ({"mod"}, "it is a MuData file: write one modality, as with mdata['rna'].write_h5ad()"),
    ({"cell.names", "assays"}, "it is an h5Seurat file: convert it with SeuratDisk's Convert()"),
)


# What the matrix of Cell Ranger 3 and later is made of.
_NEEDED = (
    "data", "indices", "indptr", "shape", "barcodes", "features/id", "features/name",
    "features/feature_type",
)  # fmt: skip


def kind_of(path: Path) -> str:
    """``"h5ad"``, ``"10x"`` or ``"loom"``, by what the file holds.

    Raises
    ------
    ValueError
        None of these, or a data set claims more than the file can hold.
    OSError
        It is not an HDF5 file, or is truncated.
    """
    if not path.stat().st_size:
        raise ValueError("it is empty")
    with h5py.File(path, "r") as file:
        check_claims(file)
        names = set(file)
        if {"obs", "var"} <= names:
            return "h5ad"
        if {"matrix", "row_attrs", "col_attrs"} <= names:
            return "loom"
        for marks, what in _FOREIGN:
            if marks <= names:
                raise ValueError(what)
        if isinstance(file.get("matrix"), h5py.Group) or _genomes(file):
            return "10x"
    held = ", ".join(sorted(names)[:5]) or "nothing"
    raise ValueError(f"it is an HDF5 file, but not of AnnData, 10x or loom: it holds {held}")


def _genomes(file: h5py.File) -> list[str]:
    """Groups of a file of Cell Ranger 2, one for each genome."""
    return [
        name
        for name, group in file.items()
        if isinstance(group, h5py.Group) and {"barcodes", "genes", "data"} <= set(group)
    ]


def read_h5ad(path: Path) -> ad.AnnData:
    """Read a file of AnnData whose matrices are sound.

    Raises
    ------
    ValueError
        A sparse matrix whose indices make none, or a data set that claims more than there is.
    """
    with h5py.File(path, "r") as file:
        check_h5ad(file)
    return ad.read_h5ad(path)


def read_10x_h5(path: Path) -> ad.AnnData:
    """Read a matrix of Cell Ranger; features that are not genes are left out.

    Raises
    ------
    ValueError
        It holds no gene expression; or several genomes, each with cells of its own; or a part of a
        matrix is missing.
    """
    import scanpy as sc

    with h5py.File(path, "r") as file:
        if genomes := _genomes(file):
            if len(genomes) > 1:
                raise ValueError(
                    f"it holds several genomes ({', '.join(genomes)}), each with cells of its own: "
                    f"write one as .h5ad, scanpy.read_10x_h5(file, genome={genomes[0]!r})"
                    ".write_h5ad(…)"
                )
            group = file[genomes[0]]
            check_stored(group, group["shape"][:][::-1], True, "its matrix")
            return sc.read_10x_h5(path, genome=genomes[0])
        if lacking := [name for name in _NEEDED if name not in file["matrix"]]:
            raise ValueError(
                f"its group 'matrix' has no {', '.join(lacking)}, as Cell Ranger's has: download "
                "or write it again"
            )
        features = file["matrix/features"]
        check_has_genes(features["feature_type"].asstr()[()])
        if "genome" in features:
            found = sorted(set(np.char.strip(features["genome"].asstr()[()].astype(str))) - {""})
            if len(found) > 1:
                logger.warning(
                    "%s holds genes of several genomes (%s): cells are clustered by all of them",
                    path, ", ".join(found),
                )  # fmt: skip
        check_stored(file["matrix"], file["matrix/shape"][:][::-1], True, "its matrix")
    return sc.read_10x_h5(path)
