"""The report page: what it says, what it carries, and what it refuses."""

import base64
import gzip
import json
import re
import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from conftest import simulate

import scinno
from scinno._anndata import store
from scinno._clustered import results_of
from scinno._palette import PALETTE
from scinno._sample import drawn_cells
from scinno.report import write_report
from scinno.report._clusters import between, two_best
from scinno.report._columns import add_columns
from scinno.report._expression import read_expression
from scinno.report._gene_tables import carried_genes, mean_and_share, name_notes
from scinno.report._html import as_json
from scinno.report._labels import against_labels
from scinno.report._pack import Pack, add_genes, fine_steps
from scinno.report._summary import percent, rare_clusters
from scinno.report._training import k_evidence

EVIL = "<script>alert('x')</script>"


def clustered(small_fit, simulated, names) -> ad.AnnData:
    """A small clustered object with maps, a batch, labels and a number."""
    n = len(small_fit.labels)
    rng = np.random.default_rng(0)
    obs = pd.DataFrame(
        {
            "type": [f"type {t}" for t in simulated[1]],
            "batch": np.where(np.arange(n) % 2, "b1", "b2"),
            "age": rng.normal(size=n),
        },
        index=[f"c{i}" for i in range(n)],
    )
    adata = ad.AnnData(simulated[0].astype(np.float32), obs=obs, var=pd.DataFrame(index=names))
    store(adata, small_fit, "scinno")
    for kind in ("tsne", "umap"):
        flat = small_fit.embedding[:, :2] + rng.normal(0, 0.01, (n, 2))
        adata.obsm[f"X_{kind}_scinno"] = flat.astype(np.float32)
    return adata


@pytest.fixture(scope="module")
def adata(small_fit, simulated, names) -> ad.AnnData:
    return clustered(small_fit, simulated, names)


@pytest.fixture(scope="module")
def page(adata, tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    assert write_report(adata, path, label_key="type", genes=["G7"], title="Nine & <b>") == path
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
    return path.read_text()


def data_of(page: str) -> dict:
    """The JSON that the page's scripts read."""
    return json.loads(re.search(r'id="report-data">(.*?)</script>', page, re.S)[1])


def arrays_of(page: str) -> dict[str, np.ndarray]:
    """The packed arrays, unpacked as the page does it."""
    text = re.search(r'id="report-pack">(.*?)</script>', page, re.S)[1]
    data = gzip.decompress(base64.b64decode(text))
    kinds = {"Uint8": "u1", "Uint16": "<u2", "Uint32": "<u4", "Float32": "<f4"}
    return {
        name: np.frombuffer(data, kinds[kind], size, offset)
        for name, (kind, offset, size) in data_of(page)["directory"].items()
    }


def gene_from(arrays: dict[str, np.ndarray], j: int, n: int) -> np.ndarray:
    """One gene's values, decoded as in data.js."""
    at, first = int(arrays["gene_at"][j]), int(arrays["gene_count"][:j].sum())
    values, cell = np.zeros(n), -1
    for i in range(int(arrays["gene_count"][j])):
        while True:
            byte = int(arrays["gene_gap"][at])
            at += 1
            cell += byte
            if byte < 255:
                break
        cell += 1
        values[cell] = arrays["gene_level"][first + i] * arrays["gene_top"][j] / 63
    return values


def text_of(page: str) -> str:
    """Words of the page, without scripts and marks."""
    body = re.sub(r"<script.*?</script>|<style.*?</style>", " ", page, flags=re.S)
    words = re.sub(r"<[^>]+>", " ", body).replace("\u00a0", " ")
    return re.sub(r"\s+", " ", words)


def test_the_page_holds_all_that_was_found(page, adata, small_fit):
    words = text_of(page)
    sizes = np.bincount(small_fit.labels)
    assert f"150 cells fall in 3 clusters of {sizes.min()} to {sizes.max()} cells." in words
    for heading in (
        "Which cells are uncertain?", "What is each cluster?", "Is my data fit for this?",
        "Do clusters match “type”?", "How it was trained", "Settings, versions and citation",
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


def test_expression_comes_back_within_a_step(page, adata):
    data, arrays = data_of(page), arrays_of(page)
    assert data["genes"]["carried"][0] == 7  # asked for, so first
    counts = adata.X.toarray()
    log = np.log1p(counts / counts.sum(1, keepdims=True) * 1e4)
    for place in (0, 5, len(data["genes"]["carried"]) - 1):
        true = log[:, data["genes"]["carried"][place]]
        found = gene_from(arrays, place, 150)
        assert (found > 0).tolist() == (true > 0).tolist()
        assert np.abs(found - true).max() <= true.max() / 63 + 1e-5


def test_gaps_longer_than_a_byte_survive():
    n = 2000
    dense = np.zeros((n, 3), dtype=np.float32)
    dense[[0, 254, 255, 256, 1023, 1999], 0] = [1, 2, 3, 4, 5, 6]
    dense[[510, 1785], 2] = [1, 7]
    pack = Pack()
    add_genes(pack, sp.csc_matrix(dense))
    data = gzip.decompress(base64.b64decode(pack.text()))
    kinds = {"Uint8": "u1", "Uint32": "<u4", "Float32": "<f4"}
    arrays = {
        name: np.frombuffer(data, kinds[kind], size, offset)
        for name, (kind, offset, size) in pack.directory.items()
    }
    for j in range(3):
        found = gene_from(arrays, j, n)
        assert np.flatnonzero(found).tolist() == np.flatnonzero(dense[:, j]).tolist()
        assert np.abs(found - dense[:, j]).max() <= 7 / 63


def test_whole_numbers_stay_exact_and_missing_ones_missing():
    steps, low, step = fine_steps(np.array([5.0, 60_000, np.nan, 7, np.inf]))
    assert (low + steps[[0, 1, 3]] * step).tolist() == [5, 60_000, 7]
    assert steps[[2, 4]].tolist() == [65_535, 65_535]
    steps, low, step = fine_steps(np.array([-1.5, 0.25, 3.0]))
    np.testing.assert_allclose(low + steps * step, [-1.5, 0.25, 3.0], atol=1e-4)


def test_markers_are_the_genes_that_were_simulated(page, small_fit, simulated):
    data = data_of(page)
    assert set(data["markers"]) == {"0", "1", "2"}
    for cluster in range(3):
        true = np.bincount(simulated[1][small_fit.labels == cluster]).argmax()
        best = [int(row[0][1:]) for row in data["markers"][str(cluster)][:8]]
        assert all(true * 15 <= gene < (true + 1) * 15 for gene in best)
    assert len(data["dots"]["genes"]) == len(data["dots"]["mean"][0])


def test_rare_clusters_are_named_with_what_speaks_for_them(page):
    assert "No cluster is rare: each holds 3 % of the cells or more." in text_of(page)
    clusters = pd.DataFrame({
        "name": ["T", "B", "NK", "pDC", "HSC", "gone"],
        "cells": [900, 60, 20, 10, 10, 0],
        "share": [0.9, 0.06, 0.02, 0.01, 0.01, 0],
        "markers": [["CD3D"], [], ["NKG7"], [], ["CD34"], []],
    })  # fmt: skip
    assert rare_clusters(clusters).replace("\u00a0", " ") == (
        "Rare, with under 3 % of the cells: NK, pDC and HSC. Clear markers, as a rare type has "
        "them: NK and HSC. No clear markers, so perhaps stray cells of other types: pDC."
    )
    assert "No clear markers" not in rare_clusters(clusters.drop(index=3))


def test_colours_are_those_of_the_other_pictures(page):
    assert tuple(data_of(page)["palette"]) == PALETTE


def test_labels_are_counted_and_scored(page, small_fit, simulated):
    data = data_of(page)["labels"]
    assert np.array(data["table"]).sum() == 150
    assert data["scores"]["ARI"] > 0.9
    found = against_labels(
        pd.Series(["a", "a", "b", None, "b"], name="l"), np.array([0, 0, 0, 1, 1]), ["x", "y"]
    )
    assert found["cells"] == 4
    assert found["off"] == 1
    assert found["pairs"] == [{"label": "b", "cluster": "x", "cells": 1, "main": "a", "share": 0.5}]
    with pytest.raises(ValueError, match="is it a name of cells"):
        against_labels(pd.Series(np.arange(100).astype(str)), np.zeros(100, int), ["x"])


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
    assert "default-src 'none'" in page
    assert not re.search(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["'](?!data:)""", page)
    assert (
        as_json({"a": "</script>", "b": float("nan")}) == '{"a":"\\u003c/script\\u003e","b":null}'
    )


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


def test_renamed_unassigned_and_missing_things_are_no_trouble(adata, tmp_path):
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


def test_without_stored_maps_they_are_made_of_the_embedding(adata, tmp_path, monkeypatch):
    from scinno import _pictures

    bare = adata.copy()
    del bare.obsm["X_tsne_scinno"], bare.obsm["X_umap_scinno"]
    given = []
    flat = {"X_tsne": np.ones((150, 2)), "X_umap": np.zeros((150, 2))}
    monkeypatch.setattr(_pictures, "maps", lambda z, seed: given.append((z, seed)) or flat)
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
    true = log.X[:, data_of(page)["genes"]["carried"][0]].toarray().ravel()
    assert np.abs(found - true).max() <= true.max() / 63 + 1e-5


def test_a_sample_keeps_rare_clusters():
    labels = np.repeat([0, 1, 2, -1], [50_000, 9_000, 30, 970])
    drawn = drawn_cells(labels, 0, most=2_000)
    assert len(drawn) == 2_000
    assert (np.diff(drawn) > 0).all()
    kept = dict(zip(*np.unique(labels[drawn], return_counts=True), strict=True))
    assert kept[2] == 30
    assert kept[-1] >= 100
    assert 1_400 < kept[0] < 1_700
    np.testing.assert_array_equal(drawn, drawn_cells(labels, 0, most=2_000))
    assert len(drawn_cells(labels[:100], 0, most=2_000)) == 100


def test_above_the_limit_a_sample_is_drawn_and_said(adata, tmp_path, monkeypatch):
    from scinno.report import _contents

    monkeypatch.setattr(_contents, "drawn_cells", lambda labels, seed: np.arange(0, 150, 2))
    page = write_report(adata, tmp_path / "p.html").read_text()
    assert "Drawn are 75 of 150 cells" in text_of(page)
    assert sum(data_of(page)["confidence"]) == 150
    assert json.loads(arrays_of(page)["cells"].tobytes()) == adata.obs_names[::2].tolist()


def test_blocks_of_cells_and_backed_files_give_the_same_numbers(adata, tmp_path, monkeypatch):
    from scinno.report import _expression

    drawn, seen = np.array([3, 64, 65, 149]), np.arange(200) < 50
    whole = read_expression(adata, None, drawn, seen)
    adata.write_h5ad(tmp_path / "x.h5ad")
    monkeypatch.setattr(_expression, "BLOCK", 64)
    backed = ad.read_h5ad(tmp_path / "x.h5ad", backed="r")
    blocks = read_expression(backed, None, drawn, seen)
    backed.file.close()
    pd.testing.assert_frame_equal(blocks.cells, whole.cells)
    assert (blocks.log != whole.log).nnz == 0
    assert (blocks.drawn != adata.X[drawn]).nnz == 0
    assert whole.cells["n_counts"].tolist() == adata.X.sum(1).A1.tolist()
    assert whole.cells["n_seen"].tolist() == adata.X[:, :50].getnnz(1).tolist()


def test_genes_go_into_the_page_until_it_is_full():
    rng = np.random.default_rng(0)
    log = sp.random(100, 30, 0.5, random_state=0, format="csr", dtype=np.float32)
    log = log.multiply(rng.uniform(1, 5, 30)).tocsr()
    seen = np.arange(30) < 20
    all_of_them = carried_genes(log, [25, 3], seen)
    assert all_of_them[:2].tolist() == [25, 3]
    assert sorted(all_of_them) == sorted({25, *range(20)})
    variance = np.asarray(log.todense()).var(0)
    assert (np.diff(variance[all_of_them[2:]]) <= 1e-6).all()
    few = carried_genes(log, [25, 3], seen, most=250)
    assert log[:, few].nnz <= 250
    assert few.tolist() == all_of_them[: len(few)].tolist()


def test_means_and_shares_by_cluster(adata):
    codes = np.where(np.arange(150) < 10, -1, adata.obs["scinno"].astype(int))
    mean, share = mean_and_share(adata.X, codes, 3, np.array([5, 40]))
    dense = adata.X.toarray()
    for j in range(3):
        np.testing.assert_allclose(mean[j], dense[codes == j][:, [5, 40]].mean(0))
        np.testing.assert_allclose(share[j], (dense[codes == j][:, [5, 40]] > 0).mean(0))


def test_memberships_between_clusters(adata):
    found = results_of(adata, "scinno")
    shared = between(found)
    u, labels = found.memberships, found.labels
    np.testing.assert_allclose(shared.shares[1], u[labels == 1].mean(0), rtol=1e-5)
    i, j, value = shared.closest_pair()
    both = (shared.shares + shared.shares.T) / 2
    assert value == max(both[0, 1], both[0, 2], both[1, 2]) == both[i, j]
    best, values = two_best(u)
    np.testing.assert_array_equal(best[:, 0], u.argmax(1))
    np.testing.assert_array_equal(values, -np.sort(-u, axis=1)[:, :2])


def test_columns_that_name_cells_are_left_out():
    n = 300
    obs = pd.DataFrame(
        {
            "barcode": [f"AC{i}" for i in range(n)],
            "flag": np.arange(n) % 2 == 0,
            "some": pd.Categorical(["x"] * (n - 1) + [None]),
            "empty": [np.nan] * n,
            "scinno": ["0"] * n,
        }
    )
    pack = Pack()
    found = {column["name"]: column for column in add_columns(pack, obs, {"scinno"})}
    assert list(found) == ["flag", "some", "empty"]
    assert found["flag"]["levels"] == ["False", "True"]
    assert found["some"]["levels"] == ["x", "not given"]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["CD3D", "NKG7", "MS4A1"], None),
        ([f"ENSG{i:011d}" for i in range(9)], "Ensembl"),
        ([f"gene{i}" for i in range(9)], "real names are lost"),
        (["CD3D", "NKG7", "Cd3d", "Nkg7"], "mixture of species"),
        (["2-Sep", "CD3D", "NKG7"], "look like dates"),
    ],
)
def test_gene_names_are_checked(names, words):
    notes = name_notes(names)
    assert len(notes) == (words is not None)
    assert words is None or words in notes[0]


def test_why_k_was_chosen():
    table = pd.DataFrame({
        "n_clusters": [2, 3, 4, 5], "mean_share": [0.99, 0.97, 0.9, 0.8],
        "least_share": [0.9, 0.9, 0.5, 0.1], "good_clusters": [2, 3, 4, 2],
    })  # fmt: skip
    found = k_evidence({"k_evidence": table}, 3)
    assert "K = 3 lies between two counts. With up to 3 clusters" in found["why"]
    assert "at most 4 clusters" in found["why"]
    assert k_evidence({}, 3) is None


def test_shares_never_round_to_all_or_nothing():
    shown = [percent(share).replace("\u00a0", " ") for share in (0, 1e-5, 0.034, 0.5, 0.99999, 1)]
    assert shown == ["0 %", "under 0.1 %", "3.4 %", "50 %", "over 99.9 %", "100 %"]


def poor(kind: str) -> ad.AnnData:
    """Data with one thing wrong with it."""
    x, types = simulate(cells=600 if kind != "few" else 60, genes=60)
    x = x.toarray()
    if kind == "empty":
        x[:90] = 0
    obs = pd.DataFrame(index=[f"c{i}" for i in range(len(x))])
    names = [f"MT-{j}" if kind == "dying" and j % 2 else f"CD{j}" for j in range(60)]
    if kind == "batches":
        obs["batch"] = types.astype(str)
    adata = ad.AnnData(sp.csr_matrix(x, dtype=np.float32), obs=obs, var=pd.DataFrame(index=names))
    memberships = np.eye(3, dtype=np.float32)[types] * 0.7 + 0.1
    if kind == "one":
        types = np.zeros(len(x), dtype=int)
    adata.obs["scinno"] = pd.Categorical(types.astype(str), categories=["0", "1", "2"])
    adata.obsm["scinno_memberships"] = memberships
    adata.obsm["X_scinno"] = adata.obsm["X_tsne_scinno"] = x[:, :2].astype(np.float32)
    return adata


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("few", "very few: treat the clusters as a suggestion"),
        ("empty", "90 cell(s) have no counts at all"),
        ("dying", "of cells exceed 20 %"),
        ("batches", "nearly all of one “batch”"),
        ("one", "Clusters 1 and 2 hold no cell"),
    ],
)
def test_data_that_is_not_fit_is_told(kind, words, tmp_path):
    page = write_report(poor(kind), tmp_path / "p.html").read_text()
    rows = re.findall(r'<li class="warn">(.*?)</li>', page, re.S)
    assert any(words in text_of(row) for row in rows), [text_of(row) for row in rows]


def broken(adata: ad.AnnData, how: str) -> ad.AnnData:
    adata = adata.copy()
    if how == "embedding":
        del adata.obsm["X_scinno"]
    elif how == "other key":
        adata.obsm["old_memberships"] = adata.obsm["scinno_memberships"]
        adata.obs["old"] = adata.obs["scinno"]
        del adata.obs["scinno"]
    elif how == "scaled":
        adata.X = adata.X - np.float32(1) * (adata.X > 0).astype(np.float32) * 2
    elif how == "merged":
        adata.obs["scinno"] = pd.Categorical(["a", "b"] * 75)
    return adata


@pytest.mark.parametrize(
    ("how", "options", "message"),
    [
        ("embedding", {}, r"\(obsm\['X_scinno'\] missing\): run 'scinno cluster'"),
        ("other key", {}, "there are results under 'old': give that as key"),
        ("scaled", {}, r"got -1 \(cell 'c0', gene '.*'\): scaled values cannot be shown"),
        ("merged", {}, "has 2 clusters but obsm"),
        ("", {"label_key": "typ"}, "label column 'typ' is not in obs: did you mean 'type'"),
        ("", {"batch_key": "donor"}, "batch column 'donor' is not in obs: there is type, batch"),
        ("", {"genes": ["G1", "g77x"]}, "gene 'g77x' is not in the data: did you mean 'G77'"),
        ("", {"layer": "raw"}, "layer 'raw' is not in adata.layers, which holds: none"),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_sentence(adata, how, options, message, tmp_path):
    (tmp_path / "p.html").write_text("old")
    with pytest.raises(ValueError, match=message):
        write_report(broken(adata, how), tmp_path / "p.html", **options)
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


def test_other_wrong_arguments(adata, tmp_path):
    with pytest.raises(TypeError, match="adata must be an AnnData, got dict"):
        write_report({}, tmp_path / "p.html")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        write_report(adata, tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        write_report(adata, tmp_path / "nowhere" / "p.html")


@pytest.fixture(scope="module")
def run_folder(adata, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas and anndata on texts
        adata.write_h5ad(folder / "clustered.h5ad")
    about = {"seconds": {"read_and_fit": 12.3}}
    (folder / "settings.json").write_text(json.dumps(about))
    return folder


def test_the_command_makes_a_page_of_a_run_folder(run_folder, capsys):
    from test_cli import scinno as command

    command("report", run_folder, "--label-key", "type", "-g", "G1,G2")
    page = (run_folder / "report.html").read_text()
    assert data_of(page)["genes"]["carried"][:2] == [1, 2]
    assert "Time to read and fit 12 s" in text_of(page)
    assert f"on one page of {len(page.encode()) / 1e6:.1f} MB" in capsys.readouterr().out
    command("report", run_folder, code=2)
    assert "exists: choose another or add --force" in capsys.readouterr().err
    command("report", run_folder / "clustered.h5ad", "-o", run_folder / "report.html", "--force",
            "-q")  # fmt: skip
    assert capsys.readouterr().out == ""
    command("report", run_folder, "--force", "--json")
    size = (run_folder / "report.html").stat().st_size
    told = {"cells": 150, "bytes": size, "out": str(run_folder / "report.html")}
    assert json.loads(capsys.readouterr().out) == told
    (run_folder / "report.html").unlink()


@pytest.mark.parametrize(
    ("what", "words", "message"),
    [
        ("nowhere", [], "does not exist"),
        ("empty", [], "is an empty folder"),
        ("other", [], "is no scinno run"),
        ("broken.h5ad", [], "cannot be read"),
        ("plain.h5ad", [], "run 'scinno cluster' first"),
        ("run", ["--genes", "G2,CD3"], "gene 'CD3' is not in the data"),
        ("run", ["--out", "other"], "must be a file, but"),
        ("run", ["--out", "broken.h5ad", "--force"], "--force replaces pages only"),
    ],
)
def test_errors_of_the_command(what, words, message, run_folder, tmp_path, capsys, monkeypatch):
    from test_cli import scinno as command

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

    from scinno import _pictures

    flat = {"X_tsne": np.ones((150, 2)), "X_umap": np.ones((150, 2))}
    monkeypatch.setattr(_pictures, "maps", lambda *_: flat)
    monkeypatch.setattr(_pictures, "draw", lambda *_: None)
    cells = ad.AnnData(simulated[0].astype(np.float32), var=pd.DataFrame(index=names))
    cells.write_h5ad(tmp_path / "in.h5ad")
    command("cluster", tmp_path / "in.h5ad", "-k", 3, "-o", tmp_path / "out", "--report", "-q",
            *SET)  # fmt: skip
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<title>out – scinno</title>" in page
    assert scinno.__version__ in text_of(page)
