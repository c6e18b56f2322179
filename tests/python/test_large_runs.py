"""`scinno cluster` in blocks: same labels, what lies in the folder, what is refused."""

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
from conftest import QUICK
from test_cli import FILES
from test_cli import scinno as command

import scinno
from scinno import Settings
from scinno.cli._input import estimate as estimates
from scinno.cli._input.estimate import check_resources, estimate

SET = [f"--set={name}={value}" for name, value in QUICK.items()]


@pytest.fixture(scope="module")
def folder(labeled_cells, tmp_path_factory):
    data = labeled_cells
    folder = tmp_path_factory.mktemp("large")
    data.write_h5ad(folder / "in.h5ad")
    (folder / "several").mkdir()
    data[:70].copy().write_h5ad(folder / "several" / "a.h5ad")
    data[70:].copy().write_h5ad(folder / "several" / "b.h5ad")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scinno._drawing.layout.compiled", lambda: False)
        patch.setattr("scinno._drawing.layout.tsne", lambda z, seed: z[:, :2])
        patch.setattr("scinno._drawing.layout.umap", lambda z, seed: z[:, :2])
        patch.setattr("scinno._runtime.scratch.MAX_BYTES_IN_MEMORY", 1000)
        yield folder


def test_a_run_in_blocks_has_the_labels_of_any_other(folder, small_fit, capsys):
    words = ("-k", 3, "--label-key", "type", *SET)
    command("cluster", folder / "in.h5ad", "--backed", "-o", folder / "run", *words)
    shown = capsys.readouterr()
    assert shown.err.startswith("150 cells × 200 genes, read in blocks: about ")
    out = folder / "run"
    assert {p.name for p in out.iterdir()} == FILES - {"memberships.csv", "embedding.csv"}
    labels = pd.read_csv(out / "labels.csv", index_col="cell")
    assert labels["label"].tolist() == small_fit.labels.tolist()
    assert labels.index[149] == "c149"
    done = ad.read_h5ad(out / "clustered.h5ad")
    assert done.X is None
    assert done.obs["type"].tolist()[:3] == ["0", "0", "0"]
    np.testing.assert_array_equal(done.obsm["X_scinno"], small_fit.embedding)
    np.testing.assert_array_equal(done.obsm["scinno_memberships"], small_fit.memberships)
    model = scinno.load(out / "model.safetensors")
    assert len(model.labels) == len(model.latent) == 0
    whole = ad.read_h5ad(folder / "in.h5ad")
    np.testing.assert_array_equal(model.predict(whole.X, genes=whole.var_names), small_fit.labels)
    assert not [p.name for p in folder.iterdir() if p.name.startswith(".")]


def test_a_folder_of_files_is_one_set_in_blocks_and_whole(folder, small_fit):
    for how in ("--backed", "--in-memory"):
        out = folder / f"several{how}"
        command("cluster", folder / "several", how, "-k", 3, "-q", "-o", out, *SET)
        labels = pd.read_csv(out / "labels.csv")["label"]
        assert labels.tolist() == small_fit.labels.tolist()
        obs = ad.read_h5ad(out / "clustered.h5ad").obs
        assert obs["file"].tolist() == ["a"] * 70 + ["b"] * 80


def test_what_cannot_be_read_in_blocks_is_refused(folder, capsys):
    (folder / "x.csv").write_text("a,b\n1,2\n")
    command("cluster", folder / "x.csv", "--backed", "-o", folder / "no", code=2)
    assert "--backed needs .h5ad, .zarr or a folder of several" in capsys.readouterr().err
    command("cluster", folder / "in.h5ad", "--backed", "--layer=raw", "-o", folder / "no", code=2)
    assert "layer 'raw' is not in" in capsys.readouterr().err
    command("cluster", folder / "no.h5ad", "--backed", "-o", folder / "no", code=2)
    assert "no.h5ad does not exist" in capsys.readouterr().err
    assert not (folder / "no").exists()


def test_too_little_memory_or_disk_is_refused_before_the_run(folder, monkeypatch, tmp_path, capsys):
    huge = tmp_path / "huge.h5ad"
    with h5py.File(huge, "w") as file:  # nothing is written to the disk
        group = file.create_group("X")
        group.attrs["shape"] = (50_000_000, 30_000)
        group.create_dataset("data", (50_000_000_000,), "f4", chunks=True)
    # Refused as broken otherwise, because it holds less than it claims.
    monkeypatch.setattr("scinno._data._sparse.compressed.check_storage", lambda *_: None)
    monkeypatch.setattr(estimates, "available_memory", lambda: 16e9)
    command("cluster", huge, "-o", tmp_path / "out", code=2)
    message = capsys.readouterr().err
    assert "50,000,000 cells need about 3" in message
    assert "GB of memory even in blocks, and 16.0 GB are available" in message
    monkeypatch.setattr(estimates, "available_memory", lambda: 64e9)
    free = type("Usage", (), {"free": 20_000_000_000})
    monkeypatch.setattr(estimates.shutil, "disk_usage", lambda _: free)
    command("cluster", huge, "-o", tmp_path / "out", code=2)
    assert " of disk in" in capsys.readouterr().err
    assert not list(tmp_path.glob("out*"))


def test_the_estimate_of_memory_stays_nearly_flat(tmp_path):
    values = [estimate(n, 30_000, n * 1000, Settings()) for n in (100_000, 1_000_000)]
    assert values[1].memory < 4e9
    assert values[1].memory < 2.5 * values[0].memory
    assert values[1].disk > 5 * values[0].disk
    check_resources(values[0], tmp_path)


def test_the_estimate_for_several_processes(tmp_path):
    one, two, far = (
        estimate(10_000_000, 30_000, 10**10, Settings(), processes, here)
        for processes, here in ((1, 1), (2, 2), (8, 1))
    )
    assert 1.1 * one.memory < two.memory < 2 * one.memory  # names of cells are there once
    assert far.memory < 1.5 * one.memory
    assert far.seconds < two.seconds < one.seconds
    assert "by 8 processes" in str(far)
    assert "processes" not in str(one)
