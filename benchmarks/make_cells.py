"""Many cells like those of a real set: resampled, each with multinomial noise of its own.

    python benchmarks/make_cells.py cells.h5ad 1000000 big.h5ad

Each new cell is a cell of the set, drawn at random; its counts are drawn anew from a multinomial
with the shares of that cell, part smoothed with those of another cell of its type, so that no two
are alike. The file is written a block at a time.
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
# Share of a cell's counts that are drawn from another cell of its type.
OTHER = 0.3


def new_cells(
    counts: sp.csr_matrix, first: np.ndarray, second: np.ndarray, random: np.random.Generator
) -> sp.csr_matrix:
    """Counts of new cells, (cells, genes), int32 as float32."""
    data, indices, pointer = [], [], [0]
    for i, j in zip(first, second, strict=True):
        total = int(counts.data[counts.indptr[i] : counts.indptr[i + 1]].sum())
        other = random.binomial(total, OTHER)
        found = np.concatenate([
            drawn(counts, i, total - other, random), drawn(counts, j, other, random),
        ])  # fmt: skip
        genes, number = np.unique(found, return_counts=True)
        indices.append(genes)
        data.append(number)
        pointer.append(pointer[-1] + len(genes))
    shape = (len(first), counts.shape[1])
    values = np.concatenate(data).astype(np.float32)
    return sp.csr_matrix((values, np.concatenate(indices), np.array(pointer)), shape=shape)


def drawn(counts: sp.csr_matrix, cell: int, number: int, random: np.random.Generator) -> np.ndarray:
    """Genes of ``number`` counts drawn from one cell: a multinomial, one entry for each count."""
    part = slice(counts.indptr[cell], counts.indptr[cell + 1])
    ends = np.cumsum(counts.data[part])
    return counts.indices[part][np.searchsorted(ends, random.random(number) * ends[-1], "right")]


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
