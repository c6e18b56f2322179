"""What SECURITY.md promises: no code from data, no network, no pickle."""

import ast
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import QUICK
from test_cli import scinno as command

import scinno

HERE, ROOT = Path(__file__).parent, Path(scinno.__file__).parent
SET = [f"--set={name}={value}" for name, value in QUICK.items()]


def seen(*commands: list) -> list:
    """What commands do that could break a promise, without what their libraries do at their start.

    Numba reads its own cache with pickle, and joblib counts cores by lscpu.
    """
    done = subprocess.run(
        [sys.executable, str(HERE / "watched.py"), json.dumps(commands, default=str)],
        timeout=600, capture_output=True, text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT.parent)},
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("WATCHED ")]
    assert lines, done.stderr
    found = json.loads(lines[-1].removeprefix("WATCHED "))
    assert found["codes"] == [0] * len(commands), done.stderr
    return [
        one for one in found["seen"] if not one[2].startswith("numba") and "lscpu" not in one[1]
    ]


@pytest.fixture(scope="module")
def folder(labeled_cells, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("promises")
    labeled_cells.write_h5ad(folder / "in.h5ad")
    return folder


def test_a_run_with_its_page_uses_no_network_no_pickle_and_no_program(folder):
    out = folder / "run"
    cluster = ["cluster", folder / "in.h5ad", "-k", 3, "-o", out, "--report", *SET]
    predict = ["predict", out / "model.safetensors", folder / "in.h5ad", "-o", folder / "p"]
    assert seen(cluster, predict) == []
    assert (folder / "p").is_dir()


def test_a_benchmark_of_local_sets_starts_its_methods_and_nothing_else(folder):
    events = seen([
        "bench", folder / "in.h5ad", "--label-key", "type", "-o", folder / "bench",
        "--methods", "pca-kmeans", "--seeds", 1,
    ])  # fmt: skip
    assert {event[0] for event in events} == {"subprocess.Popen"}
    assert all("run_pca_kmeans.py" in event[1] for event in events)


class Ran:
    """Leaves a file behind where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("end", ["safetensors", "h5ad", "csv", "h5", "loom", "mtx", "zarr"])
def test_a_pickle_by_any_name_is_refused_and_not_run(tmp_path, capsys, end):
    ran, file = tmp_path / "ran", tmp_path / f"file.{end}"
    file.write_bytes(pickle.dumps(Ran(ran)))
    words = ["predict", file, file] if end == "safetensors" else ["cluster", file, "-k", "2"]
    command(*words, "-o", tmp_path / "out", code=2)
    said = capsys.readouterr().err
    assert "scinno: error:" in said
    assert "Traceback" not in said
    assert not ran.exists()
    pickle.loads(file.read_bytes())
    assert ran.exists()  # had it been unpickled


def test_an_array_of_objects_is_refused(tmp_path):
    ran, file = tmp_path / "ran", tmp_path / "labels.npz"
    np.savez(file, labels=np.array([Ran(ran)], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        np.load(file)["labels"]  # as the benchmark reads what its methods wrote
    assert not ran.exists()


# Calls and modules that make code of data.
CODE = {"eval", "exec", "compile", "__import__"}
MODULES = {
    "pickle", "cloudpickle", "dill", "joblib", "yaml", "marshal", "shelve", "socketserver",
    "http", "urllib", "ftplib", "telnetlib", "xmlrpc", "aiohttp", "httpx",
}  # fmt: skip


def test_the_source_makes_no_code_of_data():
    """Whoever adds such a call has to say here why."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                options = {word.arg: ast.unparse(word.value) for word in node.keywords}
                if called in CODE or options.get("allow_pickle") == "True":
                    found.append((where, called))
                if called in ("torch.load", "load") and "map_location" in options:
                    assert options.get("weights_only") == "True", where
                if options.get("shell") == "True" or called in ("os.system", "os.popen"):
                    found.append((where, called))
                continue
            else:
                continue
            found += [(where, name) for name in names if name.split(".")[0] in MODULES]
    assert found == []


def test_only_data_sets_are_downloaded():
    """``requests`` and sockets are where SECURITY.md says."""
    users = set()
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if {"requests", "socket", "pooch"} & set(names):
                users.add(str(path.relative_to(ROOT)))
    datasets = {"datasets/_download.py", "datasets/_load.py"}
    assert users == {*datasets, "_distributed/rendezvous.py"}
