"""``scinno report`` and ``scinno cluster --report``: pages of run folders, and errors."""

import json
import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from report_page import clustered, data_of, text_of

import scinno


@pytest.fixture(scope="module")
def adata(small_fit, simulated, names) -> ad.AnnData:
    return clustered(small_fit, simulated, names)


@pytest.fixture(scope="module")
def run_folder(adata, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas and anndata on texts
        adata.write_h5ad(folder / "clustered.h5ad")
    about = {"scinno": "0.99.2", "seconds": {"read_and_fit": 12.3}}
    (folder / "settings.json").write_text(json.dumps(about))
    return folder


def test_the_command_makes_a_page_of_a_run_folder(run_folder, capsys):
    from test_cli import scinno as command

    command("report", run_folder, "--label-key", "type", "-g", "G1,G2")
    page = (run_folder / "report.html").read_text()
    assert data_of(page)["genes"]["in_page"][:2] == [1, 2]
    assert "Time to read and fit 12 s" in text_of(page)
    assert f"on one page of {len(page.encode()) / 1e6:.1f} MB" in capsys.readouterr().out
    command("report", run_folder, code=2)
    assert "exists: choose another or add --force" in capsys.readouterr().err
    command("report", run_folder / "clustered.h5ad", "-o", run_folder / "report.html", "--force",
            "-q")  # fmt: skip
    assert capsys.readouterr().out == ""
    command("report", run_folder, "--force", "--json")
    size = (run_folder / "report.html").stat().st_size
    expected = {"cells": 150, "bytes": size, "out": str(run_folder / "report.html")}
    assert json.loads(capsys.readouterr().out) == expected
    (run_folder / "report.html").unlink()


def test_a_large_file_gives_the_same_page_from_the_disk(run_folder, tmp_path, monkeypatch):
    from test_cli import scinno as command

    pages, in_memory, read_h5ad = [], [], ad.read_h5ad

    def watched(path, backed=None):
        in_memory.append(backed is None)
        return read_h5ad(path, backed=backed)

    monkeypatch.setattr(ad, "read_h5ad", watched)
    for limit in (10**9, 0):
        monkeypatch.setattr("scinno.report._sources.LARGE_FILE", limit)
        command("report", run_folder, "-o", tmp_path / f"{limit}.html", "-q")
        pages.append(data_of((tmp_path / f"{limit}.html").read_text()))
    assert in_memory == [True, False]
    assert pages[0] == pages[1]


def test_the_model_of_a_run_folder_gives_its_tree(adata, small_fit, tmp_path, caplog):
    from test_cli import scinno as command

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas and anndata on texts
        adata.write_h5ad(tmp_path / "clustered.h5ad")
    model, page = tmp_path / "model.safetensors", tmp_path / "report.html"

    def levels_of_page() -> dict:
        command("report", tmp_path, "--force", "-q")
        return data_of(page.read_text())["levels"]

    small_fit.save(model)
    assert len(levels_of_page()["tree"]["leaves"]) == 3
    assert not caplog.messages
    # Clusters that were changed by hand, and a damaged file: the page can do without its tree.
    small_fit.cut(2).save(model)
    assert "made without the model" in levels_of_page()["problem"]
    assert "fit must be the one whose clusters are in obs['scinno']" in caplog.messages[-1]
    model.write_bytes(small_fit.to_bytes()[:1000])
    assert "made without the model" in levels_of_page()["problem"]
    assert caplog.messages[-1].startswith(f"the page has no tree, because of {model}: ")


@pytest.mark.parametrize(
    ("what", "words", "message"),
    [
        ("nowhere", [], "does not exist"),
        ("empty", [], "is an empty folder"),
        ("other", [], "is not a scinno run"),
        ("broken.h5ad", [], "cannot be read"),
        ("plain.h5ad", [], "run 'scinno cluster' first"),
        ("run", ["--genes", "G2,CD3"], "gene 'CD3' is not in the data"),
        ("run", ["--out", "other"], "must be a file, but"),
        ("run", ["--out", "broken.h5ad", "--force"], "--force replaces pages only"),
    ],
)
@pytest.mark.parametrize("large", [False, True])
def test_errors_of_the_command(
    large, what, words, message, run_folder, tmp_path, capsys, monkeypatch
):
    from test_cli import scinno as command

    if large:
        monkeypatch.setattr("scinno.report._sources.LARGE_FILE", 0)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.txt").write_text("")
    (tmp_path / "broken.h5ad").write_text("no h5")
    ad.AnnData(np.ones((3, 2), dtype=np.float32)).write_h5ad(tmp_path / "plain.h5ad")
    before = sorted(p.name for p in tmp_path.rglob("*"))
    command("report", run_folder if what == "run" else what, *words, code=2)
    shown = capsys.readouterr().err
    assert message in shown
    assert shown.startswith("scinno: error: ")
    assert shown.count("\n") == 1
    assert sorted(p.name for p in tmp_path.rglob("*")) == before
    assert not (run_folder / "report.html").exists()


def test_cluster_makes_the_page_when_asked(simulated, names, tmp_path, monkeypatch):
    from test_cli import SET
    from test_cli import scinno as command

    from scinno._drawing import layout

    flat = {"X_tsne": np.ones((150, 2)), "X_umap": np.ones((150, 2))}
    monkeypatch.setattr(layout, "maps", lambda *_: flat)
    monkeypatch.setattr("scinno._drawing.maps.draw", lambda *_: None)
    cells = ad.AnnData(simulated[0].astype(np.float32), var=pd.DataFrame(index=names))
    cells.write_h5ad(tmp_path / "in.h5ad")
    command("cluster", tmp_path / "in.h5ad", "-k", 3, "-o", tmp_path / "out", "--report", "-q",
            *SET)  # fmt: skip
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<title>out – scinno</title>" in page
    assert scinno.__version__ in text_of(page)
    assert len(data_of(page)["levels"]["tree"]["leaves"]) == 3


def test_a_page_that_fails_does_not_cost_the_run(simulated, names, tmp_path, monkeypatch, capsys):
    from test_cli import SET
    from test_cli import scinno as command

    from scinno import report
    from scinno._drawing import layout

    def fails(*_, **__):
        raise ValueError("no page today")

    monkeypatch.setattr(layout, "maps", lambda *_: {})
    monkeypatch.setattr(report, "write_report", fails)
    cells = ad.AnnData(simulated[0].astype(np.float32), var=pd.DataFrame(index=names))
    cells.write_h5ad(tmp_path / "in.h5ad")
    command("cluster", tmp_path / "in.h5ad", "-k", 3, "-o", tmp_path / "out", "--report", "-q",
            *SET, code=2)  # fmt: skip
    assert capsys.readouterr().err == "scinno: error: no page today\n"
    assert (tmp_path / "out" / "clustered.h5ad").exists()
    assert not (tmp_path / "out" / "report.html").exists()
