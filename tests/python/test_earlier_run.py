"""What ``--force`` replaces: runs of scinno as a whole, and nothing that others put there."""

import json
import sys

import pytest
from conftest import QUICK

from scinno.cli import main
from scinno.cli.earlier_run import check_free

SET = [f"--set={name}={value}" for name, value in QUICK.items()]


def command(*words: object) -> None:
    argv, sys.argv = sys.argv, ["scinno", *map(str, words), "-q"]
    try:
        with pytest.raises(SystemExit) as end:
            main()
    finally:
        sys.argv = argv
    assert not end.value.code


def a_run(folder, **about):
    folder.mkdir()
    (folder / "settings.json").write_text(json.dumps({"scinno": "1.0.0"} | about))
    (folder / "labels.csv").write_text("cell,label\n")
    return folder


def test_what_any_command_writes_can_be_replaced(labeled_cells, tmp_path):
    data = labeled_cells.copy()
    data.obs["chip"] = ["a", "b"] * (data.n_obs // 2)
    cells, run = tmp_path / "cells.h5ad", tmp_path / "run"
    data.write_h5ad(cells)
    command("cluster", cells, "-o", run, "--batch-key", "chip", "--report", *SET)
    command("subcluster", run, "0", "-k", 2, "-o", tmp_path / "part", *SET)
    command("tree", run, "-k", 2, "-o", tmp_path / "tree")
    command("choose-k", cells, "-o", tmp_path / "k", *SET)
    command("predict", run / "model.safetensors", cells, "--batch-key", "chip", "-o",
            tmp_path / "new")  # fmt: skip
    command("tune", cells, "-k", 3, "--trials", 1, "--budget", 200, "-o", tmp_path / "tuned", *SET)
    names = ("run", "part", "tree", "k", "new", "tuned")
    for name in names:
        check_free(tmp_path / name, force=True)
        (tmp_path / name / ".DS_Store").touch()
        check_free(tmp_path / name, force=True)
    assert {p.name for p in tmp_path.iterdir()} == {"cells.h5ad", *names}


@pytest.mark.parametrize("name", ["notes.txt", "figures", "labels.csv.bak", "labels.csv"])
def test_files_of_others_in_a_run_are_named_and_kept(name, tmp_path):
    run = a_run(tmp_path / "run")
    if name == "labels.csv":  # a folder of that name
        (run / name).unlink()
    if name in ("figures", "labels.csv"):
        (run / name).mkdir()
    else:
        (run / name).write_text("mine")
    with pytest.raises(FileExistsError, match=rf"did not write \({name}\).* move it, or choose"):
        check_free(run, force=True)
    assert (run / name).exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"editor.tabSize": 4}', "has no 'scinno'"),
        ("// settings of an editor", "not valid JSON"),
        ("[]", "is not an object"),
        ('{"scinno": 1}', "'scinno' holds"),
    ],
)
def test_a_settings_json_of_another_program_marks_no_run(text, why, tmp_path):
    run = a_run(tmp_path / "run")
    (run / "settings.json").write_text(text)
    with pytest.raises(FileExistsError, match=why) as caught:
        check_free(run, force=True)
    assert str(caught.value).endswith("--force replaces earlier runs only")
