"""The folder of results: tried before the work, used by one run, complete or as it was before."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import atomic_folder
from test_cli import SET, scinno

from scinno._runtime.out_folder import check_space, check_writable, only_user_of


def fill(folder, **texts):
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.json").write_text(text)
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(params=["new", "empty", "link", "here", "mount", "below a locked folder", "deep"])
def out(request, tmp_path, monkeypatch) -> Iterator[Path]:
    """A folder for results that is of one kind."""
    path = tmp_path / "out"
    if request.param not in ("new", "deep"):
        path.mkdir()
    (tmp_path / "link").symlink_to(path)
    given = {"link": tmp_path / "link", "here": Path("."), "deep": path / "a" / "b"}
    fixed = request.param in ("mount", "below a locked folder")
    if request.param == "here":
        monkeypatch.chdir(path)
    if request.param == "mount":  # as docker -v gives: it can be filled, but not renamed
        monkeypatch.setattr(os.path, "ismount", lambda at: Path(at) == path)
    if request.param == "below a locked folder":
        monkeypatch.setattr(os, "access", lambda at, _: Path(at) != tmp_path)
    inode = path.stat().st_ino if path.exists() else None
    yield given.get(request.param, path)
    assert not fixed or path.stat().st_ino == inode
    assert (tmp_path / "link").is_symlink()


def test_every_kind_of_folder_is_filled_and_then_replaced(out, tmp_path):
    for texts in ({"settings": "1", "old": "1"}, {"settings": "2", "new": "2"}):
        check_writable(out)
        with only_user_of(out), atomic_folder(out) as made:
            fill(made, **texts)
        assert {path.stem: path.read_text() for path in out.iterdir()} == texts
    assert not [path for path in tmp_path.rglob("*") if ".scinno" in path.name]


def test_a_failure_leaves_every_kind_of_folder_as_it_was(out, tmp_path):
    with only_user_of(out), atomic_folder(out) as made:
        fill(made, settings="1")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(FileExistsError), only_user_of(out), atomic_folder(out) as made:
        made.mkdir()
    assert sorted(tmp_path.rglob("*")) == before
    assert (out / "settings.json").read_text() == "1"


def test_nothing_is_left_of_a_run_that_fails_before_it_writes(tmp_path):
    with pytest.raises(ZeroDivisionError), only_user_of(tmp_path / "a" / "b"):
        raise ZeroDivisionError
    assert names(tmp_path) == []


KILLED = """
import os, pathlib, signal, sys
from scinno._runtime import atomic

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def replace(source, target, real=os.replace):
    real(source, target)
    moves.append(target)
    if moment == f"move {len(moves)}":
        kill()

out, moment, moves = pathlib.Path(sys.argv[1]), sys.argv[2], []
if moment == "exchanged":
    atomic.shutil.rmtree = kill
else:  # as on disks that cannot exchange
    atomic._exchange = lambda *_: False
    os.replace = replace
with atomic.atomic_folder(out) as made:
    made.joinpath("settings.json").write_text("new")
    if moment == "writing":
        kill()
"""


@pytest.mark.parametrize(
    ("moment", "there", "kept"),
    [
        ("writing", True, "old"),
        ("exchanged", True, "new"),
        ("move 1", False, "old"),
        ("move 2", True, "new"),
    ],
)
def test_a_kill_at_any_moment_of_a_replacement_loses_no_run(moment, there, kept, tmp_path, caplog):
    out = fill(tmp_path / "out", settings="old")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(out), moment], check=False)
    assert ended.returncode == -9
    assert out.exists() == there
    assert len(names(tmp_path)) == 2  # with a leftover
    with only_user_of(out):
        assert (out / "settings.json").read_text() == kept
    assert names(tmp_path) == ["out"]
    assert ("is back" in caplog.text) != there


def test_two_runs_never_use_one_folder(labeled_cells, tmp_path, capsys):
    labeled_cells.write_h5ad(tmp_path / "in.h5ad")
    words = ["cluster", tmp_path / "in.h5ad", "-k", 3, "-o", tmp_path / "out", *SET]
    with only_user_of(tmp_path / "out"):
        scinno("choose-k", tmp_path / "in.h5ad", "-o", tmp_path / "out", code=2)
        assert "is in use by another run" in capsys.readouterr().err
        scinno(*words, code=2)
    assert "--out " + str(tmp_path / "out") + " is in use by another run" in capsys.readouterr().err
    with only_user_of(tmp_path / "state"):
        scinno(*words, "--checkpoint", tmp_path / "state", code=2)
    assert "state is in use by another run of scinno: wait" in capsys.readouterr().err
    assert names(tmp_path) == ["in.h5ad"]


def test_leftovers_of_files_are_removed(tmp_path):
    state = fill(tmp_path / "state", other="kept")
    (state / ".scinno-pretrain.checkpoint.x1").write_bytes(b"half")
    with only_user_of(state, "--checkpoint"):
        assert names(state) == ["other.json"]


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="needs a folder where root cannot write"
)
@pytest.mark.parametrize("place", ["/proc/run", "FILE/run", "/proc/a/b/run"])
def test_what_cannot_be_written_is_said_before_the_fit(place, tmp_path, capsys, monkeypatch):
    (tmp_path / "file").touch()
    place = place.replace("FILE", str(tmp_path / "file"))
    monkeypatch.setattr("scinno.cli._input.cells.read_cells", lambda *_: pytest.fail("it was read"))
    for words in (["cluster", tmp_path / "x.h5ad"], ["choose-k", tmp_path / "x.h5ad"]):
        scinno(*words, "-o", place, code=2)
        assert f"--out {place} cannot be written, as " in capsys.readouterr().err
    scinno("cluster", "x.h5ad", "-o", tmp_path / "out", "--checkpoint", place, code=2)
    assert f"--checkpoint {place} cannot be written, as " in capsys.readouterr().err


def test_a_full_disk_is_found_before_the_fit(tmp_path):
    check_space(tmp_path / "a" / "b", 1)
    with pytest.raises(OSError, match=r"need about .* GB in .* free: choose --out on a larger"):
        check_space(tmp_path / "a" / "b", 1e18)
