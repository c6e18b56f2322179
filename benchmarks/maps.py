"""CPU time and kept neighbors of t-SNE and UMAP: scranpy against scikit-learn and umap-learn.

    python benchmarks/maps.py FILE.h5ad ...

Each row is a fresh process, as a command or a notebook is; the points are 50 principal components
of a labeled set. "kept" is the share of a cell's 15 nearest neighbors that are among its 15 nearest
on the map, "purity" the share of those that have its known type.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import anndata as ad
import numpy as np
import scanpy as sc

METHODS = ("tsne", "umap")


def write_points(cells: Path, file: Path) -> None:
    """Store principal components, float32 (cells, 50), and known types of a labeled file."""
    data = ad.read_h5ad(cells)
    if data.uns.get("x_kind", "counts") == "counts":
        sc.pp.normalize_total(data, target_sum=1e4)
        sc.pp.log1p(data)
    sc.pp.pca(data, n_comps=50)
    types = data.obs["cell_type"].astype(str).to_numpy(dtype=str)
    np.savez(file, points=data.obsm["X_pca"].astype(np.float32), types=types)


def one(file: str, name: str, method: str, kind: str) -> None:
    """Draw one map in this process and print a row."""
    from scinno._drawing import layout

    layout.compiled = lambda: kind == "scranpy"
    with np.load(file) as stored:
        points, types = stored["points"], stored["types"]
    begun, wall = time.process_time(), time.perf_counter()
    flat = getattr(layout, method)(points, 0)
    spent, wall = time.process_time() - begun, time.perf_counter() - wall
    from sklearn.neighbors import NearestNeighbors

    near = [NearestNeighbors(n_neighbors=15).fit(x).kneighbors(return_distance=False)
            for x in (points, flat)]  # fmt: skip
    kept = np.mean([np.isin(a, b).mean() for a, b in zip(*near, strict=True)])
    purity = (types[near[1]] == types[:, None]).mean()
    print(f"| {name} | {len(points):,} | {method} | {kind} | {spent:.1f} | {wall:.1f} | "
          f"{kept:.2f} | {purity:.2f} |", flush=True)  # fmt: skip


def main() -> None:
    head = "| set | cells | map | by | CPU s | s | kept | purity |"
    print(head, "|---|--:|---|---|--:|--:|--:|--:|", sep="\n", flush=True)
    with TemporaryDirectory() as folder:
        for cells in map(Path, sys.argv[1:]):
            file = Path(folder) / f"{cells.stem}.npz"
            write_points(cells, file)
            for method in METHODS:
                for kind in ("scranpy", "scikit-learn, umap-learn"):
                    words = ("--one", str(file), cells.stem, method, kind)
                    subprocess.run([sys.executable, __file__, *words], check=True)


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        one(*sys.argv[2:])
    else:
        main()
