"""The cells of a file through a fitted network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from scinno._data.adata import counts_of
from scinno._data.read import read_cells
from scinno._data.source import as_source
from scinno._result.fit import Fit
from scinno._result.predict import embed_new_cells, kind_of
from scinno._run import Progress, RunContext
from scinno._runtime.scratch import ScratchSpace
from scinno.cli.backed import open_backed


def embed_file(
    fit: Fit,
    path: Path,
    layer: str | None,
    min_overlap: float,
    folder: Path | None,
    progress: Progress,
) -> tuple[pd.Index, np.ndarray]:
    """Names and embedding, float32 (cells, latent), of the cells of a file.

    Parameters
    ----------
    fit : Fit
    path : Path
    layer : str, optional
    min_overlap : float
        As in `Fit.transform`.
    folder : Path, optional
        For temporary files; the cells are then read in blocks.
    progress : callable
        Gets a word for what is being done, cells done and all cells.
    """
    kind, scratch = kind_of(fit.preprocessing), ScratchSpace(folder)
    context = RunContext(scratch, progress=progress)
    if folder is None:
        data = read_cells(path)
        source = as_source(counts_of(data, layer), data.var_names, kind, scratch)
        names = data.obs_names
        embedding = embed_new_cells(source, fit.preprocessing, fit.network, min_overlap, context)
        return names, embedding
    with open_backed(path, layer, scratch) as cells:
        source = as_source(cells.reader, list(cells.var_names), kind, scratch)
        embedding = embed_new_cells(source, fit.preprocessing, fit.network, min_overlap, context)
        return cells.obs.index, embedding
