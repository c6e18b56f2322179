"""The report page for R: an AnnData from the counts, metadata and fit that R sends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from scinno._anndata.store import store
from scinno._result.fit import Fit
from scinno.report import write_report


def report(request: dict[str, Any], counts: sp.csr_matrix, fit: Fit) -> None:
    """Write the page.

    Parameters
    ----------
    request : dict
        file, genes, cells, metadata (columns by name), label, batch, title and shown (genes that
        the page must have); the last four may be None.
    counts : csr_matrix, (cells, genes)
        In the order of the fit's cells.
    fit : Fit

    Raises
    ------
    KeyError, ValueError
        As `scinno.report.write_report`.
    """
    data = ad.AnnData(
        counts.astype(np.float32),
        obs=_columns(request["metadata"], request["cells"]),
        var=pd.DataFrame(index=pd.Index(request["genes"], dtype=object)),
    )
    store(data, fit, "scinno")
    write_report(
        data,
        Path(request["file"]),
        label_key=request["label"],
        batch_key=request["batch"],
        genes=request["shown"],
        title=request["title"],
        fit=fit,
    )


def _columns(metadata: dict[str, list[Any]], cells: list[str]) -> pd.DataFrame:
    """R's columns: text becomes categories, in the order in which they first appear."""
    table = pd.DataFrame(index=pd.Index(cells, dtype=object))
    for name, values in metadata.items():
        column = pd.Series(values, index=table.index)
        table[name] = column if column.dtype.kind in "fiub" else pd.Categorical(column)
    return table
