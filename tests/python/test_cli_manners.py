"""The command line among other programs: help, JSON, exit codes, colors, completion, memory."""

import json
import os
import pty
import re
import subprocess
import sys

import h5py
import numpy as np
import pytest
from conftest import QUICK
from test_cli import scinno as command

from scinno._data import read
from scinno.cli import app

SET = [f"--set={name}={value}" for name, value in QUICK.items()]
COMMANDS = [info.callback.__name__.replace("_", "-") for info in app.registered_commands]


@pytest.fixture
def quick(labeled_cells, tmp_path, monkeypatch):
    """A file of cells, and no time spent on pictures, which have tests of their own."""
    monkeypatch.setattr("scinno._drawing.layout.maps", lambda *_: {})
    labeled_cells.write_h5ad(tmp_path / "in.h5ad")
    return tmp_path


def run(*words, **environment) -> subprocess.CompletedProcess:
    program = [sys.executable, "-m", "scinno", *words]
    return subprocess.run(
        program, capture_output=True, text=True, env={**os.environ, **environment}
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_and_exit_codes(name, capsys):
    command(name, "--help")
    shown = " ".join(capsys.readouterr().out.split())
    assert "Example" in shown
    assert f"scinno {name}" in shown.split("Example", 1)[1]
    assert "Exit codes: 0" in shown
    assert "--quiet" in shown
    assert "--verbose" in shown


def test_help_needs_no_torch():
    script = "import sys; sys.modules['torch'] = sys.modules['numpy'] = None; import scinno.cli"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_json_of_a_run_and_of_new_cells(quick, small_fit, capsys):
    command("cluster", quick / "in.h5ad", "-k", 3, "-o", quick / "run", "--label-key=type",
            "--json", *SET)  # fmt: skip
    summary = json.loads(capsys.readouterr().out)
    assert summary["cells"] == 150
    assert summary["n_clusters"] == 3
    assert list(summary["clusters"].values()) == np.bincount(small_fit.labels).tolist()
    assert summary["mean_confidence"] == pytest.approx(float(small_fit.confidence.mean()), rel=1e-5)
    assert summary["scores"]["ARI"] > 0.95
    assert summary["out"] == str(quick / "run")
    command("predict", quick / "run" / "model.safetensors", quick / "in.h5ad", "-o", quick / "new",
            "--json")  # fmt: skip
    again = json.loads(capsys.readouterr().out)
    assert again["clusters"] == summary["clusters"]


def test_quiet_says_nothing_and_verbose_more(quick, capsys, caplog):
    command("cluster", quick / "in.h5ad", "-k", 3, "-o", quick / "a", "-q", *SET)
    shown = capsys.readouterr()
    assert shown.out == shown.err == ""
    assert "taken as counts" not in caplog.text
    command("cluster", quick / "in.h5ad", "-k", 3, "-o", quick / "b", "-v", *SET)
    assert "taken as counts" in caplog.text
    caplog.clear()
    command("cluster", quick / "in.h5ad", "-k", 3, "-o", quick / "c", *SET)
    assert "taken as counts" not in caplog.text  # and the next run is as quiet as ever


def test_exit_codes():
    assert run("--version").returncode == 0
    assert run("cluster").returncode == 2
    assert run("nonsense").returncode == 2


def test_an_interrupt_ends_with_130_and_no_traceback(quick, monkeypatch, capsys):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(read, "_read", stopped)
    command("cluster", quick / "in.h5ad", "-o", quick / "out", code=130)
    assert "Traceback" not in capsys.readouterr().err
    assert not (quick / "out").exists()


def on_a_terminal(*words, **environment) -> str:
    """What the program writes when it runs on a terminal."""
    parent, child = pty.openpty()
    program = [sys.executable, "-m", "scinno", *words]
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environment}
    env.pop("NO_COLOR", None)
    env |= {name: value for name, value in environment.items() if name == "NO_COLOR"}
    with subprocess.Popen(program, stdout=child, stderr=child, env=env):
        os.close(child)
        parts = []
        try:
            while part := os.read(parent, 65536):
                parts.append(part)
        except OSError:  # the other end has closed: how a terminal ends on Linux
            pass
    os.close(parent)
    return b"".join(parts).decode()


def test_colors_are_for_terminals_and_for_those_who_want_them():
    colored = re.compile("\x1b\\[(1;)?3\\d")
    assert colored.search(on_a_terminal("cluster", "--help"))
    assert not colored.search(on_a_terminal("cluster", "--help", NO_COLOR="1"))
    assert "\x1b[" not in run("cluster", "--help").stdout
    assert "\x1b[" not in run("cluster").stderr


def test_the_shell_completes_commands_and_options():
    bash = {"_SCINNO_COMPLETE": "complete_bash", "COMP_WORDS": "scinno cl", "COMP_CWORD": "1"}
    program = [sys.executable, "-c", "import sys; sys.argv = ['scinno']; import scinno.cli as c; "
               "c.main()"]  # fmt: skip
    summary = subprocess.run(program, capture_output=True, text=True, env=os.environ | bash)
    assert summary.stdout.split() == ["cluster"]
    bash |= {"COMP_WORDS": "scinno cluster --n-", "COMP_CWORD": "2"}
    summary = subprocess.run(program, capture_output=True, text=True, env=os.environ | bash)
    assert "--n-clusters" in summary.stdout
    source = {"_SCINNO_COMPLETE": "source_bash"}
    summary = subprocess.run(program, capture_output=True, text=True, env=os.environ | source)
    assert "complete -o default -F" in summary.stdout


def test_a_truncated_file_is_said_to_be_one(quick, capsys):
    whole = (quick / "in.h5ad").read_bytes()
    (quick / "cut.h5ad").write_bytes(whole[: len(whole) // 2])
    command("cluster", quick / "cut.h5ad", "-o", quick / "out", code=2)
    message = capsys.readouterr().err
    assert f"it is truncated ({len(whole) // 2} of {len(whole)} bytes)" in message
    assert message.count("\n") == 1
    (quick / "no.h5ad").write_text("<html>404</html>")
    command("cluster", quick / "no.h5ad", "-o", quick / "out", code=2)
    assert "it is not an HDF5 file, whatever its name says" in capsys.readouterr().err


def test_a_file_that_does_not_fit_is_refused_before_it_is_read(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(read, "_read", lambda *_: pytest.fail("it was read"))
    monkeypatch.setattr("scinno._data.file_size.available_memory", lambda: 16_000_000_000)
    monkeypatch.setattr("scinno._data.file_size.check_claims", lambda _: None)
    with h5py.File(tmp_path / "huge.h5ad", "w") as file:  # nothing is written to the disk
        group = file.create_group("X")
        group.attrs["shape"] = (2_000_000, 30_000)
        for name, kind in (("data", "f4"), ("indices", "i8")):
            group.create_dataset(name, (4_000_000_000,), kind, chunks=True)
        group.create_dataset("indptr", (2_000_001,), "i8", chunks=True)
    assert (tmp_path / "huge.h5ad").stat().st_size < 1e6
    command("cluster", tmp_path / "huge.h5ad", "--in-memory", "-o", tmp_path / "out", code=2)
    message = capsys.readouterr().err
    assert "(2,000,000 cells × 30,000 genes) needs about 84.0 GB of memory" in message
    assert "16.0 GB are available: take fewer cells or genes" in message
    assert message.count("\n") == 1
