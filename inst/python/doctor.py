"""Which of scinno's requirements a Python has, as JSON. Uses the standard library alone.

Run as ``python doctor.py requirements.txt``.
"""

import json
import re
import sys
from importlib import metadata
from pathlib import Path


def main(requirements):
    report = {
        "executable": sys.executable,
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "environment": in_environment(),
        "packages": [],
    }
    for line in Path(requirements).read_text(encoding="utf-8").splitlines():
        if ";" in line:  # only on some platforms: it is done without it on the others
            continue
        name, floor = line.split(">=")
        report["packages"].append({"name": name, "floor": floor, **state_of(name, floor)})
    report["torch"] = torch_state()
    report["openmp"] = openmp_state()
    print(json.dumps(report))


def in_environment():
    """Whether packages may be added here: a virtual environment or conda's, not the system's."""
    return sys.prefix != sys.base_prefix or (Path(sys.prefix) / "conda-meta").is_dir()


def state_of(name, floor):
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return {"version": None, "good": False}
    return {"version": found, "good": numbers(found) >= numbers(floor)}


def numbers(version):
    return [int(part) for part in re.findall(r"\d+", version.split("+")[0])]


def torch_state():
    try:
        import torch
    except Exception as error:
        return {"error": str(error).splitlines()[0]}
    return {
        "build": torch.__version__,
        "cuda_build": torch.version.cuda,
        "cuda_devices": torch.cuda.device_count(),
        "threads": torch.get_num_threads(),
    }


def openmp_state():
    """OpenMP runtimes that scinno's imports load into one process."""
    try:
        # Imported because it loads its OpenMP runtime, which is counted below.
        import sklearn.cluster  # noqa: F401
        import threadpoolctl
    except Exception:
        return []
    pools = threadpoolctl.threadpool_info()
    return sorted({pool["filepath"] for pool in pools if pool["user_api"] == "openmp"})


if __name__ == "__main__":
    main(sys.argv[1])
