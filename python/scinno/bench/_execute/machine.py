"""What a result was made on."""

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

from scinno._version import __version__

# The folder of scinno's own code.
ROOT = Path(__file__).resolve().parents[2]

PACKAGES = ("numpy", "scipy", "scikit-learn", "scanpy", "torch")
# Told to every run, so that times can be compared and threads that wait do not spin.
THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip


@cache
def versions() -> dict[str, str]:
    """Versions of what matters, and a fingerprint of scinno's own code."""
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
    memory = None
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line for line in lines if line.startswith("model name")).split(":")[1].strip()
    with suppress(ValueError, OSError):
        memory = round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1)
    return {
        "processor": model,
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": memory,
        "system": platform.system(),
    }


def environment(threads: int, program: str) -> dict[str, str]:
    """The environment of a run by this program."""
    told = dict(os.environ)
    told |= dict.fromkeys(THREADS, str(threads))
    told["OMP_WAIT_POLICY"] = "passive"
    methods = str(Path(__file__).resolve().parents[1] / "methods")
    told["SCINNO_BENCH_METHODS"] = methods  # where R finds job.R
    paths = [methods]  # where a script of one's own finds _job
    if program == sys.executable:  # another Python must not see our packages
        paths.append(str(ROOT.parent))
    told["PYTHONPATH"] = os.pathsep.join([*paths, *filter(None, [os.environ.get("PYTHONPATH")])])
    return told
