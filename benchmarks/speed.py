"""Time and memory from file to labels, beside scanpy and the machine's matrix-multiply rate.

    python benchmarks/speed.py            # writes docs/speed.md

Each measurement is a process of its own. Data: SCINNO_DATA, or ../shared/data beside the
repository.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "speed.md"
SETS = ("cellhashing_4lines", "cbmc_citeseq_top2000")


def data_folder() -> Path:
    folder = Path(os.environ.get("SCINNO_DATA", HERE.parent.parent / "shared" / "data"))
    if not folder.is_dir():
        raise SystemExit(f"no data: {folder} does not exist; set SCINNO_DATA")
    return folder


def with_scinno(path: str) -> dict:
    import anndata as ad

    import scinno

    data = ad.read_h5ad(path)
    fit = scinno.fit(data.X, data.obs["cell_type"].nunique(), genes=data.var_names)
    history, settings = fit.history, fit.settings
    cells = settings.steps_per_epoch * min(settings.batch_size, data.n_obs)
    rates = cells * len(history) / history["seconds"].sum()
    return {"training cells/s": rates, "multiply-adds per cell": multiply_adds(fit)}


def multiply_adds(fit) -> float:
    """Of one step of DN per cell: forward and twice that backward.

    Both paths go through the encoder and the projection, the noisy one through the rest as well.
    """
    dn = fit.network.dn
    both, noisy = (dn.encoder, dn.projection), (dn.decoder, dn.spotter)
    weights = [sum(w.numel() for m in part for w in m.parameters() if w.ndim == 2)
               for part in (both, noisy)]  # fmt: skip
    return 3 * (2 * weights[0] + weights[1])


def with_scanpy(path: str) -> dict:
    import anndata as ad
    import scanpy as sc

    from scinno.bench import all_methods

    sys.path.insert(0, str(all_methods()[0].script.parent))
    from _graph import Neighbours

    data = ad.read_h5ad(path)
    sc.pp.normalize_total(data)
    sc.pp.log1p(data)
    sc.pp.highly_variable_genes(data, n_top_genes=min(2000, data.n_vars - 1))
    sc.pp.pca(data, mask_var="highly_variable")
    sc.pp.neighbors(data, transformer=Neighbours(n_neighbors=15))
    sc.tl.leiden(data, flavor="igraph", n_iterations=2, directed=False)
    return {}


def matrix_rate() -> dict:
    """Multiply-adds per second of a large float32 product, and of one as the network does it."""
    import torch

    rates = {}
    for name, (m, k, n), threads in (
        ("large, all cores", (2048, 2048, 2048), os.cpu_count()),
        ("large, one thread", (2048, 2048, 2048), 1),
        ("512 × 1000 × 256, one thread", (512, 1000, 256), 1),
    ):
        torch.set_num_threads(threads)
        a, b = torch.randn(m, k), torch.randn(k, n)
        a @ b
        start, repeats = time.perf_counter(), max(3, int(2e10 / (m * k * n)))
        for _ in range(repeats):
            a @ b
        rates[name] = m * k * n * repeats / (time.perf_counter() - start)
    return rates


def child(what: str, path: str) -> None:
    start = time.perf_counter()
    extra = {"scinno": with_scinno, "scanpy": with_scanpy}[what](path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.perf_counter() - start, "peak MB": peak} | extra))


def measure(what: str, path: Path) -> dict:
    command = [sys.executable, __file__, what, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    import torch

    rates = matrix_rate()
    lines = [
        "# Speed and memory\n",
        "Made by `make benchmark-speed`: one run, each line a process of its own, from the h5ad "
        "file to labels, imports included, pictures and output files not.\n",
        f"Machine: {platform.machine()}, {os.cpu_count()} cores, shared; torch "
        f"{torch.__version__}; {date.today().isoformat()}; load while measuring: "
        f"{os.getloadavg()[0]:.1f}.\n",
        "| set | cells | method | seconds | peak memory (MB) | training cells/s "
        "| share of the one-thread matrix rate |",
        "|---|---|---|---|---|---|---|",
    ]
    cost = 0.0
    for name in SETS:
        import h5py

        path = data_folder() / f"{name}.h5ad"
        with h5py.File(path) as file:
            cells = len(file["X/indptr"]) - 1
        for what in ("scinno", "scanpy"):
            row = measure(what, path)
            cost = row.get("multiply-adds per cell", cost)
            speed = share = ""
            if "training cells/s" in row:
                speed = f"{row['training cells/s']:,.0f}"
                share = f"{row['training cells/s'] * cost / rates['large, one thread']:.0%}"
            label = {"scinno": "scinno, K given", "scanpy": "scanpy: HVG, PCA, kNN, Leiden"}[what]
            lines.append(
                f"| {name} | {cells} | {label} | {row['seconds']:.1f} | {row['peak MB']:.0f} "
                f"| {speed} | {share} |"
            )
            print(lines[-1])
    lines.append("\nMatrix products in the same run (float32, multiply-adds per second):\n")
    lines += [f"- {name}: {rate / 1e9:.1f} G" for name, rate in rates.items()]
    lines.append(
        f"\nA training step costs {cost:,.0f} multiply-adds per cell in the autoencoder. Training "
        "uses one thread, so that results do not depend on how many there are."
    )
    PAGE.write_text("\n".join(lines) + "\n")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        child(*sys.argv[1:])
    else:
        main()
