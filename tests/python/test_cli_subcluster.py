"""``scinno subcluster``: a run of the cells of one cluster, and labels for all cells."""

import json
import warnings
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from report_page import clustered
from test_cli import SET
from test_cli import scinno as command

import scinno
from scinno._drawing import layout


@pytest.fixture(scope="module")
def run(small_fit, simulated, names, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("parts") / "run"
    folder.mkdir()
    data = clustered(small_fit, simulated, names)
    data.layers["umi"], data.X = data.X.copy(), data.X * 0
    data.uns["scinno"]["layer"] = "umi"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas and anndata on texts
        data.write_h5ad(folder / "clustered.h5ad")
    return folder


@pytest.fixture(autouse=True)
def no_maps(monkeypatch):
    monkeypatch.setattr(layout, "maps", lambda *_: {})


def test_the_parts_are_a_run_of_their_own(run, small_fit, tmp_path, capsys):
    out = tmp_path / "out"
    command("subcluster", run, "1", "-k", 2, "-o", out, "--json", *SET)
    summary = json.loads(capsys.readouterr().out)
    data = ad.read_h5ad(run / "clustered.h5ad")
    quick = {name: json.loads(value) for name, value in (
        word.removeprefix("--set=").split("=") for word in SET)}  # fmt: skip
    expected = scinno.subcluster(data, "1", 2, **quick)
    sizes = np.bincount(expected.labels).tolist()
    assert summary["parts"] == {"1.1": sizes[0], "1.2": sizes[1]}
    assert summary["cells"] == int((small_fit.labels == 1).sum())
    table = pd.read_csv(out / "all_labels.csv", dtype=str)
    assert table["cell"].tolist() == data.obs_names.tolist()
    assert table["label"].tolist() == data.obs["scinno_sub"].astype(str).tolist()
    inside = data.obs["scinno"] == "1"
    labels = pd.read_csv(out / "labels.csv")
    assert labels["cell"].tolist() == data.obs_names[inside].tolist()
    np.testing.assert_array_equal(labels["label"], expected.labels)
    part = ad.read_h5ad(out / "clustered.h5ad")
    assert part.n_obs == inside.sum()
    assert part.uns["scinno"]["layer"] == "umi"
    assert "scinno_parts" not in part.obs
    np.testing.assert_array_equal(
        scinno.load(out / "model.safetensors").labels, part.obs["scinno"].astype(int)
    )


def test_it_prints_the_parts_and_other_commands_take_its_run(run, tmp_path, capsys):
    out = tmp_path / "out"
    command("subcluster", run / "clustered.h5ad", "0", "-k", 2, "-o", out, *SET)
    shown = capsys.readouterr().out
    assert "cells of cluster 0 in 2: 0.1 (" in shown
    assert f"labels of all 150 cells, are in {out}/" in shown
    command("tree", out, "-q")
    command("subcluster", run / "clustered.h5ad", "0", "-k", 2, "-o", out, "-q", *SET, code=2)
    assert "is not empty: choose another or add --force" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["RUN", "9"], "cluster '9' is not in adata.obs['scinno'], which has ['0', '1', '2']"),
        (["RUN", "0", "-k", "two"], "--n-clusters must be a whole number or a range"),
        (["RUN", "0", "--key", "typ"], "has no clusters under 'typ': did you mean 'type'"),
        (["RUN", "0", "--layer", "nix"], "nix"),
        (["nix", "0"], "RUN nix does not exist"),
        (["RUN", "0", "-o", "RUN", "--force"], "is RUN itself, which would be replaced"),
        (["empty.h5ad", "0"], "empty.h5ad holds no values, as after a run in blocks"),
    ],
)
def test_bad_calls_end_with_one_sentence(words, message, run, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = ad.read_h5ad(run / "clustered.h5ad")
    del data.uns["scinno"], data.layers["umi"]
    data.X = None
    data.write_h5ad("empty.h5ad")
    given = [run if word == "RUN" else word for word in words]
    command("subcluster", *given, code=2)
    shown = capsys.readouterr().err
    assert message in shown
    assert shown.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["empty.h5ad"]
