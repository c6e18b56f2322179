"""Time and memory from file to labels, compared with scanpy, scVI and scMAE.

    python benchmarks/speed.py            # writes docs/speed.md

Each measurement is a separate process. Data: SCINNO_DATA, or ../shared/data beside the
repository. scVI runs where SCINNO_BENCH_PYTHON has it, scMAE where SCINNO_BENCH_SCMAE is a clone of
it (docs/bench.md); a method that is not available is listed as such.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from _rates import machine_rates, training_cost

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "speed.md"
METHODS = HERE / "speed_methods.py"
SETS = ("pollen_counts", "cellhashing_4lines", "cbmc_citeseq_top2000")
# Number of cells made from this set, for the comparison with scanpy.
LARGE, SOURCE = 30_000, "pbmc_facs_zheng"
LABELS = {
    "scinno": "scinno, K given",
    "scanpy": "scanpy: HVG, PCA, kNN, Leiden",
    "scanpy_exact": "the same with exact neighbors",
    "scvi": "scVI: 100 epochs, Leiden",
    "scmae": "scMAE: its defaults, K given",
}


def data_folder() -> Path:
    folder = Path(os.environ.get("SCINNO_DATA", HERE.parent.parent / "shared" / "data"))
    if not folder.is_dir():
        raise SystemExit(f"no data: {folder} does not exist; set SCINNO_DATA")
    return folder


def measure(method: str, path: Path, *more: str) -> dict | str:
    """Seconds and peak bytes of a process, and its output; or why there are none."""
    python = sys.executable
    if method == "scvi":
        python = os.environ.get("SCINNO_BENCH_PYTHON", python)
    if method == "scmae":
        if not os.environ.get("SCINNO_BENCH_SCMAE"):
            return "not installed (SCINNO_BENCH_SCMAE)"
        return of_bench(method, path)
    start = time.perf_counter()
    child = subprocess.Popen(
        [python, str(METHODS), method, str(path), *more], stdout=subprocess.PIPE, text=True,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert child.stdout is not None
    output = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        why = output.strip().splitlines()[-1]
        return "not installed" if why.startswith("ModuleNotFoundError") else f"failed: {why}"
    found = json.loads(output.splitlines()[-1])
    return found | {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime}


def of_bench(method: str, path: Path) -> dict | str:
    """Another method as ``scinno bench`` runs it."""
    with tempfile.TemporaryDirectory() as folder:
        words = [str(path), "-m", method, "--k", "given", "--seeds", "1", "-o", folder, "--quiet"]
        words = [sys.executable, "-m", "scinno", "bench", *words]
        done = subprocess.run(words, stderr=subprocess.PIPE, text=True)
        if done.returncode:  # such as a module that is missing; the other rows are not lost
            return f"failed: {done.stderr.strip().splitlines()[0]}"
        run = json.loads((Path(folder) / "results.json").read_text())["runs"][0]
    if run["status"] != "done":
        return f"{run['status']}: {run['reason']}"
    return {"seconds": run["seconds"], "cpu": None, "peak": run["peak_memory"]}


def cells_of(path: Path) -> int:
    import h5py

    with h5py.File(path) as file:
        return len(file["X/indptr"]) - 1


def table(files: list[Path], rates: dict[str, float]) -> tuple[list[str], dict]:
    """Lines of the table, and what a step of training costs."""
    lines = [
        "| cells | set | method | seconds | times scinno | core seconds | peak memory (GB) "
        "| again, seconds | times scinno |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    training: dict = {}
    for path in files:
        cells, own, own_again = cells_of(path), 0.0, 0.0
        for method, label in LABELS.items():
            if method in ("scvi", "scmae") and not 5000 <= cells <= 10_000:
                continue
            row = measure(method, path)
            if isinstance(row, str):
                lines.append(f"| {cells:,} | {path.stem} | {label} | {row} | | | | | |")
            else:
                again = ""
                if method not in ("scvi", "scmae"):
                    second = measure(method, path, "--again")["again"]
                    own_again = own_again or second
                    again = f"{second:.1f} | {second / own_again:.2f}"
                if method == "scinno":
                    own = row["seconds"]
                    training = row["training"]
                cpu = "" if row["cpu"] is None else f"{row['cpu']:.1f}"
                lines.append(
                    f"| {cells:,} | {path.stem} | {label} | {row['seconds']:.1f} "
                    f"| {row['seconds'] / own:.2f} | {cpu} | {row['peak'] / 1e9:.2f} "
                    f"| {again or ' | '} |"
                )
            print(lines[-1], flush=True)
    return lines, training


def main() -> None:
    import torch

    load = os.getloadavg()[0]
    rates = machine_rates()
    folder = data_folder()
    with tempfile.TemporaryDirectory() as made:
        large = Path(made) / f"{SOURCE}_{LARGE}.h5ad"
        words = [folder / f"{SOURCE}.h5ad", str(LARGE), large]
        subprocess.run([sys.executable, HERE / "make_cells.py", *words], check=True)
        rows, training = table([*(folder / f"{name}.h5ad" for name in SETS), large], rates)
    lines = [
        "# Speed and memory\n",
        "Made by `make benchmark-speed`: one run, each row a separate process, from the h5ad file "
        "to labels, with imports, without plots and output files. *Again* is a second time in a "
        "process that has imported and compiled everything. scinno trains in two threads. The "
        "largest set is made "
        f"by `benchmarks/make_cells.py` from {SOURCE}.\n",
        f"Machine: {platform.machine()}, {os.cpu_count()} cores, shared; torch "
        f"{torch.__version__}; {date.today().isoformat()}; load before the run: {load:.1f}.\n",
        *rows,
        "",
        *training_cost(training, rates),
    ]
    PAGE.write_text("\n".join(lines) + "\n")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
