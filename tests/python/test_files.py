"""A saved fit comes back exactly, and anything else is refused in plain words."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file

import scinno
from scinno._result import contents


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
    with pytest.raises(ValueError, match=r"model.safetensors is not a scinno model, or dam"):
        scinno.load(saved)


def test_foreign_files_are_refused(tmp_path):
    other = tmp_path / "other.safetensors"
    save_file({"a": np.zeros(3)}, other)
    with pytest.raises(
        ValueError, match="not a scinno model, or damaged: expected a safetensors file"
    ):
        scinno.load(other)
    other.write_text("cell,cluster\nc1,0\n" * 100)
    with pytest.raises(
        ValueError, match="not a scinno model, or damaged: expected a safetensors file"
    ):
        scinno.load(other)


def test_newer_files_are_refused(small_fit, tmp_path, monkeypatch):
    monkeypatch.setattr(contents, "PLAIN", 99)
    small_fit.save(tmp_path / "m")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="format version 99.*reads up to 3: upgrade"):
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


def test_one_changed_digit_is_noticed(small_fit):
    data = bytearray(small_fit.to_bytes())
    data[-100] ^= 1
    with pytest.raises(ValueError, match="or damaged: its content is not what was saved"):
        scinno.from_bytes(data)


def edited(data: bytes, change) -> bytes:
    """The same file with other plain values."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    about = json.loads(header["__metadata__"]["scinno"])
    change(about)
    header["__metadata__"]["scinno"] = json.dumps(about)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data[8 + size :]


def test_without_a_checksum_the_schema_decides_and_it_is_noted(small_fit, caplog):
    data = edited(small_fit.to_bytes(), lambda about: about.pop("sha256"))
    with caplog.at_level("INFO", logger="scinno"):
        fit = scinno.from_bytes(data)
    assert "was saved without a checksum" in caplog.text
    assert fit.to_bytes() == small_fit.to_bytes()
    scinno.from_bytes(small_fit.to_bytes())
    assert caplog.text.count("checksum") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda about: about.pop("kind"), "it lacks value 'kind'"),
        (lambda about: about.update(more=1), "it has an unknown value 'more'"),
        (lambda about: about["settings"].update(more=1), "settings are refused: .*'more'"),
        (lambda about: about["settings"].update(hidden=9), "something twice, by an old and a"),
        (lambda about: about["settings"].update(n_hidden=10**9), r"F32 \[1000000000\] by the"),
        (lambda about: about["settings"].update(gamma=float("inf")), "its value 'settings' is not"),
        (lambda about: about["genes"].append("a" * 2**21), "its value 'genes' is not what"),
        (lambda about: about["history"].pop("loss"), "its value 'history' is not what"),
    ],
)
def test_plain_values_follow_one_schema(small_fit, change, message):
    def forge(about):
        del about["sha256"]
        change(about)

    with pytest.raises(ValueError, match=f"is not a scinno model, or damaged: .*{message}"):
        scinno.from_bytes(edited(small_fit.to_bytes(), forge))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in folders")
def test_a_pipe_or_folder_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="pipe is not a scinno model.* not a regular file"):
        scinno.load(tmp_path / "pipe")
    with pytest.raises(ValueError, match="it is a folder"):
        scinno.load(tmp_path)


def test_a_large_file_that_ends_elsewhere_is_not_read(saved, monkeypatch):
    with saved.open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(ValueError, match=f"it has {2**40} bytes where its header says"):
        scinno.load(saved)
