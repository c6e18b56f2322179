"""The report page: what it says, in which words and colors, and that it is safe to open."""

import json
import re

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from drawn import PALETTE
from report_page import arrays_of, clustered, data_of, gene_from, text_of, written

from scinno.report import write_report

EVIL = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def adata(small_fit, simulated, names) -> ad.AnnData:
    return clustered(small_fit, simulated, names)


@pytest.fixture(scope="module")
def page(adata, tmp_path_factory) -> str:
    return written(adata, tmp_path_factory.mktemp("report"))


def test_the_page_holds_all_results(page, adata, small_fit):
    words = text_of(page)
    sizes = np.bincount(small_fit.labels)
    assert f"150 cells are in 3 clusters of {sizes.min()} to {sizes.max()} cells." in words
    for heading in (
        "Which cells are uncertain?", "Markers of each cluster", "Is the data suitable?",
        "Do clusters match “type”?", "Training", "Settings, versions and citation",
    ):  # fmt: skip
        assert heading in words
    assert "K was given" in words
    assert "10.12677/mos.2025.145436" in words
    assert "epochs" in words
    assert "5 epochs were trained." in words
    data, arrays = data_of(page), arrays_of(page)
    assert data["clusters"] == ["0", "1", "2"]
    assert arrays["cluster"].tolist() == small_fit.labels.tolist()
    assert sum(data["confidence"]) == 150
    assert [view["name"] for view in data["views"]] == ["t-SNE", "UMAP"]
    axis = data["views"][0]["x"]
    x = axis["low"] + arrays[axis["id"]] * axis["step"]
    np.testing.assert_allclose(x, adata.obsm["X_tsne_scinno"][:, 0], atol=1e-3)
    names = [column["name"] for column in data["columns"]]
    assert {"Cluster", "type", "batch", "age", "Counts"} <= set(names)
    assert json.loads(arrays["cells"].tobytes()) == adata.obs_names.tolist()


def test_markers_are_the_genes_that_were_simulated(page, small_fit, simulated):
    data = data_of(page)
    assert set(data["markers"]) == {"0", "1", "2"}
    for cluster in range(3):
        true = np.bincount(simulated[1][small_fit.labels == cluster]).argmax()
        best = [int(row[0][1:]) for row in data["markers"][str(cluster)][:8]]
        assert all(true * 15 <= gene < (true + 1) * 15 for gene in best)
    assert len(data["dots"]["genes"]) == len(data["dots"]["mean"][0])


def test_rare_clusters_are_looked_for(page):
    assert "No cluster is rare: each holds 3 % of the cells or more." in text_of(page)


def test_colors_are_those_of_the_other_pictures(page):
    assert tuple(data_of(page)["palette"]) == PALETTE


def test_labels_are_counted_and_scored(page, small_fit, simulated):
    data = data_of(page)["labels"]
    assert np.array(data["table"]).sum() == 150
    assert data["scores"]["ARI"] > 0.9


def test_nothing_is_loaded_and_nothing_runs_that_a_user_wrote(adata, tmp_path):
    evil = adata.copy()
    evil.obs_names = [EVIL + str(i) for i in range(evil.n_obs)]
    evil.var_names = [f"{EVIL}{i}" if i % 2 else f'"><img src=x>{i}' for i in range(evil.n_vars)]
    evil.obs[EVIL] = pd.Categorical([EVIL] * evil.n_obs)
    evil.obs["type"] = [f"</script>{EVIL}{t}" for t in evil.obs["type"]]
    page = write_report(evil, tmp_path / "p.html", label_key="type", title=EVIL).read_text()
    assert "<script>alert" not in page
    assert "<img" not in page
    scripts = re.findall(r"<script\b", page[: page.index("plotly.js")])
    assert len(scripts) == 3  # data, packed numbers, plotly
    assert data_of(page)["labels"]["labels"][0].startswith("</script>")
    assert "default-src &#39;none&#39;; script-src &#39;sha256-" in page
    assert not re.search(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["'](?!data:)""", page)


def test_the_page_is_small_and_the_same_each_time(page, adata, tmp_path):
    assert len(page) < 5.6e6  # plotly.js is 4.8 of it
    again = write_report(adata, tmp_path / "p.html", label_key="type", genes=["G7"]).read_text()
    assert data_of(again) == data_of(page)


def test_the_data_is_not_changed_and_an_old_page_is_replaced(adata, tmp_path):
    before, x = adata.copy(), adata.X.data.copy()
    (tmp_path / "p.html").write_text("old")
    write_report(adata, tmp_path / "p.html")
    assert "Content-Security-Policy" in (tmp_path / "p.html").read_text()
    pd.testing.assert_frame_equal(adata.obs, before.obs)
    assert set(adata.uns) == set(before.uns)
    assert set(adata.obsm) == set(before.obsm)
    assert (adata.X.data == x).all()


def test_renamed_unassigned_and_missing_results_are_shown(adata, tmp_path):
    bare = adata.copy()
    bare.obs["scinno"] = bare.obs["scinno"].cat.rename_categories(["T", "B", "NK"])
    bare.obs["scinno"] = bare.obs["scinno"].cat.add_categories("unassigned")
    bare.obs.iloc[:5, bare.obs.columns.get_loc("scinno")] = "unassigned"
    del bare.uns["scinno"], bare.obs["scinno_doublet_like"]
    bare.X = bare.X.toarray()  # dense
    page = write_report(bare, tmp_path / "p.html").read_text()
    words = text_of(page)
    assert data_of(page)["clusters"] == ["T", "B", "NK"]
    assert arrays_of(page)["cluster"][:5].tolist() == [3] * 5
    assert "5 cells (3.3 %) are in no cluster." in words
    assert "holds no training history" in words
    assert "this run did not look for them" in words


def test_without_stored_maps_they_are_computed_from_the_embedding(adata, tmp_path, monkeypatch):
    bare = adata.copy()
    del bare.obsm["X_tsne_scinno"], bare.obsm["X_umap_scinno"]
    given = []
    flat = {"X_tsne": np.ones((150, 2)), "X_umap": np.zeros((150, 2))}
    monkeypatch.setattr(
        "scinno._drawing.layout.maps", lambda z, seed: given.append((z, seed)) or flat
    )
    page = write_report(bare, tmp_path / "p.html").read_text()
    np.testing.assert_array_equal(given[0][0], bare.obsm["X_scinno"])
    assert [view["name"] for view in data_of(page)["views"]] == ["t-SNE", "UMAP"]


def test_log_values_are_shown_as_they_are(adata, tmp_path):
    log = adata.copy()
    log.X = log.X.astype(np.float32)
    log.X.data = np.log1p(log.X.data / 3)
    page = write_report(log, tmp_path / "p.html").read_text()
    assert "X holds log values now" in text_of(page)
    found = gene_from(arrays_of(page), 0, 150)
    true = log.X[:, data_of(page)["genes"]["in_page"][0]].toarray().ravel()
    assert np.abs(found - true).max() <= true.max() / 63 + 1e-5


def test_above_the_limit_a_sample_is_drawn_and_named(adata, tmp_path, monkeypatch):
    every_second = "scinno.report._content.contents.sample_cells"
    monkeypatch.setattr(every_second, lambda labels, seed: np.arange(0, 150, 2))
    page = write_report(adata, tmp_path / "p.html").read_text()
    assert "75 of 150 cells are drawn" in text_of(page)
    assert sum(data_of(page)["confidence"]) == 150
    assert json.loads(arrays_of(page)["cells"].tobytes()) == adata.obs_names[::2].tolist()


def test_expression_comes_back_within_a_step(page, adata):
    data, arrays = data_of(page), arrays_of(page)
    assert data["genes"]["in_page"][0] == 7  # asked for, so first
    counts = adata.X.toarray()
    log = np.log1p(counts / counts.sum(1, keepdims=True) * 1e4)
    for place in (0, 5, len(data["genes"]["in_page"]) - 1):
        true = log[:, data["genes"]["in_page"][place]]
        found = gene_from(arrays, place, 150)
        assert (found > 0).tolist() == (true > 0).tolist()
        assert np.abs(found - true).max() <= true.max() / 63 + 1e-5
