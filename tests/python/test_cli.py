"""The command line: every file of a run, nothing half-written, errors in one line."""

import json
import subprocess
import sys
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.io
from conftest import QUICK
from PIL import Image

from scinno.cli import main

FILES = {
    "labels.csv", "memberships.csv", "embedding.csv", "clustered.h5ad", "model.safetensors",
    "history.csv", "settings.json", "clusters.csv", "tsne.png", "umap.png",
}  # fmt: skip
SET = [f"--set={name}={value}" for name, value in QUICK.items()]


def scinno(*words, code: int = 0) -> None:
    """Run the command line in this process; it must end with exit code ``code``."""
    argv = sys.argv
    sys.argv = ["scinno", *map(str, words)]
    try:
        with pytest.raises(SystemExit) as end:
            main()
    finally:
        sys.argv = argv
    assert (end.value.code or 0) == code


@pytest.fixture
def cells(labeled_cells) -> ad.AnnData:
    return labeled_cells.copy()


@pytest.fixture(scope="module")
def run(labeled_cells, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    labeled_cells.write_h5ad(folder / "in.h5ad")
    scinno("cluster", folder / "in.h5ad", "-k", 3, "-o", folder / "out", "--label-key=type", *SET)
    return folder


def test_every_file_is_there_and_right(run, small_fit, cells):
    out = run / "out"
    assert {p.name for p in out.iterdir()} == FILES
    labels = pd.read_csv(out / "labels.csv")
    assert labels["cell"].tolist() == cells.obs_names.tolist()
    assert labels["label"].tolist() == small_fit.labels.tolist()
    np.testing.assert_allclose(labels["confidence"], small_fit.confidence, rtol=1e-5)
    memberships = pd.read_csv(out / "memberships.csv", index_col="cell")
    np.testing.assert_allclose(memberships, small_fit.memberships, rtol=1e-4, atol=1e-6)
    embedding = pd.read_csv(out / "embedding.csv", index_col="cell")
    np.testing.assert_allclose(embedding, small_fit.embedding, rtol=1e-4, atol=1e-6)
    assert len(pd.read_csv(out / "history.csv")) == 5
    about = json.loads((out / "settings.json").read_text())
    assert about["n_clusters"] == 3
    assert about["settings"]["pretrain_epochs"] == 3
    assert about["scores"]["ARI"] > 0.95
    clustered = ad.read_h5ad(out / "clustered.h5ad")
    assert clustered.obs["scinno"].astype(int).tolist() == small_fit.labels.tolist()
    assert {"X_scinno", "X_tsne_scinno", "X_umap_scinno"} <= set(clustered.obsm)


def test_pictures_show_something(run):
    for name in ("tsne.png", "umap.png"):
        pixels = np.asarray(Image.open(run / "out" / name).convert("RGB"))
        assert min(pixels.shape[:2]) > 500
        assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 100


def test_an_earlier_run_is_kept_without_force_and_replaced_with_it(run, cells, capsys):
    before = (run / "out" / "labels.csv").stat().st_mtime_ns
    scinno("cluster", run / "in.h5ad", "-k", 3, "-o", run / "out", *SET, code=2)
    assert "is not empty: choose another or add --force" in capsys.readouterr().err
    assert (run / "out" / "labels.csv").stat().st_mtime_ns == before
    scinno("cluster", run / "in.h5ad", "-k", 3, "-o", run / "out", "--label-key=type", "--force",
           "-q", *SET)  # fmt: skip
    assert (run / "out" / "labels.csv").stat().st_mtime_ns > before
    assert {p.name for p in run.iterdir()} == {"in.h5ad", "out"}


def test_force_never_replaces_a_folder_of_other_things(run, tmp_path, capsys):
    (tmp_path / "precious.txt").write_text("x")
    scinno("cluster", run / "in.h5ad", "-k", 3, "-o", tmp_path, "--force", *SET, code=2)
    assert "holds no earlier scinno run" in capsys.readouterr().err
    assert (tmp_path / "precious.txt").exists()


def test_a_failed_run_leaves_nothing(run, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("scinno.cli.run_folder.write_labels", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        scinno("cluster", run / "in.h5ad", "-k", 3, "-o", tmp_path / "out", *SET)
    assert list(tmp_path.iterdir()) == []


def test_predict_labels_cells_with_the_clusters_of_a_run(run, small_fit, cells, tmp_path):
    cells[30:90].copy().write_h5ad(tmp_path / "new.h5ad")
    scinno("predict", run / "out" / "model.safetensors", tmp_path / "new.h5ad", "-o",
           tmp_path / "new")  # fmt: skip
    labels = pd.read_csv(tmp_path / "new" / "labels.csv")
    assert labels["label"].tolist() == small_fit.labels[30:90].tolist()


def write_10x_folder(cells: ad.AnnData, folder: Path) -> Path:
    folder.mkdir()
    scipy.io.mmwrite(folder / "matrix.mtx", cells.X.T.tocoo(), field="integer")
    (folder / "genes.tsv").write_text("".join(f"E{g}\t{g}\n" for g in cells.var_names))
    (folder / "barcodes.tsv").write_text("".join(f"{c}\n" for c in cells.obs_names))
    return folder


def write_10x_h5(cells: ad.AnnData, path: Path) -> Path:
    import h5py

    x = cells.X.tocsr()
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix")
        group["data"], group["indices"] = x.data.astype(np.int32), x.indices.astype(np.int64)
        group["indptr"], group["shape"] = x.indptr.astype(np.int64), np.array(x.shape[::-1])
        group["barcodes"] = cells.obs_names.to_numpy().astype("S")
        features = group.create_group("features")
        features["id"] = features["name"] = cells.var_names.to_numpy().astype("S")
        features["feature_type"] = np.array(["Gene Expression"] * cells.n_vars, dtype="S")
        features["genome"] = np.array(["GRCh38"] * cells.n_vars, dtype="S")
    return path


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "tsv", "tsv.gz", "10x folder", "10x h5", "loom"])
def test_other_formats_give_the_same_clusters(kind, cells, small_fit, tmp_path, monkeypatch):
    from scinno._drawing import layout

    # Pictures have a test of their own; here they would only take time, seven times.
    monkeypatch.setattr(layout, "maps", lambda *_: {})
    path = tmp_path / f"x.{kind}"
    if kind == "10x folder":
        write_10x_folder(cells, path)
    elif kind == "10x h5":
        path = write_10x_h5(cells, tmp_path / "x.h5")
    elif kind == "loom":
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # anndata on its own loom writer
            cells.write_loom(path)
    else:
        cells.to_df().astype(int).to_csv(path, sep="\t" if "tsv" in kind else ",")
    scinno("cluster", path, "-k", 3, "-o", tmp_path / "out", "-q", *SET)
    labels = pd.read_csv(tmp_path / "out" / "labels.csv")
    assert labels["label"].tolist() == small_fit.labels.tolist()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cluster", "nowhere.h5ad"], "INPUT nowhere.h5ad does not exist"),
        (
            ["cluster", "IN", "--label-key", "celltype"],
            "'celltype' is not in obs, which holds: type",
        ),
        (["cluster", "IN", "-k", "1"], "n_clusters (with 150 cells) must be from 2 to 75, got 1"),
        (["cluster", "IN", "--preset", "best"], "preset must be 'default' or 'paper'"),
        (["cluster", "IN", "--layer", "raw"], "layer 'raw' is not in adata.layers"),
        (["cluster", "IN", "--set", "joint_epoch=3"], "did you mean 'joint_epochs'"),
        (["cluster", "IN", "--set", "epochs"], "--set needs NAME=VALUE"),
        (["cluster", "IN", "--device", "cuda:7"], "is not available"),
        (["predict", "IN", "IN"], "is not a scinno model, or damaged"),
        (["predict", "nowhere", "IN"], "nowhere"),
    ],
)
def test_errors_are_one_line_on_stderr(words, message, run, tmp_path, capsys):
    words = [str(run / "in.h5ad") if w == "IN" else w for w in words]
    scinno(*words, "-o", tmp_path / "out", code=2)
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.err.count("\n") == 1
    assert shown.err.startswith("scinno: error: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("label", [np.nan, "", "nan", "NA"])
def test_a_column_without_labels_is_refused_before_the_fit(
    label, cells, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("scinno.cli.run.fit_cells", lambda *_: pytest.fail("it was fitted"))
    cells.obs["given"] = label
    cells.write_h5ad(tmp_path / "in.h5ad")
    scinno("cluster", tmp_path / "in.h5ad", "--label-key=given", "-o", tmp_path / "out", code=2)
    assert "--label-key 'given' holds no label at all: leave it out" in capsys.readouterr().err


def test_an_unreadable_file_is_named(tmp_path, capsys):
    broken = tmp_path / "x.h5ad"
    broken.write_text("not an h5 file")
    scinno("cluster", broken, "-o", tmp_path / "out", code=2)
    assert f"INPUT {broken} cannot be read" in capsys.readouterr().err
    (tmp_path / "x.docx").write_text("")
    scinno("cluster", tmp_path / "x.docx", "-o", tmp_path / "out", code=2)
    assert "unknown format, must be one of .h5ad" in capsys.readouterr().err


def test_demo_runs_on_data_that_ships_with_scanpy(tmp_path, capsys):
    scinno("demo", "-o", tmp_path / "demo")
    assert {p.name for p in (tmp_path / "demo").iterdir()} == FILES
    about = json.loads((tmp_path / "demo" / "settings.json").read_text())
    assert about["cells"] == 700
    assert about["scores"]["NMI"] > 0.5
    shown = capsys.readouterr()
    assert "ARI against bulk_labels" in shown.out
    assert "epochs" not in shown.err  # no progress bar where there is no terminal


def test_the_module_is_the_program():
    command = [sys.executable, "-m", "scinno", "--version"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert shown.startswith("scinno 0.")
