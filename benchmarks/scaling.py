"""Training by one and by several processes on this machine, and a cost sheet for many cells.

    python benchmarks/scaling.py                        # 1 and 2 processes; prints two tables
    python benchmarks/scaling.py --processes 1 2 4 --batch 1024
    python benchmarks/scaling.py --sheet                # the cost sheet alone, from known rates

Data: SCINNO_DATA, or ../shared/data beside the repository. Each line is a run of `scinno cluster`
by torchrun; its rate is that of the fastest epoch of the denoising network, so that short
other work on the machine does not matter. Every process has one thread.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
from speed import data_folder

from scinno._settings.settings import Settings
from scinno.cli._input.estimate import estimate

SET = "cbmc_citeseq_top2000"
STEPS, EPOCHS = 20, 5
# Genes, and values above 0 in a cell, of the cells of the cost sheet: 10x blood cells.
GENES, STORED = 30_000, 1_500
# Rows of the cost sheet: cells, processes, and how many of these share a machine.
SHEET = ((1, 1, 1), (1, 8, 8), (10, 1, 1), (10, 8, 8), (100, 8, 8), (100, 64, 8))


def cells_per_second(processes: int, batch: int) -> float:
    """Of both kinds of parallel work together: what training gets through."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        settings = {"batch_size": batch, "steps_per_epoch": STEPS, "pretrain_epochs": EPOCHS}
        words = [f"--set={name}={value}" for name, value in settings.items()]
        subprocess.run(
            [sys.executable, "-m", "torch.distributed.run", "--standalone",
             f"--nproc-per-node={processes}", "-m", "scinno", "cluster",
             str(data_folder() / f"{SET}.h5ad"), "--backed", "-k", "15", "-o", str(out), "-q",
             "--set=joint_epochs=1", *words],
            check=True, env=os.environ | {"OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        history = pd.read_csv(out / "history.csv")
    return STEPS * batch / history.loc[history["phase"] == "pretrain", "seconds"].min()


def scaling(processes: list[int], batches: list[int]) -> None:
    print("| batch | processes | cells a second | times one process | efficiency |")
    print("|---|---|---|---|---|")
    for batch in batches:
        one = 0.0
        for number in processes:
            rate = cells_per_second(number, batch)
            one = one or rate / number
            print(
                f"| {batch:,} | {number} | {rate:,.0f} | {rate / one:.2f} | "
                f"{rate / one / number:.0%} |",
                flush=True,
            )


def sheet() -> None:
    print("| cells | processes | machines | core hours | hours | memory, first machine (GB) |")
    print("|---|---|---|---|---|---|")
    for millions, processes, here in SHEET:
        cells = millions * 1_000_000
        needed = estimate(cells, GENES, cells * STORED, Settings(), processes, here)
        hours = needed.seconds / 3600
        print(
            f"| {cells:,} | {processes} | {processes // here} | {processes * hours:,.1f} | "
            f"{hours:,.1f} | {needed.memory / 1e9:,.0f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--batch", type=int, nargs="+", default=[256, 1024])
    parser.add_argument("--sheet", action="store_true")
    given = parser.parse_args()
    if not given.sheet:
        scaling(given.processes, given.batch)
        print()
    sheet()


if __name__ == "__main__":
    main()
