"""A saved fit comes back exactly, and anything else is refused in plain words."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import scinno
from scinno._result import file_format
from scinno._runtime import atomic


@pytest.fixture
def saved(small_fit, tmp_path):
    path = tmp_path / "model.safetensors"
    small_fit.save(path)
    return path


def test_round_trip_is_exact(small_fit, saved, simulated):
    loaded = scinno.load(saved)
    for name in ("labels", "memberships", "embedding", "latent", "centers", "genes"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(small_fit, name))
    assert loaded.settings == small_fit.settings
    assert loaded.seed == small_fit.seed
    assert loaded.history.equals(small_fit.history)
    np.testing.assert_array_equal(loaded.predict(simulated[0]), small_fit.labels)
    np.testing.assert_array_equal(loaded.denoised([0, 5]), small_fit.denoised([0, 5]))
    assert loaded.to_bytes() == small_fit.to_bytes()


def test_bytes_and_bytearray_round_trip(small_fit):
    data = small_fit.to_bytes()
    assert scinno.from_bytes(bytearray(data)).to_bytes() == data


def test_a_saved_fit_predicts_in_another_process(small_fit, saved, simulated, tmp_path):
    np.save(tmp_path / "x.npy", simulated[0].toarray())
    code = (
        "import sys, numpy as np, scinno\n"
        "print(scinno.load(sys.argv[1]).predict(np.load(sys.argv[2])).tolist())"
    )
    command = [sys.executable, "-c", code, str(saved), str(tmp_path / "x.npy")]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(out) == small_fit.labels.tolist()


def test_no_pickle_in_the_file(saved):
    data = saved.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    assert json.loads(header["__metadata__"]["scinno"])["format_version"] == 2


@pytest.mark.parametrize("keep", [0, 4, 60, 2000, -10])
def test_truncated_files_are_refused(saved, keep):
    saved.write_bytes(saved.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"model.safetensors is (damaged|truncated|not a sc)"):
        scinno.load(saved)


def test_foreign_files_are_refused(tmp_path):
    other = tmp_path / "other.safetensors"
    save_file({"a": np.zeros(3)}, other)
    with pytest.raises(ValueError, match="not a scinno fit"):
        scinno.load(other)
    other.write_text("cell,cluster\nc1,0\n" * 100)
    with pytest.raises(ValueError, match="not a scinno fit"):
        scinno.load(other)


def test_newer_files_are_refused(small_fit, tmp_path, monkeypatch):
    monkeypatch.setattr(file_format, "FORMAT_VERSION", 99)
    small_fit.save(tmp_path / "m")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="format version 99.*reads up to 2: upgrade"):
        scinno.load(tmp_path / "m")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        scinno.load(tmp_path / "nowhere")


def test_a_failed_save_leaves_the_old_file(small_fit, saved, monkeypatch):
    before = saved.read_bytes()

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        small_fit.save(saved)
    assert saved.read_bytes() == before
    assert [p.name for p in saved.parent.iterdir()] == [saved.name]


def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path):
    """In a process of its own, which may not write files of more than 4096 bytes."""
    (tmp_path / "page.html").write_bytes(b"old")
    code = (
        "import pathlib, resource, signal, sys\n"
        "from scinno._runtime import atomic\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "atomic.write_file(pathlib.Path(sys.argv[1]), b'new' * 10_000)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "page.html")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "OSError: [Errno 27] File too large" in told.stderr
    assert (tmp_path / "page.html").read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_a_written_file_is_whole_and_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    atomic.write_file(tmp_path / "new", b"all of it")
    assert (tmp_path / "new").read_bytes() == b"all of it"
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode
    atomic.write_file(tmp_path / "new", b"replaced")
    assert (tmp_path / "new").read_bytes() == b"replaced"


def test_the_needs_that_the_r_package_declares_are_those_of_python():
    """inst/python/requirements.txt repeats floors of pyproject.toml: R reads it without Python."""
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    needs = project["dependencies"] + project["optional-dependencies"]["report"]
    declared = (root / "inst" / "python" / "requirements.txt").read_text().split()
    assert declared
    assert set(declared) == set(needs)
