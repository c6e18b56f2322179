"""Pictures of a clustering: what they show, on which axes, and what they refuse."""

import itertools
import subprocess
import sys

import anndata as ad
import matplotlib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

import scinno
from scinno import _pictures
from scinno._anndata import store
from scinno._palette import NO_GROUP, PALETTE

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _no_figure_is_left():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def clustered(small_fit, simulated, names) -> ad.AnnData:
    n = len(small_fit.labels)
    obs = pd.DataFrame(
        {
            "type": [f"type {t}" for t in simulated[1]],
            "age": np.linspace(0, 9, n),
            "barcode": [f"b{i}" for i in range(n)],
        },
        index=[f"c{i}" for i in range(n)],
    )
    adata = ad.AnnData(simulated[0].astype(np.float32), obs=obs, var=pd.DataFrame(index=names))
    adata.layers["log"] = sp.csr_matrix(simulated[0].astype(np.float32) / 3)
    adata.obsm["X_umap"] = np.random.default_rng(0).normal(size=(n, 2))
    store(adata, small_fit, "scinno")
    return adata


def points(axes: Axes) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the cells and their colours, as drawn."""
    drawn = [c for c in axes.collections if len(c.get_offsets())]
    at = np.concatenate([np.asarray(c.get_offsets()) for c in drawn])
    colours = []
    for c in drawn:
        c.update_scalarmappable()
        faces = c.get_facecolors()
        colours += [to_hex(f) for f in np.broadcast_to(faces, (len(c.get_offsets()), 4))]
    return at, np.array(colours)


def colour_at(axes: Axes, places: np.ndarray) -> np.ndarray:
    """Colour of the point at each place."""
    at, colours = points(axes)
    found = ((at[None] - places[:, None]) ** 2).sum(-1).argmin(1)
    np.testing.assert_allclose(at[found], places, atol=1e-6)
    return colours[found]


def test_cells_stand_where_the_map_says_in_the_colour_of_their_cluster(clustered, small_fit):
    axes = scinno.pl.embedding(clustered)
    found = colour_at(axes, clustered.obsm["X_umap"])
    assert found.tolist() == [PALETTE[j] for j in small_fit.labels]
    assert (axes.get_xlabel(), axes.get_title()) == ("UMAP 1", "cluster")
    named = points(scinno.pl.embedding(clustered, basis="X_umap"))[0]
    np.testing.assert_array_equal(named, points(axes)[0])
    assert sorted(t.get_text() for t in axes.texts) == ["0", "1", "2"]


def test_one_panel_for_each_thing_to_colour_by(clustered):
    before = clustered.copy()
    axes = scinno.pl.embedding(clustered, ["cluster", "confidence", "type", "age", "G7"], ncols=2)
    assert [a.get_title() for a in axes] == ["cluster", "confidence", "type", "age", "G7"]
    legend = [t.get_text() for t in axes[2].get_legend().get_texts()]
    assert legend == ["type 0", "type 1", "type 2"]
    bars = [c.colorbar.ax.get_ylabel() for a in axes for c in a.collections if c.colorbar]
    assert bars == ["membership in own cluster", "age", "G7: log(1 + counts per 10,000)"]
    pd.testing.assert_frame_equal(clustered.obs, before.obs)
    assert set(clustered.obsm) == set(before.obsm)


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
    monkeypatch.setattr(_pictures, "tsne", lambda z, seed: given.append(z) or flat)
    monkeypatch.setattr(_pictures, "umap", lambda z, seed: flat + 9)
    axes = scinno.pl.embedding(small_fit)
    np.testing.assert_array_equal(given[0], small_fit.embedding)
    assert colour_at(axes, flat).tolist() == [PALETTE[j] for j in small_fit.labels]
    assert scinno.pl.embedding(small_fit, basis="umap").get_xlabel() == "UMAP 1"


def test_without_a_stored_map_a_real_one_is_made(clustered):
    bare = clustered.copy()
    del bare.obsm["X_umap"]
    axes = scinno.pl.embedding(bare)
    assert axes.get_xlabel() == "t-SNE 1"
    at, colours = points(axes)
    middles = np.stack([at[colours == PALETTE[j]].mean(0) for j in range(3)])
    within = [np.linalg.norm(at[colours == PALETTE[j]] - middles[j], axis=1) for j in range(3)]
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
    assert set(colour_at(axes, other.obsm["X_umap"][100:105])) == {NO_GROUP}
    assert [t.get_text() for t in scinno.pl.memberships(other).get_xticklabels()] == [
        "T", "B", "NK",
    ]  # fmt: skip


def test_a_sample_is_drawn_of_many_cells_and_said(clustered):
    axes = scinno.pl.embedding(clustered, max_cells=30)
    assert axes.get_title() == "cluster (30 of 150 cells)"
    at, colours = points(axes)
    assert len(at) == 30
    assert set(colours) == set(PALETTE[:3])
    every = colour_at(scinno.pl.embedding(clustered), at)
    assert every.tolist() == colours.tolist()
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
    assert len(plt.get_fignums()) == 2
    (tmp_path / "two.png").write_text("old")
    with pytest.raises(ValueError, match="'docx'.* is not supported"):
        scinno.pl.confidence(clustered, save=tmp_path / "two.docx")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.svg", "two.png"]


def test_a_picture_is_shown_only_when_asked_for(clustered, monkeypatch):
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(1))
    scinno.pl.confidence(clustered)
    assert shown == []
    scinno.pl.confidence(clustered, show=True)
    assert shown == [1]


def test_memberships_are_the_means_over_cells(clustered, small_fit):
    u, labels = small_fit.memberships, small_fit.labels
    expected = np.stack([u[labels == j].mean(0) for j in range(3)])
    for data in (clustered, small_fit):
        axes = scinno.pl.memberships(data)
        np.testing.assert_allclose(axes.images[0].get_array(), expected, rtol=1e-5)
    written = {t.get_position(): t.get_text() for t in axes.texts}
    assert written[0, 0] == f"{expected[0, 0]:.2f}".lstrip("0")


def test_boxes_hold_the_quantiles_of_confidence(clustered):
    spread = clustered.copy()
    labels = spread.obs["scinno"].astype(int).to_numpy()
    sure = np.random.default_rng(0).uniform(0.5, 1, size=150)
    u = np.repeat((1 - sure)[:, None] / 2, 3, axis=1)
    u[np.arange(150), labels] = sure
    spread.obsm["scinno_memberships"] = u.astype(np.float32)
    axes = scinno.pl.confidence(spread)
    for j in range(3):
        near = [
            line.get_ydata() for line in axes.lines if round(np.mean(line.get_xdata()), 1) == j + 1
        ]
        seen = np.concatenate([np.asarray(line, dtype=float) for line in near])
        for share in (0.05, 0.25, 0.5, 0.75, 0.95):
            expected = np.quantile(sure[labels == j], share)
            assert np.isclose(seen, expected, atol=1e-6).any()
        assert np.isclose(seen.min(), np.quantile(sure[labels == j], 0.05), atol=1e-6)
    assert [t.get_text() for t in axes.get_xticklabels()] == ["0", "1", "2"]


def test_history_has_a_panel_for_each_part_of_the_loss(clustered, small_fit):
    axes = scinno.pl.history(clustered)
    assert [a.get_title() for a in axes[:2]] == ["total loss", "reconstruction"]
    curve, start = axes[0].lines
    np.testing.assert_allclose(curve.get_ydata(), small_fit.history["loss"])
    assert start.get_xdata()[0] == 3.5  # three epochs of denoising
    assert isinstance(scinno.pl.history(small_fit, "changed"), Axes)
    with pytest.raises(KeyError, match="did you mean 'contrast'"):
        scinno.pl.history(small_fit, "contrst")


def test_evidence_for_k(clustered, small_fit, simulated):
    with pytest.raises(ValueError, match="K was given, so there is no evidence for it"):
        scinno.pl.k_evidence(small_fit)
    told = clustered.copy()
    table = pd.DataFrame({
        "n_clusters": [2, 3, 4], "mean_share": [1, 0.99, 0.5], "least_share": [1, 0.98, 0.1],
        "good_clusters": [2, 3, 1], "chosen": [False, True, False],
    })  # fmt: skip
    told.uns["scinno"] = {**told.uns["scinno"], "k_evidence": table}
    left, right = scinno.pl.k_evidence(told)
    assert left.lines[0].get_ydata().tolist() == [1, 0.99, 0.5]
    assert right.lines[0].get_ydata().tolist() == [2, 3, 1]
    assert left.get_xlabel() == "number of clusters (chosen: 3)"
    assert [line.get_xdata()[0] for line in right.lines[1:]] == [3]


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"color": "typ"}, KeyError, "neither a column of obs nor a gene: did you mean 'type'"),
        ({"color": "g7"}, KeyError, "did you mean 'G7'"),
        ({"color": "barcode"}, ValueError, "has 150 groups, and 100 can be drawn"),
        ({"color": []}, ValueError, "at least one thing to colour by"),
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


def test_clusterings_side_by_side_share_colours(clustered):
    adata = clustered.copy()
    turned = {"type 0": "c", "type 1": "a", "type 2": "b"}
    adata.obs["other"] = [turned[t] for t in adata.obs["type"]]
    adata.obs.iloc[0, adata.obs.columns.get_loc("other")] = "new"
    axes = scinno.pl.clusterings(adata, ["scinno", "other"], truth="type")
    truth, _, other = (colour_at(a, adata.obsm["X_umap"]) for a in axes)
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


def results() -> pd.DataFrame:
    """Two sets, three methods, two seeds; Leiden was not run on the second."""
    rows = []
    for (name, method), seed in itertools.product(
        [("a", "scinno"), ("b", "scinno"), ("a", "no attention"), ("b", "no attention"),
         ("a", "Leiden")], (0, 1),
    ):  # fmt: skip
        score = {"a": 0.5, "b": 0.7}[name] + {"scinno": 0.2}.get(method, 0) + 0.1 * seed
        rows.append({"set": name, "method": method, "seed": seed, "k_given": True,
                     "ARI": score, "NMI": score - 0.1})  # fmt: skip
    estimated = pd.DataFrame(rows).assign(k_given=False, ARI=0.1, NMI=0.2)
    return pd.concat([pd.DataFrame(rows), estimated], ignore_index=True)


def heights(axes: Axes) -> dict[str, list[float]]:
    return {
        bars.get_label(): [round(bar.get_height(), 3) for bar in bars]
        for bars in axes.containers
        if isinstance(bars, matplotlib.container.BarContainer)
    }


def test_figure_4_has_a_bar_for_each_set_and_method(tmp_path):
    nmi, ari = scinno.pl.benchmark(results())
    assert heights(ari) == {
        "scinno": [0.75, 0.95, 0.85], "no attention": [0.55, 0.75, 0.65], "Leiden": [0.55],
    }  # fmt: skip
    assert heights(nmi)["scinno"] == [0.65, 0.85, 0.75]
    assert [t.get_text() for t in ari.get_xticklabels()] == ["a", "b", "mean"]
    assert [t.get_text() for t in nmi.get_legend().get_texts()] == list(heights(ari))
    assert heights(scinno.pl.benchmark(results(), "ARI", k_given=False))["scinno"] == [0.1] * 3
    results().to_csv(tmp_path / "results.csv", index=False)
    results().to_json(tmp_path / "results.json", orient="records")
    results().to_json(tmp_path / "results.jsonl", orient="records", lines=True)
    for kind in ("csv", "json", "jsonl"):
        axes = scinno.pl.benchmark(tmp_path / f"results.{kind}", "ARI", methods=["Leiden"])
        assert heights(axes) == {"Leiden": [0.55]}


def test_figure_6_compares_the_whole_with_its_parts():
    axes = scinno.pl.ablation(results(), "ARI", mean=False)
    assert heights(axes) == {"scinno": [0.75, 0.95], "no attention": [0.55, 0.75]}
    some = results()[lambda t: t["method"] != "no attention"]
    with pytest.raises(ValueError, match="no method is an ablation"):
        scinno.pl.ablation(some)
    assert list(heights(scinno.pl.ablation(some, "ARI", without=["Leiden"]))) == [
        "scinno", "Leiden",
    ]  # fmt: skip


def test_results_that_cannot_be_drawn(tmp_path):
    with pytest.raises(KeyError, match="results have no column 'ARI'"):
        scinno.pl.benchmark(results().drop(columns="ARI"))
    with pytest.raises(KeyError, match="no method 'scino': did you mean 'scinno'"):
        scinno.pl.benchmark(results(), methods=["scino"])
    with pytest.raises(ValueError, match="no rows with k_given = False"):
        scinno.pl.benchmark(results()[:4], k_given=False)
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        scinno.pl.benchmark(tmp_path / "results.csv")
    with pytest.raises(TypeError, match="must be a DataFrame or a path, got list"):
        scinno.pl.benchmark([])
    (tmp_path / "x.txt").write_text("")
    with pytest.raises(ValueError, match=r"must be a .csv, .json or .jsonl file"):
        scinno.pl.benchmark(tmp_path / "x.txt")


def test_the_first_colours_differ_also_for_the_colour_blind():
    """Viénot's simulation of red and green blindness, distance in CIELAB."""
    to_lms = np.array([[17.8824, 43.5161, 4.1193], [3.4557, 27.1554, 3.8671],
                       [0.0300, 0.1843, 1.4671]])  # fmt: skip
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722],
                       [0.0193, 0.1192, 0.9505]])  # fmt: skip
    red = np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]])
    green = np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]])
    linear = np.array([to_rgb(c) for c in PALETTE[:8]]) ** 2.2
    for blind in (np.eye(3), red, green):
        seen = linear @ to_lms.T @ blind.T @ np.linalg.inv(to_lms).T
        xyz = np.clip(seen, 0, 1) @ to_xyz.T / to_xyz.sum(1)
        f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
        lab = np.stack(
            [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1
        )
        gaps = [np.linalg.norm(a - b) for a, b in itertools.combinations(lab, 2)]
        assert min(gaps) > 10


def test_pictures_are_loaded_only_when_used():
    script = (
        "import sys, scinno; assert 'matplotlib' not in sys.modules; scinno.pl.embedding;"
        "assert 'matplotlib' in sys.modules; assert 'plotly' not in sys.modules;"
        "scinno.report.write_report"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
