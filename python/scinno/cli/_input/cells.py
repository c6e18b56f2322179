"""The cells of a job: opened, in memory or in blocks, with what their fit needs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata as ad
import pandas as pd

from scinno._anndata.tissue import CONNECTIVITIES
from scinno._batch.columns import batch_of
from scinno._data.adata import counts_of, matrices_in, naming_counts, raw_as_x
from scinno._data.backed import layers_in, links_in, places_in
from scinno._data.blocks import BlockReader
from scinno._data.counts import InputKind, input_kind
from scinno._data.read import read_cells
from scinno._data.source import BlockSource, as_source
from scinno._distributed.env import local_world_size
from scinno._distributed.group import ProcessGroup
from scinno._preprocess.dask_stats import dask_client, dask_sums_reader
from scinno._run import RunContext
from scinno._runtime.scratch import ScratchSpace
from scinno.cli._input.backed import announce, open_backed, reads_in_blocks
from scinno.cli.job import ClusterJob

# What errors about columns call them.
BATCH_KEY = "--batch-key"


@dataclass(frozen=True)
class OpenCells:
    """Cells that are ready to be fitted.

    Attributes
    ----------
    adata : AnnData
        Gets the results; of cells in blocks it holds no values, and on ranks that do not write no
        names.
    source : BlockSource
    context : RunContext
    values : BlockReader, optional
        Values of cells in blocks, for the report.
    """

    adata: ad.AnnData
    source: BlockSource
    context: RunContext
    values: BlockReader | None = None


@contextmanager
def open_source(
    path: Path,
    layer: str | None,
    kind: InputKind,
    folder: Path | None,
    batch_key: tuple[str, ...] = (),
    batch_force: bool = False,
) -> Iterator[tuple[pd.DataFrame, BlockSource, ScratchSpace]]:
    """What is known of the cells of a file, and their values; inside the block these can be read.

    Parameters
    ----------
    path : Path
    layer : str, optional
    kind : {"auto", "counts", "log"}
    folder : Path, optional
        For temporary files; the cells are then read in blocks.
    batch_key : tuple of str
        Columns of obs that name the batch of each cell.
    batch_force : bool
        As in `scinno.fit`.
    """
    scratch = ScratchSpace(folder)
    if folder is None:
        data = read_cells(path)
        batch = batch_of(data.obs, batch_key or None, BATCH_KEY)
        with naming_counts(lambda: matrices_in(data), layer):
            yield data.obs, _source(data, layer, kind, batch, batch_force), scratch
        return
    with (
        naming_counts(lambda: layers_in(path), layer),
        open_backed(path, layer, scratch) as cells,
    ):
        batch = batch_of(cells.obs, batch_key or None, BATCH_KEY)
        names = list(cells.var_names)
        source = as_source(cells.reader, names, kind, scratch, batch, batch_force)
        yield cells.obs, source, scratch


@contextmanager
def open_job(job: ClusterJob, group: ProcessGroup) -> Iterator[OpenCells]:
    """Open the cells of a job; inside the block their values can be read.

    Raises
    ------
    ValueError
        They cannot be read, or need more memory or disk than there is.
    """
    needed_by = {
        "torchrun": not group.is_single,
        "--checkpoint": job.checkpoint is not None,
        "--scheduler": job.scheduler is not None,
    }
    first = next((name for name, needed in needed_by.items() if needed), None)
    path = job.input_path
    if path is not None and reads_in_blocks(path, job.backed, first):
        with _in_blocks(job, group) as cells:
            yield cells
        return
    adata = _demo_cells() if path is None else read_cells(path)
    batch = batch_of(adata.obs, job.batch_key or None, BATCH_KEY)
    with naming_counts(lambda: matrices_in(adata), job.layer):
        source = _source(adata, job.layer, input_kind(job.input), batch, job.batch_force)
        yield OpenCells(adata, source, RunContext())


def _source(
    adata: ad.AnnData, layer: str | None, kind: InputKind, batch: Any, batch_force: bool
) -> BlockSource:
    """Checked values of cells in memory."""
    source, name = raw_as_x(adata, layer)
    x = counts_of(source, name)
    return as_source(x, source.var_names, kind, ScratchSpace(), batch, batch_force)


@contextmanager
def _in_blocks(job: ClusterJob, group: ProcessGroup) -> Iterator[OpenCells]:
    path, folder = job.input_path, job.out.parent
    assert path is not None
    shown = job.prints_text and group.is_main
    announce(path, job.layer, job.settings, folder, shown, group.size, local_world_size())
    scratch = ScratchSpace(folder)
    # Ranks that do not write need no names of cells.
    with_obs = group.is_main or bool(job.batch_key)
    with (
        naming_counts(lambda: layers_in(path), job.layer),
        open_backed(path, job.layer, scratch, with_obs=with_obs) as cells,
        dask_client(job.scheduler) as client,
    ):
        if client is not None and cells.by_columns:
            raise ValueError(f"--scheduler needs values stored by rows, {path} has them by columns")
        kind = input_kind(job.input)
        batch = batch_of(cells.obs, job.batch_key or None, BATCH_KEY)
        names = list(cells.var_names)
        source = as_source(cells.reader, names, kind, scratch, batch, job.batch_force)
        reader = None
        if client is not None:
            reader = dask_sums_reader(client, path, job.layer, source.n_cells, kind, source.batch)
        context = RunContext(scratch, group, job.checkpoint, gene_stats_reader=reader)
        obs = {"obs": cells.obs} if group.is_main else {}
        adata = ad.AnnData(**obs, var=pd.DataFrame(index=cells.var_names))
        if group.is_main and job.spatial_key is not None:
            adata.obsm[job.spatial_key] = places_in(path, job.spatial_key)
            links = links_in(path, CONNECTIVITIES)
            if links is not None:
                adata.obsp[CONNECTIVITIES] = links
        yield OpenCells(adata, source, context, cells.reader)


def _demo_cells() -> ad.AnnData:
    """700 blood cells that ship with scanpy (10x PBMC 68k, reduced), log values."""
    import scanpy as sc

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old file format, read all the same
        adata = sc.datasets.pbmc68k_reduced().raw.to_adata()
    adata.uns.clear()
    return adata
