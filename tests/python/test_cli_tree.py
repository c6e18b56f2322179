"""``scinno tree``: what it prints, what it writes, and what it refuses."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from report_page import clustered
from test_cli import scinno as command

import scinno


@pytest.fixture(scope="module")
def run(small_fit, tmp_path_factory) -> Path:
    """What of a run's folder the command reads."""
    folder = tmp_path_factory.mktemp("tree") / "run"
    folder.mkdir()
    small_fit.save(folder / "model.safetensors")
    cells = [f"cell {i}" for i in range(len(small_fit.labels))]
    table = pd.DataFrame({"cell": cells, "label": small_fit.labels})
    table.to_csv(folder / "labels.csv", index=False)
    return folder


def test_it_shows_the_splits_and_the_runs_clusters(run, small_fit, capsys):
    command("tree", run)
    shown = capsys.readouterr().out
    lines = shown.splitlines()
    assert lines[0].split()[:2] == ["K", "split"]
    assert lines[1].split()[1] == "0+1+2"
    assert lines[2].endswith("(run)")
    sizes = np.bincount(small_fit.labels)
    assert f"3 clusters: 0 ({sizes[0]}), 1 ({sizes[1]}), 2 ({sizes[2]})" in shown


def test_a_level_is_written_as_a_run_that_labels_new_cells(run, small_fit, tmp_path, capsys):
    command("tree", run / "model.safetensors", "-k", 5, "-o", tmp_path / "five", "--json")
    summary = json.loads(capsys.readouterr().out)
    assert summary["n_clusters"] == 5
    assert list(summary["cells"]) == small_fit.tree.names(5)
    assert len(summary["splits"]) == summary["n_leaves"] - 1
    assert {path.name for path in (tmp_path / "five").iterdir()} == {
        "clusters.csv", "embedding.csv", "labels.csv", "memberships.csv", "model.safetensors",
        "settings.json", "tree.csv", "tree.png", "levels.png",
    }  # fmt: skip
    labels = pd.read_csv(tmp_path / "five" / "labels.csv")
    assert labels["cell"].tolist() == [f"cell {i}" for i in range(150)]
    cut = small_fit.cut(5)
    np.testing.assert_array_equal(labels["label"], cut.labels)
    np.testing.assert_array_equal(
        scinno.load(tmp_path / "five" / "model.safetensors").labels, cut.labels
    )
    clusters = pd.read_csv(tmp_path / "five" / "clusters.csv", dtype={"name": str})
    assert clusters["n_cells"].tolist() == np.bincount(cut.labels).tolist()
    assert sorted(clusters["name"]) == sorted(small_fit.tree.names(5))
    splits = pd.read_csv(tmp_path / "five" / "tree.csv")
    assert splits.columns.tolist() == small_fit.tree.splits.columns.tolist()


def test_without_a_level_the_tree_alone_is_written(run, tmp_path, capsys):
    command("tree", run, "-o", tmp_path / "tree", "-q")
    assert capsys.readouterr().out == ""
    assert {path.name for path in (tmp_path / "tree").iterdir()} == {
        "settings.json", "tree.csv", "tree.png", "levels.png",
    }  # fmt: skip
    for name in ("tree.png", "levels.png"):
        with Image.open(tmp_path / "tree" / name) as picture:
            assert min(picture.size) > 200


def test_genes_in_the_picture_are_those_of_the_runs_cells(
    run, small_fit, simulated, names, tmp_path, monkeypatch
):
    drawn = []
    monkeypatch.setattr(scinno.pl, "tree", lambda fit, k, adata, save: drawn.append((k, adata)))
    command("tree", run, "-k", 5, "-o", tmp_path / "without", "-q")
    data = clustered(small_fit, simulated, names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas and anndata on texts
        data.write_h5ad(run / "clustered.h5ad")
        command("tree", run, "-o", tmp_path / "with", "-q")
        # After other cells, or none of the values, those of the network are left.
        data[:100].copy().write_h5ad(run / "clustered.h5ad")
        command("tree", run, "-o", tmp_path / "others", "-q")
    (run / "clustered.h5ad").unlink()
    assert drawn[0] == (5, None)
    assert drawn[1][0] == 3
    assert (drawn[1][1].X != data.X).nnz == 0
    assert drawn[2] == (3, None)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["RUN", "-k", 3, "-r", 2], "give either --n-clusters or --resolution, not both"),
        (["RUN", "-k", 4000], "n_clusters must be from 1 to "),
        (["RUN", "-r", 0], "resolution must be a positive number"),
        (["nix"], "RUN nix: there is no file nix"),
    ],
)
def test_bad_calls_end_with_one_sentence(words, message, run, tmp_path, capsys):
    given = [run if word == "RUN" else word for word in words]
    command("tree", *given, "-o", tmp_path / "out", code=2)
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_run_itself_is_never_replaced(run, capsys):
    before = sorted(path.name for path in run.iterdir())
    for given in (run, run / "model.safetensors"):
        command("tree", given, "-o", run, "--force", code=2)
        assert "is RUN itself, which would be replaced" in capsys.readouterr().err
    assert sorted(path.name for path in run.iterdir()) == before
