"""The first reading of all cells by the workers of a Dask scheduler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scinno._batch.labels import BatchLabels
from scinno._data.backed import open_cells
from scinno._data.blocks import BLOCK
from scinno._data.counts import InputKind, Kind
from scinno._preprocess.gene_stats import BlockSums, SumsReader, block_sums
from scinno._runtime.scratch import ScratchSpace

# Blocks whose sums may wait on the cluster at once: about 0.7 MB each.
MAX_PENDING = 256
# Seconds in which the scheduler must answer.
TIMEOUT = 20.0


@contextmanager
def dask_client(address: str | None) -> Iterator[Any]:
    """A client of the scheduler, or None without an address.

    Raises
    ------
    ValueError
        Dask's scheduler is not installed, or does not answer.
    """
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError:
        raise ValueError("--scheduler needs dask: pip install 'scinno[large]'") from None
    try:
        client = Client(address, timeout=TIMEOUT)
    except (OSError, ValueError) as error:
        raise ValueError(f"--scheduler {address} does not answer: {error}") from None
    with client:
        yield client


def dask_sums_reader(
    client: Any,
    path: Path,
    layer: str | None,
    n: int,
    input: InputKind,
    batch: BatchLabels | None = None,
) -> Callable[[range], SumsReader]:
    """`RunContext.gene_stats_reader` by the workers of ``client``.

    Sums come back block by block and are added here in the order of the cells, so that the result
    is, to the last bit, that of one process that reads everything.

    Parameters
    ----------
    client : distributed.Client
    path : Path
        As the workers see it.
    layer : str, optional
    n : int
        All cells.
    input : {"auto", "counts", "log"}
    batch : BatchLabels, optional
        Of all cells.
    """
    shared_path = path.resolve()

    def reader_of(part: range) -> SumsReader:
        def read(kind: Kind) -> Iterator[BlockSums | None]:
            starts = range(part.start, part.stop, BLOCK)
            for first in range(0, len(starts), MAX_PENDING):
                pending = starts[first : first + MAX_PENDING]
                labels = [
                    batch and batch.part(start, min(start + BLOCK, part.stop)) for start in pending
                ]
                yield from client.gather(
                    client.map(
                        _sums_of_block, pending, labels, pure=False,
                        stop=part.stop, path=shared_path, layer=layer, n=n, input=input, kind=kind,
                    )
                )  # fmt: skip

        return read

    return reader_of


def _sums_of_block(
    start: int,
    batch: BatchLabels | None,
    stop: int,
    path: Path,
    layer: str | None,
    n: int,
    input: InputKind,
    kind: Kind,
) -> BlockSums | None:
    with open_cells(path, layer, ScratchSpace.temporary(), with_obs=False) as cells:
        block = cells.reader.read(start, min(start + BLOCK, stop))
        genes = cells.var_names.to_numpy()
        return block_sums(block, start, n, genes, input, kind, batch=batch)
