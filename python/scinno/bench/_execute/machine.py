"""Machine, versions and environment of a run."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from scinno._version import __version__

# The folder of scinno's own code.
ROOT = Path(__file__).resolve().parents[2]

PACKAGES = ("numpy", "scipy", "scikit-learn", "scanpy", "torch")
# Set for every run, so that times can be compared.
THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip


@cache
def versions() -> dict[str, str]:
    """Versions of Python and the packages, and a fingerprint of scinno's own code."""
    found = {"scinno": __version__, "scinno code": source_of_scinno()}
    found["python"] = platform.python_version()
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


@cache
def source_of_scinno() -> str:
    """Twelve hex digits that change whenever a module that fits changes."""
    folder = ROOT
    digest = hashlib.sha256()
    for file in sorted([*folder.glob("_*.py"), *folder.glob("_*/*.py")]):
        name = file.relative_to(folder).as_posix()
        digest.update(name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


@cache
def machine() -> dict[str, Any]:
    """Processor, cores, memory and system; nothing that names the machine or its owner."""
    model = platform.processor() or platform.machine()
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line for line in lines if line.startswith("model name")).split(":")[1].strip()
    return {
        "processor": model,
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": platform.system(),
    }


def environment(threads: int, program: str) -> dict[str, str]:
    """Environment variables of a run by this program."""
    variables = dict(os.environ)
    variables |= dict.fromkeys(THREADS, str(threads))
    variables["OMP_WAIT_POLICY"] = "passive"  # threads that wait do not spin
    methods = str(Path(__file__).resolve().parents[1] / "methods")
    variables["SCINNO_BENCH_METHODS"] = methods  # where R finds job.R
    paths = [methods]  # where a user's script finds _job
    if program == sys.executable:  # another Python must not see our packages
        paths.append(str(ROOT.parent))
    variables["PYTHONPATH"] = os.pathsep.join(
        [*paths, *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    return variables
