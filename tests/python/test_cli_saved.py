"""Nothing that a fit has found is lost: labels and model are kept whatever happens to the rest."""

import json
import os
import signal
import subprocess
import sys
import time

import anndata as ad
import pandas as pd
import pytest
from test_cli import FILES, SET, scinno

import scinno as package


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    from scinno._drawing import layout

    monkeypatch.setattr(layout, "maps", lambda *_: {})


def test_labels_and_model_are_kept_when_the_disk_is_full_for_the_rest(
    labeled_cells, small_fit, tmp_path, capsys, monkeypatch
):
    labeled_cells.write_h5ad(tmp_path / "in.h5ad")
    write = ad.AnnData.write_h5ad

    def full(self, path, **options):
        if path.name != "clustered.h5ad":
            return write(self, path, **options)
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ad.AnnData, "write_h5ad", full)
    out = tmp_path / "out"
    scinno("cluster", tmp_path / "in.h5ad", "-k", 3, "-o", out, *SET, code=2)
    shown = capsys.readouterr().err
    assert "error: clustered.h5ad could not be written: OSError: [Errno 28] No space" in shown
    assert f"everything else is in {out}/" in shown
    assert {path.name for path in out.iterdir()} == FILES - {"clustered.h5ad", *PICTURES}
    assert pd.read_csv(out / "labels.csv")["label"].tolist() == small_fit.labels.tolist()
    assert package.load(out / "model.safetensors").n_clusters == 3
    said = json.loads((out / "settings.json").read_text())["warnings"]
    assert any("clustered.h5ad could not be written" in text for text in said)


PICTURES = ("tsne.png", "umap.png")


def test_names_that_h5ad_refuses_are_found_before_the_fit(
    labeled_cells, tmp_path, capsys, monkeypatch
):
    data = labeled_cells.copy()
    data.obs["_index"] = "x"
    monkeypatch.setattr("scinno.cli._input.cells.read_cells", lambda *_: data)
    monkeypatch.setattr("scinno.cli.run.fit_cells", lambda *_: pytest.fail("it was fitted"))
    (tmp_path / "in.h5ad").touch()
    scinno("cluster", tmp_path / "in.h5ad", "-k", 3, "-o", tmp_path / "out", *SET, code=2)
    shown = capsys.readouterr().err
    assert "clustered.h5ad cannot be written with what INPUT holds" in shown
    assert "_index" in shown
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("mode", ["--in-memory", "--backed"])
def test_names_of_pandas_string_types_are_written(mode, labeled_cells, small_fit, tmp_path):
    data = labeled_cells.copy()
    data.obs_names, data.var_names = (
        names.astype("string") for names in (data.obs_names, data.var_names)
    )
    data.obs["batch"] = pd.array([None, *["a"] * 149], dtype="string")
    data.uns["made by"] = pd.array(["a", None], dtype="string")
    with ad.settings.override(allow_write_nullable_strings=True):
        data.write_h5ad(tmp_path / "in.h5ad")
    out = tmp_path / "out"
    scinno("cluster", tmp_path / "in.h5ad", "-k", 3, "-o", out, mode, "-q", *SET)
    assert pd.read_csv(out / "labels.csv")["cell"].tolist() == labeled_cells.obs_names.tolist()
    clustered = ad.read_h5ad(out / "clustered.h5ad")
    assert clustered.obs["scinno"].astype(int).tolist() == small_fit.labels.tolist()
    assert clustered.var_names.tolist() == labeled_cells.var_names.tolist()
    assert clustered.obs["batch"].isna().sum() == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_a_run_that_is_asked_to_end_leaves_nothing(labeled_cells, tmp_path):
    labeled_cells.write_h5ad(tmp_path / "in.h5ad")
    command = [sys.executable, "-m", "scinno", "cluster", str(tmp_path / "in.h5ad"), "-k", "3",
               "-o", str(tmp_path / "out"), "--set", "pretrain_epochs=100000", "-q"]  # fmt: skip
    with subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}) as running:
        end = time.monotonic() + 120
        while not list(tmp_path.glob(".scinno-*lock")) and time.monotonic() < end:
            time.sleep(0.1)
        time.sleep(1)
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 128 + signal.SIGTERM
    assert [path.name for path in tmp_path.iterdir()] == ["in.h5ad"]
