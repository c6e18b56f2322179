"""After a run in blocks: its page, markers, new cells, the number of clusters."""

import json
import re

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from conftest import QUICK
from report_page import text_of
from test_cli import scinno as command

from scinno._data import blocks
from scinno.report import write_report

SET = [f"--set={name}={value}" for name, value in QUICK.items()]


@pytest.fixture(scope="module")
def folder(labeled_cells, tmp_path_factory):
    """A file, and runs of it in blocks and whole, each with a page."""
    folder = tmp_path_factory.mktemp("large")
    labeled_cells.write_h5ad(folder / "in.h5ad")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scinno._drawing.layout.compiled", lambda: False)
        patch.setattr("scinno._drawing.layout.tsne", lambda z, seed: z[:, :2])
        patch.setattr("scinno._drawing.layout.umap", lambda z, seed: z[:, :2])
        patch.setattr("scinno._runtime.scratch.MAX_BYTES_IN_MEMORY", 1000)
        patch.setattr(blocks, "BLOCK", 64)
        patch.setattr("scinno.report._content.expression.BLOCK", 64)
        for how in ("--backed", "--in-memory"):
            words = ("-k", 3, "-q", "--report", "-o", folder / f"run{how}", *SET)
            command("cluster", folder / "in.h5ad", how, *words)
        yield folder


def numbers(page):
    """The page's text without times and titles, and without the tree, which blocks do not have."""
    text = text_of(page.read_text(encoding="utf-8"))
    text = text[text.index("cells are in") : text.index("Settings, versions and citation")]
    cut, n = re.subn(r"Levels: fewer and more clusters.*?Is the data suitable", "", text)
    assert n == 1
    return cut


def test_the_page_of_a_run_in_blocks_says_why_it_has_no_tree(folder):
    sentence = "A run in blocks has no tree, because its model holds no cells"
    backed, whole = (folder / f"run{how}" for how in ("--backed", "--in-memory"))
    assert sentence in text_of((backed / "report.html").read_text(encoding="utf-8"))
    assert "From level to level" in text_of((whole / "report.html").read_text(encoding="utf-8"))
    command("report", backed, "-o", folder / "p.html", "--values", folder / "in.h5ad", "-q")
    assert sentence in text_of((folder / "p.html").read_text(encoding="utf-8"))


def test_the_page_of_a_run_in_blocks_is_that_of_a_run_in_memory(folder):
    backed, whole = (folder / f"run{how}" / "report.html" for how in ("--backed", "--in-memory"))
    assert ad.read_h5ad(backed.parent / "clustered.h5ad").X is None
    assert "150 cells are in 3 clusters" in text_of(backed.read_text(encoding="utf-8"))
    assert numbers(backed) == numbers(whole)


def test_the_page_of_a_sample_takes_the_maps_of_the_run(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("scinno._clusters.subsample.MAX_CELLS", 90)
    made = []

    def tsne(z, seed):
        made.append(len(z))
        return z[:, :2]

    monkeypatch.setattr("scinno._drawing.layout.compiled", lambda: False)
    monkeypatch.setattr("scinno._drawing.layout.tsne", tsne)
    words = ("-k", 3, "-q", "--backed", "--report", "-o", tmp_path / "run", *SET)
    command("cluster", folder / "in.h5ad", *words)
    assert made == [90]
    assert "90 of 150 cells are drawn" in text_of((tmp_path / "run" / "report.html").read_text())
    later = ("report", tmp_path / "run", "--values", folder / "in.h5ad", "-q")
    command(*later, "-o", tmp_path / "later.html")
    assert made == [90]
    stored = ad.read_h5ad(tmp_path / "run" / "clustered.h5ad")
    stored.uns["scinno"]["drawn"]["cells"][0] += 1  # maps of other cells
    stored.write_h5ad(tmp_path / "run" / "clustered.h5ad")
    command(*later, "-o", tmp_path / "anew.html")
    assert made == [90, 90]


def test_a_page_made_later_takes_the_file_that_was_clustered(folder, capsys):
    run = folder / "run--backed"
    later = folder / "later.html"
    command("report", run, "-o", later, code=2)
    shown = capsys.readouterr().err
    assert "--values with the file that was clustered" in shown
    assert not later.exists()
    command("report", run, "-o", later, "--values", folder / "in.h5ad", "-q")
    assert numbers(later) == numbers(run / "report.html")


@pytest.mark.parametrize(("what", "change"), [
    ("cells", lambda data: data[:149].copy()),
    ("genes", lambda data: data[:, ::-1].copy()),
])  # fmt: skip
def test_other_cells_and_genes_are_refused(folder, tmp_path, capsys, what, change):
    change(ad.read_h5ad(folder / "in.h5ad")).write_h5ad(tmp_path / "other.h5ad")
    page = tmp_path / "page.html"
    words = ("-o", page, "--values", tmp_path / "other.h5ad")
    command("report", folder / "run--backed", *words, code=2)
    assert f"must hold the {what} of the run in their order" in capsys.readouterr().err
    assert not page.exists()


def test_markers_of_a_run_in_blocks_are_those_of_a_run_in_memory(folder, tmp_path, capsys):
    backed, whole = folder / "run--backed", folder / "run--in-memory"
    command("markers", backed, code=2)
    assert "name the file that was clustered with --values" in capsys.readouterr().err
    command("markers", backed, "--values", folder / "in.h5ad", "-q", "-o", tmp_path / "backed.csv")
    command("markers", whole, "-q", "-o", tmp_path / "whole.csv")
    assert (tmp_path / "backed.csv").read_text() == (tmp_path / "whole.csv").read_text()


def test_markers_of_a_sample_say_so(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("scinno._clusters.subsample.MAX_CELLS", 90)
    command("markers", folder / "run--backed", "--values", folder / "in.h5ad")
    shown = capsys.readouterr()
    assert shown.err.startswith("from 90 of 150 cells, at random")
    assert "cluster 0 against the rest" in shown.out


def test_a_file_that_lies_by_columns_gives_the_same_page(folder, tmp_path, monkeypatch):
    data = ad.read_h5ad(folder / "run--in-memory" / "clustered.h5ad")
    data.X = data.X.tocsc()
    data.write_h5ad(tmp_path / "columns.h5ad")
    converted, real = [], blocks.csr_from_csc

    def csr_from_csc(matrix, scratch):
        converted.append(matrix.shape)
        return real(matrix, scratch)

    monkeypatch.setattr(blocks, "csr_from_csc", csr_from_csc)
    backed = ad.read_h5ad(tmp_path / "columns.h5ad", backed="r")
    page = write_report(backed, tmp_path / "page.html")
    backed.file.close()
    assert converted == [(150, 200)]  # once, not for every block
    assert numbers(page) == numbers(folder / "run--in-memory" / "report.html")


def test_cells_labeled_in_blocks_are_those_labeled_whole(folder, tmp_path):
    model = folder / "run--backed" / "model.safetensors"
    for how in ("--backed", "--in-memory"):
        command("predict", model, folder / "in.h5ad", how, "-q", "-o", tmp_path / how)
    tables = [pd.read_csv(tmp_path / how / "labels.csv") for how in ("--backed", "--in-memory")]
    pd.testing.assert_frame_equal(*tables)
    done = ad.read_h5ad(tmp_path / "--backed" / "clustered.h5ad")
    whole = pd.read_csv(tmp_path / "--in-memory" / "embedding.csv", index_col="cell")
    np.testing.assert_allclose(done.obsm["X_scinno"], whole, rtol=1e-4, atol=1e-6)
    assert done.obs_names.tolist() == whole.index.tolist()
    assert done.obs["scinno"].astype(int).tolist() == tables[1]["label"].tolist()
    assert {p.name for p in (tmp_path / "--backed").iterdir()} == {
        "labels.csv", "clustered.h5ad", "settings.json",
    }  # fmt: skip


def test_a_bad_value_in_a_later_block_is_named(folder, tmp_path, capsys):
    data = ad.read_h5ad(folder / "in.h5ad")
    data.X.data[data.X.indptr[100]] = -1
    data.write_h5ad(tmp_path / "bad.h5ad")
    model = folder / "run--backed" / "model.safetensors"
    command("predict", model, tmp_path / "bad.h5ad", "--backed", "-o", tmp_path / "o", code=2)
    shown = capsys.readouterr().err
    assert "-1" in shown
    assert "cell 100" in shown
    assert not (tmp_path / "o").exists()


def test_k_chosen_in_blocks_is_k_chosen_whole(folder, capsys):
    results = []
    for how in ("--backed", "--in-memory"):
        command("choose-k", folder / "in.h5ad", how, "--json", *SET)
        results.append(json.loads(capsys.readouterr().out))
        results[-1].pop("seconds")
    assert results[0] == results[1]
    assert results[0]["cells"] == 150
