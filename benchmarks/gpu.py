"""All measurements on a GPU: rates, training, accuracy of bfloat16, a million cells.

    python benchmarks/gpu.py                          # writes docs/gpu.md
    python benchmarks/gpu.py --cells 100000           # a smaller file
    python benchmarks/gpu.py --device cpu --cells 5000 --out try.md     # to test the script

Data: SCINNO_DATA, or ../shared/data beside the repository. The large file is made by make_cells.py
and removed afterwards; an existing one is used.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import torch
from _rates import machine_rates, training_cost
from large import HEAD, measured
from make_cells import make
from sklearn.metrics import adjusted_rand_score
from speed import data_folder
from speed_methods import training_of

import scinno

HERE = Path(__file__).resolve().parent
# Sets on which precisions are compared, and what the large file is made from.
SETS = ("pbmc_facs_zheng", "cellhashing_4lines", "mouse_bladder_2100", "cbmc_citeseq_top2000")
SOURCE = "pbmc_facs_zheng"


@contextmanager
def not_resident() -> Iterator[None]:
    """Mini-batches are prepared on the CPU and sent, as when values do not fit on the GPU."""
    from scinno import _fit

    move = _fit.move_to_gpu
    _fit.move_to_gpu = lambda inputs, *_: inputs
    try:
        yield
    finally:
        _fit.move_to_gpu = move


def fitted(name: str, device: str, **settings: object) -> tuple[scinno.Fit, float]:
    """A fit of a set and the ARI of its labels."""
    import anndata as ad

    data = ad.read_h5ad(data_folder() / f"{name}.h5ad")
    types = data.obs["cell_type"]
    fit = scinno.fit(data.X, types.nunique(), genes=data.var_names, device=device, **settings)
    return fit, float(adjusted_rand_score(types, fit.labels))


def precisions(device: str) -> list[str]:
    """ARI of the same fit in float32 and in bfloat16."""
    lines = ["| set | float32 | bfloat16 |", "|---|---|---|"]
    both = []
    for name in SETS:
        both.append([fitted(name, device, precision=kind)[1] for kind in ("float32", "bfloat16")])
        lines.append(f"| {name} | {both[-1][0]:.3f} | {both[-1][1]:.3f} |")
        print(lines[-1], flush=True)
    means = np.mean(both, axis=0)
    return [*lines, f"| mean | {means[0]:.3f} | {means[1]:.3f} |"]


def throughput(device: str) -> tuple[list[str], dict]:
    """Cells a second of training by batch size and by where the values lie."""
    lines = ["| cells in a mini-batch | values | cells/s |", "|---|---|---|"]
    best: dict = {}
    for batch in (256, 1024, 4096):
        for where in ("on the device", "sent batch by batch"):
            settings = {"batch_size": batch, "pretrain_epochs": 6, "joint_epochs": 0}
            if where == "on the device":
                fit, _ = fitted(SETS[-1], device, **settings)
            else:
                with not_resident():
                    fit, _ = fitted(SETS[-1], device, **settings)
            found = training_of(fit, skip=2)
            if found["cells/s"] > best.get("cells/s", 0):
                best = found
            lines.append(f"| {found['batch']} | {where} | {found['cells/s']:,.0f} |")
            print(lines[-1], flush=True)
    return lines, best


def large_run(device: str, cells: int, folder: Path) -> list[str]:
    """File to labels, as benchmarks/large.py measures it."""
    file = folder / f"cells-{cells}.h5ad"
    there = file.exists()
    if not there:
        make(data_folder() / f"{SOURCE}.h5ad", cells, file)
    wall, cpu, peak, score = measured(file, 10, ["--device", device])
    line = (
        f"| {cells:,} | {file.stat().st_size / 1e9:.2f} | {wall:,.0f} | {cpu:,.0f} "
        f"| {peak / 1e9:.2f} | {score:.3f} |"
    )
    print(line)
    if not there:
        file.unlink()
    return [HEAD, "|---|---|---|---|---|---|", line]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--out", type=Path, default=HERE.parent / "docs" / "gpu.md")
    given = parser.parse_args()
    if given.device != "cpu" and not torch.cuda.is_available():
        sys.exit("no GPU that PyTorch can use: 'scinno doctor' says why")
    name = platform.machine() if given.device == "cpu" else torch.cuda.get_device_name()
    rates = machine_rates(given.device)
    speeds, best = throughput(given.device)
    page = [
        f"# On a GPU\n\nMade by `benchmarks/gpu.py` on {name}, torch {torch.__version__}, "
        f"{date.today().isoformat()}.\n",
        "## Training\n",
        *speeds,
        "",
        *training_cost(best, rates),
        "\n## The same clusters in half the bits?\n",
        *precisions(given.device),
        "\n## From file to labels\n",
        *large_run(given.device, given.cells, given.folder),
    ]
    given.out.write_text("\n".join(page) + "\n")
    print(f"wrote {given.out}")


if __name__ == "__main__":
    main()
