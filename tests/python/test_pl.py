"""Pictures of cells: what they show, on which axes, and what they refuse."""

import subprocess
import sys

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from drawn import NO_GROUP, PALETTE, color_at, points
from drawn import clustered as clustered
from drawn import no_figure_is_left as no_figure_is_left
from matplotlib import pyplot as plt
from PIL import Image

import scinno


def test_cells_stand_where_the_map_says_in_the_color_of_their_cluster(clustered, small_fit):
    axes = scinno.pl.embedding(clustered)
    found = color_at(axes, clustered.obsm["X_umap"])
    assert found.tolist() == [PALETTE[j] for j in small_fit.labels]
    assert (axes.get_xlabel(), axes.get_title()) == ("UMAP 1", "cluster")
    named = points(scinno.pl.embedding(clustered, basis="X_umap"))[0]
    np.testing.assert_array_equal(named, points(axes)[0])
    assert sorted(t.get_text() for t in axes.texts) == ["0", "1", "2"]


def test_one_panel_for_each_thing_to_color_by(clustered):
    before = clustered.copy()
    axes = scinno.pl.embedding(clustered, ["cluster", "confidence", "type", "age", "G7"], ncols=2)
    assert [a.get_title() for a in axes] == ["cluster", "confidence", "type", "age", "G7"]
    legend = [t.get_text() for t in axes[2].get_legend().get_texts()]
    assert legend == ["type 0", "type 1", "type 2"]
    bars = [c.colorbar.ax.get_ylabel() for a in axes for c in a.collections if c.colorbar]
    assert bars == ["membership in own cluster", "age", "G7: log(1 + counts per 10,000)"]
    pd.testing.assert_frame_equal(clustered.obs, before.obs)
    assert set(clustered.obsm) == set(before.obsm)


def test_cells_that_one_looks_for_lie_on_top(clustered, small_fit):
    """Of confidence the lowest, of other numbers the highest, of groups those that are in one."""
    axes = scinno.pl.embedding(clustered, "confidence")
    confidence = next(c for c in axes.collections if c.colorbar)
    drawn = np.asarray(confidence.get_array())
    assert (np.diff(drawn) <= 0).all()
    assert drawn[-1] == small_fit.confidence.min()
    age = next(c for c in scinno.pl.embedding(clustered, "age").collections if c.colorbar)
    assert (np.diff(np.asarray(age.get_array())) >= 0).all()
    other = clustered.copy()
    other.obs["scinno"] = other.obs["scinno"].cat.add_categories("unassigned")
    other.obs.iloc[100:105, other.obs.columns.get_loc("scinno")] = "unassigned"
    _, colors = points(scinno.pl.embedding(other))
    assert (colors[:5] == NO_GROUP).all()
    assert (colors[5:] != NO_GROUP).all()


def test_genes_have_the_values_of_the_report_and_layers_their_own(clustered):
    counts = clustered.X.toarray()
    log = np.log1p(counts[:, 7] / counts.sum(1) * 1e4)
    axes = scinno.pl.embedding(clustered, "G7")
    drawn = next(c for c in axes.collections if c.colorbar)
    np.testing.assert_allclose(np.sort(drawn.get_array()), np.sort(log), rtol=1e-5)
    axes = scinno.pl.embedding(clustered, "G7", layer="log")
    drawn = next(c for c in axes.collections if c.colorbar)
    np.testing.assert_allclose(np.sort(drawn.get_array()), np.sort(counts[:, 7] / 3), rtol=1e-5)


def test_a_backed_file_is_drawn_without_being_read_whole(clustered, tmp_path):
    clustered.write_h5ad(tmp_path / "x.h5ad")
    backed = ad.read_h5ad(tmp_path / "x.h5ad", backed="r")
    axes = scinno.pl.embedding(backed, ["G7", "type"], max_cells=60)
    assert len(points(axes[0])[0]) == len(points(axes[1])[0]) == 60
    backed.file.close()


def test_a_fit_is_drawn_on_a_map_made_of_its_embedding(small_fit, monkeypatch):
    flat = np.random.default_rng(0).normal(size=(150, 2))
    given = []
    monkeypatch.setattr("scinno._drawing.layout.tsne", lambda z, seed: given.append(z) or flat)
    monkeypatch.setattr("scinno._drawing.layout.umap", lambda z, seed: flat + 9)
    axes = scinno.pl.embedding(small_fit)
    np.testing.assert_array_equal(given[0], small_fit.embedding)
    assert color_at(axes, flat).tolist() == [PALETTE[j] for j in small_fit.labels]
    assert scinno.pl.embedding(small_fit, basis="umap").get_xlabel() == "UMAP 1"


def test_without_a_stored_map_a_real_one_is_made(clustered):
    bare = clustered.copy()
    del bare.obsm["X_umap"]
    axes = scinno.pl.embedding(bare)
    assert axes.get_xlabel() == "t-SNE 1"
    at, colors = points(axes)
    middles = np.stack([at[colors == PALETTE[j]].mean(0) for j in range(3)])
    within = [np.linalg.norm(at[colors == PALETTE[j]] - middles[j], axis=1) for j in range(3)]
    between = np.linalg.norm(middles[[0, 1, 2]] - middles[[1, 2, 0]], axis=1)
    assert between.min() > np.concatenate(within).mean()
    assert "X_tsne" not in bare.obsm


def test_renamed_and_unassigned_clusters(clustered):
    other = clustered.copy()
    column = other.obs["scinno"].cat.rename_categories(["T", "B", "NK"])
    other.obs["scinno"] = column.cat.add_categories("unassigned")
    other.obs.iloc[100:105, other.obs.columns.get_loc("scinno")] = "unassigned"
    axes = scinno.pl.embedding(other, "scinno")
    assert sorted(t.get_text() for t in axes.texts) == ["B", "NK", "T"]
    assert set(color_at(axes, other.obsm["X_umap"][100:105])) == {NO_GROUP}
    assert [t.get_text() for t in scinno.pl.memberships(other).get_xticklabels()] == [
        "T", "B", "NK",
    ]  # fmt: skip


def test_a_sample_is_drawn_of_many_cells_and_said(clustered):
    axes = scinno.pl.embedding(clustered, max_cells=30)
    assert axes.get_title() == "cluster (30 of 150 cells)"
    at, colors = points(axes)
    assert len(at) == 30
    assert set(colors) == set(PALETTE[:3])
    every = color_at(scinno.pl.embedding(clustered), at)
    assert every.tolist() == colors.tolist()
    np.testing.assert_array_equal(at, points(scinno.pl.embedding(clustered, max_cells=30))[0])


def test_a_million_cells_are_drawn():
    n, k = 1_000_000, 4
    rng = np.random.default_rng(0)
    labels = rng.integers(k, size=n).astype(np.int32)
    memberships = np.full((n, k), 0.1, dtype=np.float32)
    memberships[np.arange(n), labels] = 0.7
    column = pd.Categorical.from_codes(labels, categories=pd.Index(list("0123")))
    obs = pd.DataFrame({"scinno": column}, index=pd.RangeIndex(n).astype(str))
    adata = ad.AnnData(obs=obs, var=pd.DataFrame(index=["G"]))
    adata.obsm["X_scinno"] = adata.obsm["scinno_memberships"] = memberships
    adata.obsm["X_umap"] = rng.normal(size=(n, 2)).astype(np.float32)
    axes = scinno.pl.embedding(adata)
    assert axes.get_title() == "cluster (20,000 of 1,000,000 cells)"
    assert len(points(axes)[0]) == 20_000
    shares = scinno.pl.memberships(adata).images[0].get_array()
    np.testing.assert_allclose(np.diag(shares), 0.7, rtol=1e-5)


def test_axes_and_files_that_are_given_are_used(clustered, tmp_path):
    _, (one, two) = plt.subplots(1, 2)
    assert scinno.pl.memberships(clustered, ax=one) is one
    assert scinno.pl.embedding(clustered, ax=two, save=tmp_path / "two.png") is two
    pixels = np.asarray(Image.open(tmp_path / "two.png").convert("RGB"))
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 50
    scinno.pl.confidence(clustered, save=tmp_path / "c.svg")
    assert "<svg" in (tmp_path / "c.svg").read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.svg", "two.png"]
    assert len(plt.get_fignums()) == 1  # ours; the one that was made for a file is closed
    (tmp_path / "two.png").write_text("old")
    with pytest.raises(ValueError, match="cannot write the format 'docx'"):
        scinno.pl.confidence(clustered, save=tmp_path / "two.docx")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.svg", "two.png"]


def test_a_picture_is_shown_only_when_asked_for(clustered, monkeypatch):
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(1))
    scinno.pl.confidence(clustered)
    assert shown == []
    scinno.pl.confidence(clustered, show=True)
    assert shown == [1]


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"color": "typ"}, KeyError, "neither a column of obs nor a gene: did you mean 'type'"),
        ({"color": "g7"}, KeyError, "did you mean 'G7'"),
        ({"color": "barcode"}, ValueError, "has 150 groups, and 100 can be drawn"),
        ({"color": []}, ValueError, "at least one thing to color by"),
        ({"basis": "umpa"}, KeyError, "is not in adata.obsm: .*and without basis a t-SNE"),
        ({"basis": "X_umop"}, KeyError, "did you mean 'X_umap'"),
        ({"layer": "raw", "color": "G7"}, KeyError, "layer 'raw' is not in adata.layers"),
        ({"key": "other"}, ValueError, "there are results under 'scinno': give that as key"),
        ({"legend_loc": "left"}, ValueError, "legend_loc must be 'auto', 'on data'"),
        ({"max_cells": 0}, ValueError, "max_cells must be 1 or more, got 0"),
        ({"save": "no/such/x.png"}, FileNotFoundError, "there is no folder no/such"),
    ],
)
def test_wrong_arguments_are_answered_in_one_sentence(clustered, arguments, kind, message):
    with pytest.raises(kind, match=message):
        scinno.pl.embedding(clustered, **arguments)


def test_wrong_data_and_wrong_axes(clustered, small_fit):
    with pytest.raises(TypeError, match="must be an AnnData after scinno.cluster, or a scinno.Fit"):
        scinno.pl.embedding(clustered.X)
    with pytest.raises(KeyError, match=r"'cluster' or 'confidence' for a Fit, got 'type'"):
        scinno.pl.embedding(small_fit, "type")
    with pytest.raises(KeyError, match="basis must be 'tsne' or 'umap' for a Fit"):
        scinno.pl.embedding(small_fit, basis="pca")
    _, one = plt.subplots()
    with pytest.raises(ValueError, match="ax must be 2 axes, one for each panel, got 1"):
        scinno.pl.embedding(clustered, ["cluster", "type"], ax=one)
    bare = clustered.copy()
    del bare.uns["scinno"]
    with pytest.raises(ValueError, match="holds no training history"):
        scinno.pl.history(bare)


def test_clusterings_side_by_side_share_colors(clustered):
    adata = clustered.copy()
    turned = {"type 0": "c", "type 1": "a", "type 2": "b"}
    adata.obs["other"] = [turned[t] for t in adata.obs["type"]]
    adata.obs.iloc[0, adata.obs.columns.get_loc("other")] = "new"
    axes = scinno.pl.clusterings(adata, ["scinno", "other"], truth="type")
    truth, _, other = (color_at(a, adata.obsm["X_umap"]) for a in axes)
    assert (truth[1:] == other[1:]).all()
    assert other[0] not in truth
    assert axes[0].get_title() == "type"
    assert axes[1].get_title().startswith("scinno  ARI ")
    own = adata.obsm["X_own"] = adata.obsm["X_umap"] + 50
    axes = scinno.pl.clusterings(adata, ["type", "other"], basis=["umap", "own"])
    np.testing.assert_allclose(points(axes[1])[0].min(0), own.min(0))
    with pytest.raises(KeyError, match="did you mean 'other'"):
        scinno.pl.clusterings(adata, ["othr"])
    with pytest.raises(ValueError, match=r"basis must be one map, or 2 \(one a panel\), got 1"):
        scinno.pl.clusterings(adata, ["type", "other"], basis=["umap"])


def test_pictures_are_loaded_only_when_used():
    script = (
        "import sys, scinno; assert 'matplotlib' not in sys.modules; scinno.pl.embedding;"
        "assert 'matplotlib' in sys.modules; assert 'plotly' not in sys.modules;"
        "scinno.report.write_report"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
