"""Disks that are full or read-only: old results stay, what can be kept is kept, and it is said."""

import contextlib
import json
import os
import shutil
from pathlib import Path

import anndata as ad
import disks
import forked
import pandas as pd
import pytest
from forked import SET, program, waited

import scinno

# Elsewhere than under CI, which is root, a user may not be able to mount a small disk.
WHY_NOT = "" if "CI" in os.environ else disks.why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)  # never under CI, see above
FULL = "No space left on device"


@pytest.fixture(scope="module")
def cells(tmp_path_factory) -> Path:
    """A file of cells, and beside it a run in memory and one in blocks."""
    folder = tmp_path_factory.mktemp("disks")
    path = forked.cells(folder)
    with forked.without_pictures():
        for name, more in (("run", []), ("blocks", ["--backed"])):
            with contextlib.suppress(SystemExit):
                program("cluster", path, "-k", 3, "-o", folder / name, "-q", *SET, *more)()
    return path


@pytest.fixture(autouse=True)
def no_pictures():
    with forked.without_pictures():
        yield


def size_of(folder: Path, *names: str) -> int:
    """Bytes of files on a disk of memory, which gives out whole pages."""
    files = [folder / name for name in names] if names else list(folder.iterdir())
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in files)


def words(cells: Path, out: Path, *more) -> list:
    return ["cluster", cells, "-k", 3, "-o", out, "-q", *SET, *more]


def test_a_run_that_does_not_fit_is_refused_before_the_fit(cells, tmp_path):
    with disks.disk(tmp_path / "disk", "64k") as disk:
        log = tmp_path / "log"
        end = waited(forked.forked(program(*words(cells, disk / "out")), log), log)
        assert end.status == 2
        assert f"MB in {disk}, which has 0.1 MB free: choose --out on a larger disk" in end.said
        assert list(disk.iterdir()) == []


@pytest.mark.parametrize("mode", ["run", "blocks"])
@pytest.mark.parametrize("room", ["none", "labels", "labels and model", "all but clustered.h5ad"])
def test_what_fits_on_a_disk_that_is_full_late_is_kept(room, mode, cells, tmp_path):
    whole, more = cells.parent / mode, ["--backed"] if mode == "blocks" else []
    first = ("settings.json", "labels.csv")
    free = {
        "none": 4096,
        "labels": 4096 + size_of(whole, *first),
        "labels and model": 3 * 4096 + size_of(whole, *first, "model.safetensors"),
        "all but clustered.h5ad": 4096 + size_of(whole) - 8192,
    }[room]
    with disks.disk(tmp_path / "disk", "4m") as disk:
        out = shutil.copytree(whole, disk / "out")
        before = forked.bits(out)
        disks.filled(disk, free)
        call = program(*words(cells, out, "--force", "--seed", 5, *more))
        end = disks.on_late_disk(call, tmp_path / "log")
        assert end.status == 2
        assert "Traceback" not in end.said
        assert [p.name for p in disk.iterdir() if p.name.startswith(".")] == []
        kept = {path.name for path in out.iterdir()}
        if room == "none":
            assert f"cannot be written to {out}: " in end.said or "temporary files" in end.said
            assert forked.bits(out) == before
            return
        assert set(first) <= kept
        assert "clustered.h5ad" not in kept
        assert f"everything else is in {out}/" in end.said
        assert len(pd.read_csv(out / "labels.csv")) == 90
        about = json.loads((out / "settings.json").read_text())
        assert about["seed"] == 5
        assert any("clustered.h5ad could not be written" in text for text in about["warnings"])
        if room != "labels":
            assert scinno.load(out / "model.safetensors").seed == 5
        else:
            assert "model.safetensors could not be written" in end.said


def test_a_checkpoint_that_cannot_be_written_does_not_end_the_training(cells, tmp_path):
    with disks.disk(tmp_path / "disk", "64k") as disk:
        call = program(*words(cells, tmp_path / "out", "--checkpoint", disk / "state"))
        log = tmp_path / "log"
        end = waited(forked.forked(call, log), log)
        assert end.status == 0
        assert f"{disk / 'state' / 'pretrain.checkpoint'} cannot be written: {FULL}" in end.said
        assert forked.bits(tmp_path / "out") == forked.bits(cells.parent / "run")
        assert list(disk.iterdir()) == []


def test_a_checkpoint_folder_that_is_a_mount_stays_and_is_empty(cells, tmp_path):
    with disks.disk(tmp_path / "disk", "4m") as disk:
        log = tmp_path / "log"
        call = program(*words(cells, tmp_path / "out", "--checkpoint", disk))
        end = waited(forked.forked(call, log), log)
        assert (end.status, end.said) == (0, "")
        assert list(disk.iterdir()) == []


COMMANDS = {
    "cluster": ["INPUT", "-k", 3, *SET],
    "choose-k": ["INPUT", *SET],
    "tree": ["RUN", "-k", 2],
    "predict": ["RUN/model.safetensors", "INPUT"],
    "markers": ["RUN"],
    "report": ["RUN"],
    "subcluster": ["RUN", "0", "-k", 2, *SET],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("why", ["read-only", "full"])
def test_every_command_says_what_it_cannot_write(command, why, cells, tmp_path):
    log = tmp_path / "log"
    given = [str(word).replace("INPUT", str(cells)).replace("RUN", str(cells.parent / "run"))
             for word in COMMANDS[command]]  # fmt: skip
    with disks.disk(tmp_path / "disk", "64k") as disk:
        if why == "full":
            disks.filled(disk, 0)
        else:
            disks.read_only(disk)
        name = {"markers": "table.csv", "report": "page.html"}.get(command, "out")
        end = waited(forked.forked(program(command, *given, "-o", disk / name), log), log)
        assert end.status == 2, end
        assert "Traceback" not in end.said
        assert str(disk) in end.said
        assert "scinno: error: " in end.said
        assert [p.name for p in disk.iterdir() if p.name != "filling"] == []


@pytest.mark.parametrize("free", [0, 8192])
def test_a_full_folder_for_temporary_files_is_no_matter(free, cells, tmp_path, monkeypatch):
    with disks.disk(tmp_path / "disk", "64k") as disk:
        disks.filled(disk, free)
        monkeypatch.setenv("TMPDIR", str(disk))
        log = tmp_path / "log"
        end = waited(forked.forked(program(*words(cells, tmp_path / "out")), log), log)
        assert end.status == 0, end
        assert ad.read_h5ad(tmp_path / "out" / "clustered.h5ad").n_obs == 90
