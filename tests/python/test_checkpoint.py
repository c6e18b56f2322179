"""Training that was killed resumes where it was."""

import shutil
import subprocess
import sys
from pathlib import Path

import anndata as ad
import numpy as np
import pytest
from conftest import QUICK
from typer.testing import CliRunner

import scinno
from scinno.cli import app, main

ENDED_ONCE = Path(__file__).parent / "ended_once.py"


@pytest.fixture(scope="module")
def file(tmp_path_factory, labeled_cells) -> Path:
    path = tmp_path_factory.mktemp("cells") / "cells.h5ad"
    labeled_cells.write_h5ad(path)
    return path


def words(file: Path, out: Path, state: Path, *more: str) -> list[str]:
    quick = [f"--set={name}={value}" for name, value in QUICK.items()]
    place = ["--checkpoint", str(state)]
    return ["cluster", str(file), "-k", "3", "-o", str(out), *place, *quick, *more]


@pytest.fixture(scope="module")
def left_behind(file) -> Path:
    """What a process leaves behind that was killed in its first loop."""
    folder = file.parent / "left"
    script = [sys.executable, str(ENDED_ONCE), str(file.parent), "pretrain:0"]
    done = subprocess.run([*script, *words(file, file.parent / "killed", folder)], timeout=300)
    assert done.returncode == -9
    assert [path.name for path in folder.iterdir()] == ["pretrain.checkpoint"]
    assert not (file.parent / "killed").exists()
    return folder


@pytest.fixture
def state(left_behind, tmp_path) -> Path:
    return shutil.copytree(left_behind, tmp_path / "state")


def test_a_killed_run_resumes_to_the_same_result(file, state, tmp_path, caplog):
    whole, again = tmp_path / "whole", tmp_path / "again"
    runner = CliRunner()
    assert runner.invoke(app, words(file, whole, tmp_path / "other")).exit_code == 0
    assert not caplog.text
    assert runner.invoke(app, words(file, again, state)).exit_code == 0
    assert f"resuming from {state / 'pretrain.checkpoint'}, after epoch 1" in caplog.text
    first, second = (ad.read_h5ad(path / "clustered.h5ad") for path in (whole, again))
    np.testing.assert_array_equal(first.obsm["X_scinno"], second.obsm["X_scinno"])
    assert len((again / "history.csv").read_text().splitlines()) == 1 + 3 + 2
    assert not state.exists()
    assert not (tmp_path / "other").exists()


def refusal(monkeypatch, capsys, arguments: list[str]) -> str:
    monkeypatch.setattr(sys, "argv", ["scinno", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_a_checkpoint_of_another_run_is_refused_and_kept(
    file, state, tmp_path, monkeypatch, capsys
):
    more = ("--seed", "7", "--set=n_hidden=32")
    error = refusal(monkeypatch, capsys, words(file, tmp_path / "out", state, *more))
    assert f"checkpoint {state} is of another run, with other settings, seed" in error
    assert (state / "pretrain.checkpoint").exists()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("change", ["cut", "one bit", "foreign", "folder"])
def test_a_damaged_checkpoint_is_named(change, file, state, tmp_path, monkeypatch, capsys):
    file_of_phase = state / "pretrain.checkpoint"
    data = bytearray(file_of_phase.read_bytes())
    data[-5000] ^= 1
    if change == "folder":
        file_of_phase.unlink()
        file_of_phase.mkdir()
    else:
        file_of_phase.write_bytes({"cut": data[:1000], "one bit": data}.get(change, b"x" * 999))
    error = refusal(monkeypatch, capsys, words(file, tmp_path / "out", state))
    said = (
        "is not a checkpoint file"
        if change == "folder"
        else "is not a scinno checkpoint, or damaged"
    )
    assert f"{file_of_phase} {said}" in error


@pytest.mark.parametrize(("version", "age"), [(99, "a newer"), (2, "an older"), (0, "an older")])
def test_a_checkpoint_of_another_version_is_refused(
    version, age, file, state, tmp_path, monkeypatch, capsys
):
    file_of_phase = state / "pretrain.checkpoint"
    data = file_of_phase.read_bytes()
    assert data.startswith(b"scinno checkpoint 3 ")
    file_of_phase.write_bytes(data.replace(b" 3 ", b" %d " % version, 1) if version else data[85:])
    error = refusal(monkeypatch, capsys, words(file, tmp_path / "out", state))
    assert f"was written by {age} scinno: remove it to start anew" in error


class Killed(BaseException):
    """Nothing in a fit catches this."""


def killed_in_the_second_phase(x, names, state: Path) -> None:
    def kill(row):
        if row["epoch"] == 4:
            raise Killed

    with pytest.raises(Killed):
        scinno.fit(x, 3, genes=names, checkpoint=state, callback=kill, **QUICK)


def test_a_fit_in_python_resumes_too(simulated, small_fit, names, tmp_path, caplog):
    state = tmp_path / "state"
    killed_in_the_second_phase(simulated[0], names, state)
    assert [path.name for path in state.iterdir()] == ["pretrain.checkpoint"]
    rows = []
    fit = scinno.fit(
        simulated[0], 3, genes=names, checkpoint=str(state), callback=rows.append, **QUICK
    )
    assert f"resuming from {state / 'pretrain.checkpoint'}, after epoch 3" in caplog.text
    assert [row["epoch"] for row in rows] == [4, 5]  # the first phase is not trained again
    np.testing.assert_array_equal(fit.embedding, small_fit.embedding)
    np.testing.assert_array_equal(fit.labels, small_fit.labels)
    assert fit.history["loss"].tolist() == small_fit.history["loss"].tolist()
    assert not state.exists()


@pytest.mark.parametrize("stop_at", [2, 4])
def test_an_interrupted_fit_resumes_too(stop_at, simulated, small_fit, names, tmp_path, caplog):
    def stop(row):
        if row["epoch"] == stop_at:
            raise KeyboardInterrupt

    given = {"genes": names, "checkpoint": tmp_path / "state", **QUICK}
    with pytest.warns(UserWarning, match=f"last good state, and {tmp_path}/state resumes from it"):
        cut = scinno.fit(simulated[0], 3, callback=stop, **given)
    assert len(cut.history) == stop_at
    fit = scinno.fit(simulated[0], 3, **given)
    assert caplog.text.count("resuming from") == 1 + (stop_at == 4)
    np.testing.assert_array_equal(fit.embedding, small_fit.embedding)
    columns = ["epoch", "phase", "loss"]
    assert fit.history[columns].equals(small_fit.history[columns])
    assert not (tmp_path / "state").exists()


def test_an_interrupted_command_keeps_its_checkpoint(file, tmp_path, monkeypatch):
    from scinno.cli.progress import ProgressBar

    def stop(_, row):
        if row["epoch"] == 4:
            raise KeyboardInterrupt

    state, runner = tmp_path / "state", CliRunner()
    with monkeypatch.context() as patch:
        patch.setattr(ProgressBar, "__call__", stop)
        with pytest.warns(UserWarning, match="interrupted after 4 of 5"):
            runner.invoke(app, words(file, tmp_path / "out", state))
    assert len((tmp_path / "out" / "history.csv").read_text().splitlines()) == 1 + 4
    assert {path.name for path in state.iterdir()} == {"pretrain.checkpoint", "joint.checkpoint"}
    done = runner.invoke(app, words(file, tmp_path / "out", state, "--force"))
    assert done.exit_code == 0
    assert len((tmp_path / "out" / "history.csv").read_text().splitlines()) == 1 + 5
    assert not state.exists()


def test_checkpoints_need_cells_in_blocks(tmp_path, monkeypatch, capsys):
    table = tmp_path / "cells.csv"
    table.write_text("cell,A,B\nc1,1,2\n")
    error = refusal(monkeypatch, capsys, words(table, tmp_path / "out", tmp_path / "state"))
    assert "--checkpoint needs .h5ad, .zarr or a folder of several of them" in error


def test_a_checkpoint_of_other_values_is_refused(simulated, names, tmp_path):
    """The same shape, genes and settings; other counts, or the same cells in another order."""
    x, state = simulated[0], tmp_path / "state"
    killed_in_the_second_phase(x, names, state)
    genes = np.argsort(x.toarray().sum(axis=0))[-2:]  # two genes that the network reads
    other = x.toarray()
    other[:, genes] = other[:, genes[::-1]]
    for values in (x[::-1], other):
        with pytest.raises(ValueError, match="is of another run, with other values: choose"):
            scinno.fit(values, 3, genes=names, checkpoint=state, **QUICK)
    assert state.exists()
