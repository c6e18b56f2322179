"""Many cells like those of a real set: resampled, each with its own multinomial noise.

    python benchmarks/make_cells.py cells.h5ad 1000000 big.h5ad

Each new cell is based on a random cell of the set; its counts are drawn from a multinomial with the
fractions of that cell, mixed with those of another cell of its type, so that no two are equal. The
file is written in blocks.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp
from anndata.io import sparse_dataset, write_elem

BLOCK = 5000
# Fraction of a cell's counts that are drawn from another cell of its type.
OTHER = 0.3


def new_cells(
    counts: sp.csr_matrix, first: np.ndarray, second: np.ndarray, random: np.random.Generator
) -> sp.csr_matrix:
    """Counts of new cells, float32 (cells, genes): from ``first``, and `OTHER` from ``second``.

    A multinomial, drawn count by count: each takes a place in the running sum of all counts.
    """
    ends = np.cumsum(counts.data, dtype=np.float64)
    before = np.concatenate([[0.0], ends])[counts.indptr]
    totals = np.diff(before)
    number = totals[first].astype(np.int64)
    other = random.binomial(number, OTHER)
    cells = np.arange(len(first))
    row = np.concatenate([np.repeat(cells, number - other), np.repeat(cells, other)])
    source = np.concatenate([np.repeat(first, number - other), np.repeat(second, other)])
    place = before[source] + random.random(len(source)) * totals[source]
    gene = counts.indices[np.minimum(np.searchsorted(ends, place, "right"), len(ends) - 1)]
    ones = np.ones(len(row), dtype=np.float32)
    return sp.coo_matrix((ones, (row, gene)), shape=(len(first), counts.shape[1])).tocsr()


def make(path: Path, cells: int, out: Path, seed: int = 0, block: int = BLOCK) -> None:
    """Write ``out``: X as CSR, obs with cell_type."""
    source = ad.read_h5ad(path)
    counts = sp.csr_matrix(source.X)
    types = source.obs["cell_type"].astype(str).to_numpy()
    same = {kind: np.flatnonzero(types == kind) for kind in np.unique(types)}
    random = np.random.default_rng(seed)
    first = random.integers(counts.shape[0], size=cells)
    with h5py.File(out, "w") as file:
        obs = pd.DataFrame({"cell_type": pd.Categorical(types[first])})
        obs.index = [f"cell{i}" for i in range(cells)]
        frame = ad.AnnData(obs=obs, var=source.var[[]])
        for name in ("obs", "var"):
            write_elem(file, name, getattr(frame, name))
        file.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        for start in range(0, cells, block):
            some = first[start : start + block]
            second = np.array([random.choice(same[types[i]]) for i in some])
            part = new_cells(counts, some, second, random)
            if start == 0:
                write_elem(file, "X", part, dataset_kwargs={"compression": "lzf"})
            else:
                sparse_dataset(file["X"]).append(part)
            print(f"\r{start + len(some):,} of {cells:,}", end="", flush=True)
    print()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="an h5ad file of counts with obs['cell_type']")
    parser.add_argument("cells", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    make(given.source, given.cells, given.out, given.seed)
