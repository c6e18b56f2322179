"""`scinno.choose_k` and ``scinno choose-k``: the number of `fit`, without its clusters."""

from __future__ import annotations

import json
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from conftest import QUICK
from test_cli import scinno as command
from test_r_call import ask

import scinno

SET = [word for name, value in QUICK.items() for word in ("--set", f"{name}={value}")]


@pytest.fixture(scope="module")
def adata(simulated, names) -> ad.AnnData:
    return ad.AnnData(simulated[0].astype(np.float32), var=pd.DataFrame(index=names))


@pytest.fixture(scope="module")
def cells(adata, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("choose-k") / "cells.h5ad"
    adata.write_h5ad(path)
    return path


@pytest.fixture(scope="module")
def choice(simulated) -> scinno.KChoice:
    return scinno.choose_k(simulated[0], **QUICK)


def test_it_chooses_what_a_fit_chooses_and_trains_no_clusters(simulated, choice):
    phases = []
    again = scinno.choose_k(
        simulated[0], callback=lambda row: phases.append((row["phase"], row["n_epochs"])), **QUICK
    )
    assert phases == [("pretrain", QUICK["pretrain_epochs"])] * QUICK["pretrain_epochs"]
    fit = scinno.fit(simulated[0], **QUICK)
    assert fit.n_clusters == choice.n_clusters == again.n_clusters == 3
    pd.testing.assert_frame_equal(fit.k_evidence, choice.table)
    assert choice.runner_up != 3
    assert choice.reason.startswith("cells that share neighbors form ")
    assert repr(choice).startswith(f"scinno.KChoice: 3 clusters (runner-up {choice.runner_up}, ")


def test_it_takes_an_anndata_and_its_layers_and_leaves_both_alone(adata, choice):
    before = adata.X.copy()
    layered = adata.copy()
    layered.layers["counts"] = layered.X.copy()
    layered.X = layered.X * 0.5
    for x, layer in ((adata, None), (layered, "counts")):
        pd.testing.assert_frame_equal(scinno.choose_k(x, layer=layer, **QUICK).table, choice.table)
    assert (before != adata.X).nnz == 0
    assert adata.uns == {}
    with pytest.raises(KeyError, match="layer 'nix' is not in adata.layers"):
        scinno.choose_k(adata, layer="nix")


def test_what_is_wrong_gets_a_sentence(simulated):
    with pytest.raises(TypeError, match=r"within must be a pair, as in \(5, 12\), or None, got 5"):
        scinno.choose_k(simulated[0], 5)
    with pytest.raises(TypeError, match="layer='counts' is for an AnnData, and x is a csr_"):
        scinno.choose_k(simulated[0], layer="counts")
    with pytest.raises(ValueError, match=r"must go up, as in \(5, 12\), got \(12, 5\)"):
        scinno.choose_k(simulated[0], (12, 5))


def test_an_interrupt_gives_what_there_is(simulated):
    def stop(row):
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="interrupted after 2 of 3 epochs: K is of the last"):
        assert scinno.choose_k(simulated[0], callback=stop, **QUICK).n_clusters >= 2


def test_the_command_prints_a_table_and_writes_it_with_its_picture(cells, choice, tmp_path, capsys):
    command("choose-k", cells, "-k", "2:6", "-o", tmp_path / "out", *SET)
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert [line.split()[0] for line in lines[1:6]] == ["2", "3", "4", "5", "6"]
    assert lines[2].split()[-1] == "chosen"
    assert f"chosen: 3 clusters; runner-up: {choice.runner_up}" in shown.out
    assert "why: cells that share neighbors form " in shown.out
    assert "moved into the range 2 to 6 if need be" in shown.out
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "k_evidence.csv", "k_evidence.png", "settings.json",
    }  # fmt: skip
    table = pd.read_csv(tmp_path / "out" / "k_evidence.csv")
    assert table.columns.tolist() == choice.table.columns.tolist()
    assert (tmp_path / "out" / "k_evidence.png").read_bytes().startswith(b"\x89PNG")
    command("choose-k", cells, "-o", tmp_path / "out", code=2)
    assert "is not empty" in capsys.readouterr().err


def test_json_has_all_and_warnings_go_to_stderr_even_in_quiet(cells, capsys):
    command("choose-k", cells, "-k", "9:12", "--json", "-q", *SET)
    shown = capsys.readouterr()
    summary = json.loads(shown.out)
    assert summary["n_clusters"] == 9
    assert summary["range"] == [9, 12]
    assert summary["runner_up"] in (10, 11, 12)
    assert (summary["lower"], summary["upper"]) == (3, 3)
    assert [row["n_clusters"] for row in summary["candidates"] if row["chosen"]] == [9]
    assert summary["warnings"]
    for text in summary["warnings"]:
        assert f"scinno: warning: {text}" in shown.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["choose-k", "IN", "-k", "4"], "--n-clusters must be a range such as 5:12 here, got '4'"),
        (["choose-k", "IN", "-k", "4:x"], "must be a whole number or a range such as 5:12, got"),
        (["cluster", "IN", "-k", "4:5:6"], "must be a whole number or a range such as 5:12, got"),
        (["cluster", "IN", "-k", ""], "must be a whole number or a range such as 5:12, got ''"),
        (["cluster", "IN", "-k", "8:4"], "n_clusters as a range must go up, as in (4, 8)"),
        (["choose-k", "IN", "-k", "2:99"], "upper end of the range n_clusters (with 150 cells)"),
    ],
)
def test_bad_ranges_end_with_one_sentence(words, message, cells, tmp_path, capsys):
    given = [cells if word == "IN" else word for word in words]
    command(*given, "-o", tmp_path / "out", code=2)
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_r_gets_the_same_choice_and_may_give_a_range(simulated, names, choice):
    counts = {"counts": simulated[0].T.tocsc().astype(np.float64)}
    request = {"options": dict(QUICK), "genes": names.tolist(), "cells": None, "known": ["within"]}
    reply, arrays = ask("choose_k", request | {"within": None}, counts)
    assert arrays == {}
    assert (reply["n_clusters"], reply["runner_up"], reply["within"]) == (3, choice.runner_up, None)
    assert reply["k_evidence"]["stability"] == pytest.approx(choice.table["stability"].tolist())
    reply, _ = ask("choose_k", request | {"within": [9.0, 12.0]}, counts)
    assert (reply["n_clusters"], reply["within"]) == (9, [9, 12])
    assert reply["warnings"]
    ranged = request | {"options": {"n_clusters": [9.0, 12.0]} | QUICK}
    reply, _ = ask("fit", ranged, counts)
    assert reply["n_clusters"] == 9
    assert reply["warnings"]
    reply, _ = ask("choose_k", request | {"within": [12, 9]}, counts)
    assert "must go up, as in c(9, 12)" in reply["error"]
