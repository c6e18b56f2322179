"""Source of a report: a run folder of the command line, or an h5ad file."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata as ad

from scinno._anndata.results import results_of
from scinno._data.read import read_clustered
from scinno._result.fit import Fit, load
from scinno._runtime.json import Schema, is_number, is_text, read_json
from scinno.report._content.levels import mismatch

logger = logging.getLogger("scinno")

# A file above this size is read a block of cells at a time instead of at once.
LARGE_FILE = 2_000_000_000
# What the page reads of a run's settings.json.
_SETTINGS: Schema = {"scinno": is_text, "seconds?": {"read_and_fit?": is_number}}


@dataclass(frozen=True)
class Source:
    """An opened file, with the settings.json of its run folder.

    Attributes
    ----------
    about : dict
        The run folder's settings.json; empty for a single h5ad.
    """

    path: Path
    adata: ad.AnnData
    about: dict[str, Any]

    @property
    def title(self) -> str:
        """Name of the folder or file, for a page without a title."""
        path = self.path.resolve()
        return path.parent.name if path.name == "clustered.h5ad" else path.stem


def open_source(path: Path, key: str) -> Source:
    """Open a run folder or a clustered h5ad.

    Raises
    ------
    FileNotFoundError
        ``path`` does not exist, or the folder holds no run.
    ValueError
        The file cannot be read, or holds no clusters under ``key``.
    """
    file = path / "clustered.h5ad" if path.is_dir() else path
    about = _settings(path / "settings.json") if path.is_dir() else {}
    try:
        return Source(file, read_clustered(path, key, LARGE_FILE), about)
    except KeyError as error:
        raise ValueError(f"{error.args[0]}; run 'scinno cluster' first") from None


def fit_of(source: Path, adata: ad.AnnData, key: str) -> Fit | None:
    """The model of a run folder, for its tree; None where there is none of these clusters.

    A model that cannot be read, or of other clusters, is left out with a warning: the page can do
    without.
    """
    model = source / "model.safetensors"
    if not source.is_dir() or not model.is_file():
        return None
    results = results_of(adata, key)
    try:
        fit = load(model)
        problem = mismatch(fit, results)
    except ValueError as error:
        problem = str(error)
    if problem:
        logger.warning("the page has no tree, because of %s: %s", model, problem)
        return None
    return fit


def _settings(path: Path) -> dict[str, Any]:
    """settings.json; empty where it is missing or damaged, as the page can do without."""
    try:
        return dict(read_json(path, "the settings.json of a scinno run", _SETTINGS))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        logger.warning("the page has no times of the run, because %s", error)
        return {}
