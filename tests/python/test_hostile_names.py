"""Names from files that a shell's window, a spreadsheet or pandas would read as something else."""

import csv
import logging

import numpy as np
import pandas as pd
import pytest
from test_cli import SET, scinno

CELLS = [
    "=1+1", "+x", "-x", "@SUM(A1)", "\tx", "\rx", "x\r\ny", "NA", "nan", "None", "-1.5", "a,b",
    'q"q', "x\ny", "\u202ex", "\x1b[2Jx", "[/red]", "'quoted'", "", " x ",
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    from scinno._drawing import layout

    monkeypatch.setattr(layout, "maps", lambda *_: {})


@pytest.fixture
def cells(labeled_cells):
    data = labeled_cells.copy()
    data.obs_names = [CELLS[i] if i < len(CELLS) else f"c{i}" for i in range(data.n_obs)]
    return data


def names_in(path) -> list[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return [row[0] for row in list(csv.reader(file))[1:]]


def test_names_come_back_exactly_from_every_file_for_programs(cells, tmp_path, capsys):
    cells.write_h5ad(tmp_path / "in.h5ad")
    out = tmp_path / "out"
    scinno("cluster", tmp_path / "in.h5ad", "-k", 3, "-o", out, *SET)
    for file in ("labels", "memberships", "embedding"):
        assert names_in(out / f"{file}.csv") == cells.obs_names.tolist(), file
    scinno("predict", out / "model.safetensors", tmp_path / "in.h5ad", "-o", tmp_path / "new")
    assert names_in(tmp_path / "new" / "labels.csv") == cells.obs_names.tolist()
    scinno("subcluster", out, "0", "-k", 2, "-o", tmp_path / "part", *SET)
    assert names_in(tmp_path / "part" / "all_labels.csv") == cells.obs_names.tolist()
    scinno("tree", out, "-k", 2, "-o", tmp_path / "tree")
    assert names_in(tmp_path / "tree" / "labels.csv") == cells.obs_names.tolist()
    assert "\x1b" not in capsys.readouterr().out


def test_it_is_said_what_a_spreadsheet_would_compute(cells, tmp_path, caplog):
    cells.obs_names = ["=1+1", "-x", *[f"c-{i}" for i in range(148)]]
    cells.write_h5ad(tmp_path / "in.h5ad")
    with caplog.at_level(logging.WARNING, "scinno"):
        scinno("cluster", tmp_path / "in.h5ad", "-k", 3, "-o", tmp_path / "out", *SET)
        scinno("markers", tmp_path / "out", "-o", tmp_path / "markers.csv", "--quiet")
    said = [record.getMessage() for record in caplog.records if "spreadsheet" in record.msg]
    assert len(said) == 1
    assert said[0].startswith("labels.csv holds 2 name(s) that a spreadsheet would compute")
    assert "'=1+1'" in said[0]


def test_markers_keep_their_names_and_numbers(cells, tmp_path, caplog):
    cells.var_names = ["=1+1" if i == 3 else f"G{i}" for i in range(cells.n_vars)]
    cells.obs["scinno"] = pd.Categorical(cells.obs["type"].map({"0": "-1", "1": "b", "2": "c"}))
    cells.write_h5ad(tmp_path / "in.h5ad")
    with caplog.at_level(logging.WARNING, "scinno"):
        scinno("markers", tmp_path / "in.h5ad", "-o", tmp_path / "markers.csv", "--quiet")
    table = pd.read_csv(tmp_path / "markers.csv", dtype={"cluster": str})
    assert set(table["cluster"]) == {"-1", "b", "c"}
    assert "=1+1" in set(table["gene"])
    assert (table["log2_fold_change"] < 0).any()
    assert np.issubdtype(table["log2_fold_change"].dtype, np.floating)
    assert "markers.csv holds 1 name(s)" in caplog.text  # "-1" is a number


def test_a_name_gives_the_terminal_no_orders(cells, tmp_path, capsys):
    cells.obs = cells.obs.rename(columns={"type": "\x1b]0;title\x07\u202e"})
    cells.write_h5ad(tmp_path / "in.h5ad")
    scinno("cluster", tmp_path / "in.h5ad", "-o", tmp_path / "o", "--label-key=x", *SET, code=2)
    shown = capsys.readouterr().err
    assert "obs, which holds: [U+001B]]0;title[U+0007][U+202E]" in shown
    cells.var_names = [f"G{i}\x1b[2J" for i in range(cells.n_vars)]
    cells.obs["scinno"] = pd.Categorical(["[/red]"] * 75 + ["\x1b[31m"] * 75)
    cells.write_h5ad(tmp_path / "in.h5ad")
    scinno("markers", tmp_path / "in.h5ad", "-n", 2)
    shown = capsys.readouterr().out
    assert "cluster [/red] against the rest" in shown
    assert "\x1b" not in shown


def test_a_batch_may_be_called_like_markup(cells, tmp_path, capsys):
    cells.obs["batch"] = np.where(np.arange(150) % 2, "[/red]", "[bold]b")
    cells.write_h5ad(tmp_path / "in.h5ad")
    scinno("cluster", tmp_path / "in.h5ad", "-k", 3, "-o", tmp_path / "out", "--batch-key=batch",
           *SET)  # fmt: skip
    shown = capsys.readouterr().out
    assert "[/red]" in shown
    assert "[bold]b" in shown
