"""``scinno doctor``: what scinno needs, what this machine has, and how to install the rest."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from scinno._runtime.memory import available_memory, available_processors

# The oldest driver's CUDA version that each of PyTorch's builds runs on, newest first.
CUDA_BUILDS = {"cu128": (12, 8), "cu126": (12, 6), "cu118": (11, 8)}
MIN_MEMORY = 1e9
SELF_TEST_ARI = 0.9
# Extras of the package that the commands need, beside what is always required.
EXTRAS = ("", "cli", "report")
# Variables that change the behavior of the same packages.
VARIABLES = (
    "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "OMP_WAIT_POLICY", "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS", "KMP_DUPLICATE_LIB_OK", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV",
    "CONDA_PREFIX", "TMPDIR", "NO_COLOR",
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One check: its name, whether it passed, what was found, and the command that repairs it."""

    name: str
    good: bool
    found: str
    repair: str = ""


def examine() -> list[Check]:
    """Run all checks; takes a few seconds, most of them for a small fit."""
    checks = [_python(), *_packages(), *_torch(_driver()), _threads(), _openmp()]
    return [*checks, _memory(), _writing(), _self_test()]


def environment() -> dict[str, str]:
    """Variables of `VARIABLES` that are set."""
    return {name: os.environ[name] for name in VARIABLES if name in os.environ}


def _python() -> Check:
    floor = _metadata_floor()
    good = sys.version_info >= floor
    version = ".".join(map(str, floor))
    return Check(
        "Python",
        good,
        f"{platform.python_version()} at {sys.executable} (needs {version}), {platform.platform()}",
        "" if good else f"python{version} -m venv scinno-env && scinno-env/bin/pip install scinno",
    )


def _metadata_floor() -> tuple[int, int]:
    try:
        text = metadata.metadata("scinno")["Requires-Python"] or ""
    except (metadata.PackageNotFoundError, KeyError):
        text = ""
    numbers = re.search(r">=\s*(\d+)\.(\d+)", text)
    return (int(numbers[1]), int(numbers[2])) if numbers else (3, 11)


def _packages() -> Iterator[Check]:
    for need in requirements():
        try:
            version = metadata.version(need.name)
        except metadata.PackageNotFoundError:
            version = None
        good = version is not None and need.specifier.contains(version, prereleases=True)
        yield Check(
            need.name,
            good,
            f"{version or 'missing'} (needs {need.specifier})",
            "" if good else f'{sys.executable} -m pip install "{need.name}{need.specifier}"',
        )


def requirements() -> list[Requirement]:
    """Packages of the commands: from the metadata, or from the list in the R package."""
    try:
        lines = metadata.requires("scinno") or []
    except metadata.PackageNotFoundError:
        beside = Path(__file__).parents[2] / "requirements.txt"
        lines = beside.read_text(encoding="utf-8").split() if beside.exists() else []
    required = [Requirement(line) for line in lines]
    return [
        need
        for need in required
        if need.name != "scinno"  # extras refer to each other
        and (need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in EXTRAS))
    ]


def _driver() -> tuple[str, tuple[int, int]] | None:
    """NVIDIA's driver and the CUDA version that it supports; None without a driver."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    try:
        output = subprocess.run([program], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    driver = re.search(r"Driver Version:\s*([\d.]+)", output)
    cuda = re.search(r"CUDA (?:UMD )?Version:\s*(\d+)\.(\d+)", output)
    if not driver or not cuda:
        return None
    return driver[1], (int(cuda[1]), int(cuda[2]))


def _torch(driver: tuple[str, tuple[int, int]] | None) -> Iterator[Check]:
    try:
        import torch
    except Exception as error:  # a broken installation may raise anything
        first = (str(error).splitlines() or ["no reason given"])[0]
        repair = f"{sys.executable} -m pip install --force-reinstall torch"
        yield Check("torch build", False, f"does not load: {first}", repair)
        return
    built = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "built without CUDA"
    yield Check("torch build", True, f"{torch.__version__}, {built}")
    if torch.cuda.is_available():
        names = [torch.cuda.get_device_name(j) for j in range(torch.cuda.device_count())]
        try:
            torch.ones(8, 8, device="cuda").matmul(torch.ones(8, 8, device="cuda")).sum().item()
        except RuntimeError as error:
            first = str(error).splitlines()[0]
            yield Check("CUDA", False, f"{', '.join(names)}: {first}", _other_torch(driver))
        else:
            version = f", driver {driver[0]}" if driver else ""
            yield Check("CUDA", True, f"{', '.join(names)}{version}")
    elif driver is None:
        yield Check("CUDA", True, "no NVIDIA driver: fits run on the CPU")
    elif torch.version.cuda and "CUDA_VISIBLE_DEVICES" in os.environ:
        hidden = os.environ["CUDA_VISIBLE_DEVICES"]
        found = (
            f"driver {driver[0]} is installed, but CUDA_VISIBLE_DEVICES={hidden!r} may hide GPUs"
        )
        yield Check("CUDA", False, found, "unset CUDA_VISIBLE_DEVICES")
    else:
        number, (major, minor) = driver
        why = "does not match it" if torch.version.cuda else "was built without CUDA"
        found = f"driver {number} (CUDA {major}.{minor}) is installed, but this torch {why}"
        yield Check("CUDA", False, found, _other_torch(driver))


def _other_torch(driver: tuple[str, tuple[int, int]] | None) -> str:
    known = driver[1] if driver else (0, 0)
    for build, minimum in CUDA_BUILDS.items():
        if known >= minimum:
            index = f"https://download.pytorch.org/whl/{build}"
            return f"{sys.executable} -m pip install --force-reinstall torch --index-url {index}"
    return "install a newer NVIDIA driver: https://www.nvidia.com/drivers"


def _threads() -> Check:
    try:
        import torch

        used = f"{torch.get_num_threads()} for torch"
    except Exception:  # reported by the check of torch
        used = "unknown for torch"
    omp_threads = os.environ.get("OMP_NUM_THREADS", "not set")
    found = f"{used}, {available_processors()} cores, OMP_NUM_THREADS {omp_threads}"
    return Check("threads", True, found)


def _openmp() -> Check:
    try:
        import sklearn.cluster  # noqa: F401 - loads its OpenMP runtime, which is checked here
        import threadpoolctl
    except Exception as error:
        return Check("OpenMP runtimes", True, f"unknown: {error}")
    pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "openmp"]
    files = sorted({pool["filepath"] for pool in pools})
    kinds = {pool["prefix"] for pool in pools}
    # LLVM's and Intel's in one process can crash or hang (threadpoolctl's documentation); so can
    # any two on macOS.
    good = not {"libomp", "libiomp"} <= kinds and (sys.platform != "darwin" or len(files) < 2)
    fresh = "python -m venv scinno-env && scinno-env/bin/pip install scinno"
    return Check("OpenMP runtimes", good, ", ".join(files) or "none", "" if good else fresh)


def _memory() -> Check:
    available = available_memory()
    good = available >= MIN_MEMORY
    repair = "" if good else "close other programs, or request more: sbatch --mem=8G, docker -m 8g"
    return Check("memory", good, f"{available / 1e9:.1f} GB available", repair)


def _writing() -> Check:
    here = os.getcwd()
    try:
        with tempfile.TemporaryFile(dir=here) as file:
            file.write(b"x")
    except OSError as error:
        repair = "change to a folder with write access, or give one: --out FOLDER"
        return Check("write access", False, f"{here}: {error.strerror}", repair)
    return Check("write access", True, f"{here}, {shutil.disk_usage(here).free / 1e9:.1f} GB free")


def _self_test() -> Check:
    """Three simulated cell types must be found."""
    repair = f"{sys.executable} -m pip install --force-reinstall scinno"
    try:
        found, good = _small_fit()
    except Exception as error:
        found, good = f"a small fit fails: {type(error).__name__}: {error}", False
    return Check("self-test", good, found, "" if good else repair)


def _small_fit() -> tuple[str, bool]:
    import numpy as np
    from sklearn.metrics import adjusted_rand_score

    from scinno._fit import fit

    rng = np.random.default_rng(0)
    rates = rng.gamma(0.6, 0.5, size=200) * np.ones((3, 1))
    for kind in range(3):
        rates[kind, kind * 15 : kind * 15 + 15] += 3
    truth = np.repeat(np.arange(3), 100)
    start = time.perf_counter()
    quick: dict[str, Any] = {"pretrain_epochs": 5, "joint_epochs": 2, "steps_per_epoch": 10}
    labels = fit(rng.poisson(rates[truth]), 3, **quick).labels
    took = time.perf_counter() - start
    ari = float(adjusted_rand_score(truth, labels))
    return f"300 simulated cells clustered in {took:.1f} s, ARI {ari:.2f}", ari >= SELF_TEST_ARI
