"""Seconds and memory of ``scinno cluster`` on more and more cells, read in blocks.

    python benchmarks/large.py 100000 300000 1000000 --source cells.h5ad --folder /scratch

Cells are made by make_cells.py from ``--source`` and removed afterwards; an existing file is used.
Prints one table.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from make_cells import make
from sklearn.metrics import adjusted_rand_score

HEAD = "| cells | file (GB) | seconds | seconds of one core | peak memory (GB) | ARI |"


def measured(file: Path, k: int, options: list[str]) -> tuple[float, float, float, float]:
    """Wall seconds, CPU seconds and peak resident bytes of a run, and the ARI of its labels."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        out = Path(folder) / "run"
        words = ["cluster", str(file), "--backed", "-k", str(k), "-o", str(out), "-q", *options]
        start = time.perf_counter()
        child = subprocess.Popen([sys.executable, "-m", "scinno", *words])
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        if os.waitstatus_to_exitcode(status):
            raise SystemExit(f"scinno {' '.join(words)} failed")
        labels = pd.read_csv(out / "labels.csv")["label"]
        import anndata as ad

        truth = ad.read_h5ad(file, backed="r").obs["cell_type"]
        score = adjusted_rand_score(truth, labels)
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cells", type=int, nargs="+")
    parser.add_argument("--source", type=Path, required=True, help="h5ad with obs['cell_type']")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--options", default="", help="more words for scinno cluster")
    given = parser.parse_args()
    print(HEAD, "|---|---|---|---|---|---|", sep="\n")
    for cells in given.cells:
        file = given.folder / f"cells-{cells}.h5ad"
        there = file.exists()
        if not there:
            make(given.source, cells, file)
        size = file.stat().st_size / 1e9
        wall, cpu, peak, score = measured(file, given.k, given.options.split())
        print(
            f"| {cells:,} | {size:.2f} | {wall:,.0f} | {cpu:,.0f} | {peak / 1e9:.2f} | "
            f"{score:.3f} |",
            flush=True,
        )
        if not there:
            file.unlink()


if __name__ == "__main__":
    main()
