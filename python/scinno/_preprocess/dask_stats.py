"""The first reading of all cells by the workers of a Dask scheduler."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scinno._data.backed import open_cells
from scinno._data.blocks import BLOCK
from scinno._data.counts import InputKind
from scinno._preprocess.gene_stats import Kind, Reading, Sums, sums_of
from scinno._runtime.scratch import Room

# Blocks whose sums may wait on the cluster at once: about 0.7 MB each.
WAITING = 256
# Seconds in which the scheduler must answer.
PATIENCE = 20.0


@contextmanager
def dask_client(address: str | None) -> Iterator[Any]:
    """A client of the scheduler, or None without an address.

    Raises
    ------
    ValueError
        Dask's scheduler is not installed, or nobody answers.
    """
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError:
        raise ValueError("--scheduler needs dask: pip install 'scinno[large]'") from None
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise ValueError(f"--scheduler {address} does not answer: {error}") from None
    with client:
        yield client


def reading_by(
    client: Any, path: Path, layer: str | None, n: int, input: InputKind
) -> Callable[[range], Reading]:
    """`survey`'s ``reading`` of a part of the cells, by the workers of ``client``.

    Sums come back block by block and are added here in the order of the cells, so that the result
    is, to the last bit, that of one process that reads everything.

    Parameters
    ----------
    path : Path
        As the workers see it.
    n : int
        All cells.
    """
    where = path.resolve()

    def of(part: range) -> Reading:
        def read(kind: Kind) -> Iterator[Sums | None]:
            starts = range(part.start, part.stop, BLOCK)
            for first in range(0, len(starts), WAITING):
                yield from client.gather(
                    client.map(
                        _sums_of_block, starts[first : first + WAITING], pure=False,
                        stop=part.stop, path=where, layer=layer, n=n, input=input, kind=kind,
                    )
                )  # fmt: skip

        return read

    return of


def _sums_of_block(
    start: int, stop: int, path: Path, layer: str | None, n: int, input: InputKind, kind: Kind
) -> Sums | None:
    room = Room(Path(tempfile.gettempdir()))
    with open_cells(path, layer, room, with_obs=False) as files:
        block = files.rows.read(start, min(start + BLOCK, stop))
        return sums_of(block, start, n, files.var_names.to_numpy(), input, kind)
