"""``scinno tune`` and the picture of a search."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from conftest import QUICK
from drawn import no_figure_is_left as no_figure_is_left
from test_cli import scinno as command

import scinno

WORDS = [
    "--budget", "300", "--trials", "3",
    *(word for name, value in QUICK.items() for word in ("--set", f"{name}={value}")),
]  # fmt: skip


@pytest.fixture(scope="module")
def cells(labeled_cells, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("tune") / "cells.h5ad"
    labeled_cells.write_h5ad(path)
    return path


@pytest.fixture(scope="module")
def found(simulated) -> scinno.Tuning:
    return scinno.tune(simulated[0], 3, budget=300, n_trials=3, **QUICK)


def test_the_command_prints_a_table_and_writes_it_with_its_picture(cells, found, tmp_path, capsys):
    command("tune", cells, "-k", 3, "-o", tmp_path / "out", "--study", tmp_path / "a.db", *WORDS)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["trial", "held", "out"]
    rows = [line for line in lines if line.split()[0].isdigit()]  # a long one goes on below
    assert [line.split()[0] for line in rows] == ["0", "1", "2"]
    second = found.table.iloc[1]
    assert f" {second['score']:.3f} " in rows[1]
    assert f"noise={second['noise']}" in rows[1]
    assert f"why: {found.reason}" in lines
    assert f"cluster with: scinno cluster {cells} -k 3" in lines
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "trials.csv", "trials.png", "settings.json",
    }  # fmt: skip
    table = pd.read_csv(tmp_path / "out" / "trials.csv")
    assert table.columns.tolist() == found.table.columns.tolist()
    np.testing.assert_allclose(table["score"], found.table["score"], rtol=1e-5)
    kept = json.loads((tmp_path / "out" / "settings.json").read_text())
    assert kept["settings"] == asdict(found.settings)
    command("tune", cells, "-k", 3, "--study", tmp_path / "a.db", "--json", *WORDS, "-q")
    summary = json.loads(capsys.readouterr().out)
    assert [row["trial"] for row in summary["trials"]] == [0, 1, 2, 3, 4, 5]
    assert summary["n_clusters"] == 3
    assert summary["changes"] == {}


def test_recommended_settings_become_options(found, capsys):
    from scinno.cli._commands import tune

    changed = found.start.replace({"noise": "swap:0.2", "n_pcs": 20})
    better = scinno.Tuning(**{**vars(found), "settings": changed, "best": changed})
    tune._print(better, Path("cells.h5ad"), None)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "cluster with: scinno cluster cells.h5ad --set noise=swap:0.2 --set n_pcs=20"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--budget", "3"], "budget must be 10 seconds or more, got 3"),
        (["--trials", "0"], "n_trials must be from 1 to 1000000, got 0"),
        (["--study", "nowhere/a.db"], "study nowhere/a.db: there is no folder nowhere"),
        (["--input", "log"], "tune needs raw counts, because it holds molecules out, but x holds"),
        (["-k", "many"], "--n-clusters must be a whole number or a range such as 5:12, got 'many'"),
    ],
)
def test_what_is_wrong_ends_with_one_sentence(words, message, cells, tmp_path, capsys):
    command("tune", cells, *words, "-o", tmp_path / "out", code=2)
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_bar_shows_the_step_the_seconds_and_the_best_score():
    from scinno.cli._commands.tune import BudgetBar

    bar = BudgetBar(60, shown=False)
    bar.tick("training", 12.0)
    bar.trial({"state": "complete", "score": 0.25})
    bar.trial({"state": "pruned", "score": float("nan")})
    (task,) = bar._bar.tasks
    assert (task.description, task.completed, task.total) == ("training", 12.0, 60)
    assert task.fields["best"] == "2 trials, best score 0.250"


def test_the_picture_has_a_panel_for_the_trials_and_for_each_setting(found, tmp_path):
    axes = scinno.pl.tuning(found, save=tmp_path / "trials.png")
    assert [axis.get_xlabel() for axis in axes] == ["trial", *found.searched]
    finished = found.table[found.table["state"] == "complete"]
    np.testing.assert_array_equal(axes[0].lines[0].get_xdata(), finished["trial"])
    for axis in axes:
        lines = {line.get_gid(): line for line in axis.lines}
        np.testing.assert_allclose(axis.lines[0].get_ydata(), finished["score"])
        assert lines["best"].get_ydata().tolist() == [finished["score"].max()]
        assert lines["first"].get_ydata()[0] == finished["score"].iloc[0]
    shown = [text.get_text() for text in axes[1].get_xticklabels()]
    assert shown == sorted(finished["noise"].unique())


def test_pruned_trials_stand_at_the_bottom(found):
    table = found.table.assign(state=["complete", "pruned", "complete"])
    table.loc[1, ["score", "best", "start"]] = float("nan"), False, False
    table.loc[2, "best"] = True
    axes = scinno.pl.tuning(scinno.Tuning(**{**vars(found), "table": table}))
    crosses = next(line for line in axes[0].lines if line.get_label() == "not finished")
    assert crosses.get_xdata().tolist() == [1]
    assert crosses.get_ydata().tolist() == [table["score"].min()]


def test_nothing_to_draw_has_a_sentence(found):
    with pytest.raises(TypeError, match="data must be a scinno.Tuning, got AnnData"):
        scinno.pl.tuning(ad.AnnData(np.ones((2, 2))))
    nothing = scinno.Tuning(**{**vars(found), "table": found.table.head(0)})
    with pytest.raises(ValueError, match="no trial was finished within the budget, so there is"):
        scinno.pl.tuning(nothing)
