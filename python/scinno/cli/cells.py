"""The cells of a job: opened, in memory or in blocks, with what their fit needs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import anndata as ad
import pandas as pd

from scinno._data.adata import counts_of, matrices_in, naming_counts, raw_as_x
from scinno._data.backed import layers_in
from scinno._data.blocks import BlockReader
from scinno._data.counts import InputKind, input_kind
from scinno._data.read import read_cells
from scinno._data.source import BlockSource, as_source
from scinno._distributed.env import local_world_size
from scinno._distributed.group import ProcessGroup
from scinno._preprocess.dask_stats import dask_client, dask_sums_reader
from scinno._run import RunContext
from scinno._runtime.scratch import ScratchSpace
from scinno.cli.backed import announce, open_backed, reads_in_blocks
from scinno.cli.job import ClusterJob


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
    path: Path, layer: str | None, kind: InputKind, folder: Path | None
) -> Iterator[tuple[pd.Index, BlockSource, ScratchSpace]]:
    """Names of the cells of a file, and their values; inside the block these can be read.

    Parameters
    ----------
    path : Path
    layer : str, optional
    kind : {"auto", "counts", "log"}
    folder : Path, optional
        For temporary files; the cells are then read in blocks.
    """
    scratch = ScratchSpace(folder)
    if folder is None:
        data = read_cells(path)
        with naming_counts(lambda: matrices_in(data), layer):
            yield data.obs_names, _source(data, layer, kind), scratch
        return
    with (
        naming_counts(lambda: layers_in(path), layer),
        open_backed(path, layer, scratch) as cells,
    ):
        source = as_source(cells.reader, list(cells.var_names), kind, scratch)
        yield cells.obs.index, source, scratch


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
    with naming_counts(lambda: matrices_in(adata), job.layer):
        source = _source(adata, job.layer, input_kind(job.input))
        yield OpenCells(adata, source, RunContext())


def _source(adata: ad.AnnData, layer: str | None, kind: InputKind) -> BlockSource:
    """Checked values of cells in memory."""
    source, name = raw_as_x(adata, layer)
    return as_source(counts_of(source, name), source.var_names, kind, ScratchSpace())


@contextmanager
def _in_blocks(job: ClusterJob, group: ProcessGroup) -> Iterator[OpenCells]:
    path, folder = job.input_path, job.out.parent
    assert path is not None
    shown = job.prints_text and group.is_main
    announce(path, job.layer, job.settings, folder, shown, group.size, local_world_size())
    scratch = ScratchSpace(folder)
    with (
        naming_counts(lambda: layers_in(path), job.layer),
        open_backed(path, job.layer, scratch, with_obs=group.is_main) as cells,
        dask_client(job.scheduler) as client,
    ):
        if client is not None and cells.by_columns:
            raise ValueError(f"--scheduler needs values stored by rows, {path} has them by columns")
        kind = input_kind(job.input)
        source = as_source(cells.reader, list(cells.var_names), kind, scratch)
        reader = None
        if client is not None:
            reader = dask_sums_reader(client, path, job.layer, source.n_cells, kind)
        context = RunContext(scratch, group, job.checkpoint, gene_stats_reader=reader)
        # Ranks that do not write need no names of cells.
        obs = {"obs": cells.obs} if group.is_main else {}
        adata = ad.AnnData(**obs, var=pd.DataFrame(index=cells.var_names))
        yield OpenCells(adata, source, context, cells.reader)


def _demo_cells() -> ad.AnnData:
    """700 blood cells that ship with scanpy (10x PBMC 68k, reduced), log values."""
    import scanpy as sc

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old file format, read all the same
        adata = sc.datasets.pbmc68k_reduced().raw.to_adata()
    adata.uns.clear()
    return adata
