"""Values of a run in blocks, whose folder holds none: from the file that was clustered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anndata as ad
import scipy.sparse as sp

from scinno._anndata.results import results_of
from scinno._clusters.subsample import sample_cells
from scinno._data.blocks import BlockReader, iterate_blocks
from scinno._runtime.scratch import ScratchSpace
from scinno.cli._input.backed import open_backed


@contextmanager
def values_of_run(
    path: Path, layer: str | None, adata: ad.AnnData, folder: Path
) -> Iterator[BlockReader]:
    """Open the file(s) of the run that ``adata`` is of; temporary files lie in ``folder``.

    Raises
    ------
    ValueError
        They cannot be read, or hold other cells or genes, or in another order.
    """
    with open_backed(path, layer, ScratchSpace(folder)) as cells:
        for what, found, expected in (
            ("cells", cells.obs.index, adata.obs_names),
            ("genes", cells.var_names, adata.var_names),
        ):
            if not found.astype(str).equals(expected.astype(str)):
                raise ValueError(
                    f"--values {path} must hold the {what} of the run in their order, but its "
                    f"{len(found):,} {what} are not those {len(expected):,}"
                )
        yield cells.reader


def sample_with_values(adata: ad.AnnData, reader: BlockReader, key: str) -> ad.AnnData:
    """The cells that pictures draw, all or a sample that holds every cluster, with their values."""
    results = results_of(adata, key)
    drawn = sample_cells(results.labels, int(results.about.get("seed", 0)))
    kept = []
    for start, block in iterate_blocks(reader):
        inside = drawn[(drawn >= start) & (drawn < start + block.shape[0])]
        kept.append(block[inside - start])
    about = {name: value for name, value in results.about.items() if name != "layer"}
    return ad.AnnData(
        sp.vstack(kept, format="csr"), obs=adata.obs.iloc[drawn], var=adata.var, uns={key: about}
    )
