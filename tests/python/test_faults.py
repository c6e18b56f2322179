"""A part of `make faults`: changed files are refused with a sentence, or are right."""

import faults
import faults_page
import pytest
from kinds import KINDS

# Of each kind; all changes of all files are among them.
N = {
    "models": 96, "checkpoints": 20, "runs": 30, "bench": 18, "h5ad": 32, "h5ad.gz": 8,
    "10x h5": 16, "molecules": 16, "loom": 8, "zarr": 16, "mtx": 24, "tables": 32, "folders": 8,
}  # fmt: skip


@pytest.fixture(scope="module")
def counts() -> dict[str, faults.Counts]:
    return faults.tried(N)


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_file_is_refused_or_right(kind, counts):
    assert counts[kind].bad == []
    assert counts[kind].outcomes.total() == N[kind]
    # Few of the many files of a zarr are read.
    assert counts[kind].outcomes["refused"] > N[kind] / (20 if kind == "zarr" else 4)


def test_few_files_share_a_child():
    jobs = faults._jobs({"models": 700, "tables": 300, "mtx": 100, "bench": 10, "loom": 200})
    assert jobs == [
        [("models", 0, 500)],
        [("models", 500, 700), ("tables", 0, 300)],
        [("mtx", 0, 100), ("bench", 0, 10), ("loom", 0, 200)],
    ]


# Files that do what a file of their number should never do.
CHILD = """
import ctypes, os, signal, time
def prepare(kind):
    return kind
def change_of(state, seed):
    return "parts" if seed == 5 else "bytes"
def attempt(state, seed):
    if seed == 1:
        os.abort()
    if seed == 2:
        return "wrong", "d"
    if seed == 3:
        bytes(2**31)
    if seed == 4:
        while True:
            pass
    if seed in (5, 6):
        import h5py_like
        h5py_like.dies()
    if seed == 7:
        raise KeyError("x")
    if seed == 8:
        return "refused", "ValueError: Unable to allocate 7 GiB"
    return "right", ""
"""


def test_what_a_file_does_to_its_process_is_counted_and_the_next_goes_on(tmp_path, monkeypatch):
    (tmp_path / "models.py").write_text(CHILD)
    (tmp_path / "h5py").mkdir()
    (tmp_path / "h5py" / "h5py_like.py").write_text("import os\ndef dies():\n    os.abort()\n")
    for name in ("child.py", "kinds.py"):
        text = (
            (faults.HERE / name)
            .read_text()
            .replace("SECONDS, WAITING = 10", "SECONDS, WAITING = 1")
        )
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "h5py"))
    monkeypatch.setattr(faults, "HERE", tmp_path)
    found = faults.tried({"models": 10})["models"]
    assert found.outcomes == {
        "right": 2, "crash": 1, "wrong": 1, "memory": 2, "hang": 1, "hdf5": 2, "foreign": 1,
    }  # fmt: skip
    bad = [line.split(": ")[:2] for line in found.bad]
    # Bytes that end the process inside h5py are out of reach, changed parts are not.
    assert bad == [
        ["models 1 (bytes)", "crash"],
        ["models 2 (bytes)", "wrong"],
        ["models 3 (bytes)", "memory"],
        ["models 4 (bytes)", "hang"],
        ["models 5 (parts)", "hdf5"],
        ["models 7 (bytes)", "foreign"],
        ["models 8 (bytes)", "memory"],
    ]
    assert "| model files | 10 | 0 | 2 | 0 | 1 | 1 | 2 | 1 | 1 | 2 |" in faults_page.page(
        {"models": found}
    )


def test_every_format_is_tried_often_enough():
    assert KINDS["models"].n >= 2000
    assert all(KINDS[kind].n >= 500 for kind in KINDS)
    assert sum(kind.n for kind in KINDS.values()) >= 10_000
