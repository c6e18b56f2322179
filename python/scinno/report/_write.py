"""`write_report`: collect, render and write a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anndata as ad

from scinno._data.blocks import BlockReader, block_reader_of, is_on_disk
from scinno._data.counts import as_counts
from scinno._result.fit import Fit
from scinno._runtime import atomic
from scinno._runtime.scratch import ScratchSpace
from scinno._runtime.validate import checked
from scinno.report._content.contents import collect
from scinno.report._html import html


@checked
def write_report(
    adata: ad.AnnData,
    path: str | Path,
    *,
    key: str = "scinno",
    label_key: str | None = None,
    batch_key: str | None = None,
    genes: Sequence[str] | None = None,
    title: str | None = None,
    layer: str | None = None,
    about: Mapping[str, Any] | None = None,
    values: Any = None,
    fit: Fit | None = None,
) -> Path:
    """Write one self-contained HTML page about a clustering, which opens offline.

    Parameters
    ----------
    adata : AnnData, (cells, genes)
        Clustered by `scinno.cluster` or ``scinno cluster``; in memory or backed, not changed.
        Above 20,000 cells the maps and markers are of a sample that holds every cluster; all
        other numbers are of all cells.
    path : str or Path
        The page; an existing file is replaced, in one step at the end.
    key : str
        Name under which the results are stored.
    label_key, batch_key : str, optional
        Columns of ``obs`` with known labels, to compare with, and with batches (default
        ``"batch"`` if there is such a column).
    genes : sequence of str, optional
        Genes whose expression the page must hold, beside markers and variable genes.
    title : str, optional
    layer : str, optional
        Layer with the counts, or "raw" for ``adata.raw``; default what was clustered, else
        ``adata.X``.
    about : mapping, optional
        The run folder's settings.json, for its times.
    values : matrix, in memory or on the disk, (cells, genes), optional
        What was clustered, where ``adata`` does not hold it, as after a run in blocks.
    fit : Fit, optional
        What `scinno.cluster` returned, or its saved model: adds the levels of the clustering, a
        tree with evidence for each split.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    TypeError
        ``adata`` is not an AnnData, or ``fit`` not a Fit.
    FileNotFoundError, IsADirectoryError
        The folder of ``path`` does not exist; ``path`` is a folder.
    ValueError
        No results under ``key``; an unknown column, layer or gene; no values, those of other cells
        or genes, or values that are neither counts nor log values; a fit of other cells or
        clusters.

    Examples
    --------
    >>> fit = scinno.cluster(adata, n_clusters=10)  # doctest: +SKIP
    >>> scinno.report.write_report(adata, "report.html", fit=fit)  # doctest: +SKIP
    """
    if not isinstance(adata, ad.AnnData):
        raise TypeError(f"adata must be an AnnData, got {type(adata).__name__}")
    if fit is not None and not isinstance(fit, Fit):
        raise TypeError(f"fit must be a scinno.Fit, got {type(fit).__name__}")
    if genes is not None:
        genes = [genes] if isinstance(genes, str) else [str(gene) for gene in genes]
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"the page must be a file, but {path} is a folder")
    if not path.absolute().parent.is_dir():  # before the work
        raise FileNotFoundError(f"there is no folder {path.parent} to write the page into")
    reader = None if values is None else _reader_of(values)
    contents = collect(
        adata, key, label_key, batch_key, genes, title, layer, about or {}, reader, fit
    )
    page = html(contents)
    atomic.write_file(path, page.encode(errors="replace"))
    return path


def _reader_of(values: Any) -> BlockReader:
    """Values on the disk as they are, those in memory checked."""
    if isinstance(values, BlockReader):
        return values
    if not is_on_disk(values):
        try:
            values = as_counts(values, None, "normalized").matrix
        except (TypeError, ValueError) as error:
            raise type(error)(f"values: {error}") from error
    return block_reader_of(values, ScratchSpace.temporary())
