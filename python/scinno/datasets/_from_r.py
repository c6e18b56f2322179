"""Read the export of inst/scripts/scRNAseq-sets.R: the same sets from Bioconductor's objects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import scipy.io
import scipy.sparse as sp

from scinno.datasets._parse import Parsed, muraro_genes
from scinno.datasets._tables import Table

FOLDER = "from-r"
# Written last: if it exists, the others are complete.
_CELLS = "cells.csv"


def exported(folder: Path) -> Path | None:
    """The folder of a complete export within a set's folder, or None."""
    found = folder / FOLDER
    return found if (found / _CELLS).is_file() else None


def read_export(folder: Path) -> Parsed:
    """Read counts.mtx (genes × cells), genes.csv and cells.csv.

    Raises
    ------
    ValueError
        Their numbers of cells or genes differ.
    """
    matrix = sp.csr_matrix(scipy.io.mmread(folder / "counts.mtx").T, dtype=np.float32)
    obs = pd.read_csv(folder / _CELLS, index_col=0, dtype=str)
    # A gene may be called NA.
    var = pd.read_csv(folder / "genes.csv", index_col=0, dtype=str, keep_default_na=False)
    if matrix.shape != (len(obs), len(var)):
        raise ValueError(
            f"{folder} must hold {len(obs)} cells and {len(var)} genes, but counts.mtx has "
            f"{matrix.shape[0]} and {matrix.shape[1]}: run the R script again"
        )
    obs.index = obs.index.astype(str)
    table = Table(matrix, obs.index.tolist(), var.index.tolist())
    named = all("__" in gene for gene in table.genes)
    var = muraro_genes(table.genes) if named else var.rename_axis(None)
    return Parsed(table, obs.rename_axis(None), var)
