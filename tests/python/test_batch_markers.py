"""Markers within batches: genes of a batch are none, planted ones stay, one batch is scanpy's."""

import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.stats import norm
from test_cli import scinno as command

import scinno
from scinno._anndata.batch_markers import BatchTest, combined


@pytest.fixture
def adata() -> ad.AnnData:
    """Type 0 is mostly in chip a, which has gene G9 up; G0 marks type 0, G1 type 1."""
    rng = np.random.default_rng(0)
    types = np.repeat([0, 0, 1, 1], [180, 60, 60, 180])
    chip = np.repeat(["a", "b", "a", "b"], [180, 60, 60, 180])
    rates = np.full((480, 40), 2.0)
    rates[types == 0, 0] = rates[types == 1, 1] = 6
    rates[chip == "a", 9] = 12
    obs = pd.DataFrame(
        {"type": pd.Categorical(types.astype(str)), "chip": chip, "cut": np.arange(480) % 2},
        index=[f"c{i}" for i in range(480)],
    )
    var = pd.DataFrame(index=[f"G{j}" for j in range(40)])
    return ad.AnnData(sp.csr_matrix(rng.poisson(rates).astype(np.float32)), obs=obs, var=var)


def of(table: pd.DataFrame, cluster: str, gene: str) -> pd.Series:
    return table[(table["cluster"] == cluster) & (table["gene"] == gene)].iloc[0]


@pytest.mark.parametrize("method", ["wilcoxon", "t-test"])
def test_a_gene_of_a_batch_is_no_marker_and_planted_ones_stay(method, adata):
    plain = scinno.markers(adata, key="type", method=method)
    within = scinno.markers(adata, key="type", method=method, batch_key="chip")
    assert of(plain, "0", "G9")["p_adjusted"] < 1e-6
    assert of(within, "0", "G9")["p_adjusted"] > 0.05
    assert abs(of(within, "0", "G9")["log2_fold_change"]) < 0.3
    assert of(plain, "0", "G9")["log2_fold_change"] > 1
    for cluster, gene in (("0", "G0"), ("1", "G1")):
        best = within[within["cluster"] == cluster].iloc[0]
        assert best["gene"] == gene
        assert best["p_adjusted"] < 1e-6
        change = of(plain, cluster, gene)["log2_fold_change"]  # scanpy's, which is of mean logs
        assert best["log2_fold_change"] == pytest.approx(change, abs=0.5)
        assert best[["batches", "batches_agree"]].tolist() == [2, 2]
    for _, part in within.groupby("cluster"):
        assert part["score"].is_monotonic_decreasing
    assert scinno.markers(adata, key="type", batch_key="chip", n_genes=3).shape == (6, 10)


def test_a_batch_with_too_few_cells_counts_for_nothing(adata):
    few = (adata.obs["chip"] == "b") & (adata.obs["type"] == "0")
    adata = adata[~few | (few & (few.cumsum() <= 2))].copy()
    within = scinno.markers(adata, key="type", groups="0", batch_key="chip").set_index("gene")
    alone = scinno.markers(adata[adata.obs["chip"] == "a"], key="type", groups="0")
    alone = alone.set_index("gene").loc[within.index]
    assert (within["batches"] == 1).all()
    np.testing.assert_allclose(within["score"], alone["score"], atol=1e-4)
    for name in ("log2_fold_change", "p_value", "p_adjusted", "fraction_in", "fraction_out"):
        np.testing.assert_allclose(within[name], alone[name], rtol=1e-3, atol=1e-6, err_msg=name)


def test_scores_are_weighted_by_the_cells_of_both_sides():
    def one(score: float, n_in: int, n_out: int, mean_in: float) -> BatchTest:
        p = 2 * norm.sf(abs(score))
        values = {"score": score, "p_value": p, "mean_in": mean_in, "mean_out": 1.0,
                  "fraction_in": 0.5, "fraction_out": 0.1}  # fmt: skip
        return BatchTest(pd.DataFrame(values, index=["g", "h"]), n_in, n_out)

    found = combined([one(3.0, 10, 90, 2.0), one(-1.0, 30, 30, 1.0)]).iloc[0]
    first, second = 10 * 90 / 100, 15.0
    expected = (np.sqrt(first) * 3 - np.sqrt(second)) / np.sqrt(first + second)
    assert found["score"] == pytest.approx(expected)
    assert found["p_value"] == pytest.approx(2 * norm.sf(expected))
    mean = (first * 2 + second) / (first + second)
    assert found["log2_fold_change"] == pytest.approx(np.log2(np.expm1(mean) / np.expm1(1)))
    assert found[["batches", "batches_agree"]].tolist() == [2, 1]
    extreme = one(40.0, 10, 90, 2.0)
    extreme.table["p_value"] = 0.0
    assert np.isfinite(combined([extreme, extreme])["score"]).all()


def test_clusters_of_one_batch_alone_are_left_out_or_refused(adata, caplog):
    with pytest.raises(ValueError, match="in any batch: batch_key=None tests all cells together"):
        scinno.markers(adata, key="type", batch_key="type")
    adata.obs["third"] = np.where(np.arange(480) < 30, "x", adata.obs["type"].astype(str))
    adata.obs["place"] = np.where(adata.obs["third"] == "x", "own", "shared")
    table = scinno.markers(adata, key="third", batch_key="place")
    assert table["cluster"].unique().tolist() == ["0", "1"]
    assert "no markers for cluster(s) x: no batch has 3 cells of each and 3 others" in caplog.text


def test_what_the_clustering_was_told_of_is_taken(adata):
    adata.uns["type"] = {"batch_key": np.array(["chip"], dtype=object)}
    told = scinno.markers(adata, key="type")
    pd.testing.assert_frame_equal(told, scinno.markers(adata, key="type", batch_key="chip"))
    assert "batches" not in scinno.markers(adata, key="type", batch_key=None)
    del adata.obs["chip"]
    assert "batches" not in scinno.markers(adata, key="type")


def test_bad_batches_are_refused(adata):
    with pytest.raises(KeyError, match="batch_key 'chop' is not in obs"):
        scinno.markers(adata, key="type", batch_key="chop")
    adata.obs.loc["c5", "chip"] = None
    with pytest.raises(
        ValueError, match=r"batch must have a value for every cell, but 1 have none"
    ):
        scinno.markers(adata, key="type", batch_key="chip")


def test_the_command_and_the_page_say_so(adata, tmp_path, capsys):
    adata.obs["scinno"] = adata.obs["type"]
    adata.obsm["scinno_memberships"] = np.eye(2, dtype=np.float32)[adata.obs["type"].cat.codes]
    adata.obsm["X_scinno"] = adata.obsm["X_tsne_scinno"] = adata.X[:, :2].toarray()
    adata.uns["scinno"] = {"batch_key": ["chip"]}
    path, page, table = tmp_path / "clustered.h5ad", tmp_path / "page.html", tmp_path / "m.csv"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # anndata on texts
        adata.write_h5ad(path)
    command("markers", path, "-q", "-o", table)
    expected = scinno.markers(adata, key="type", batch_key="chip")
    assert pd.read_csv(table)["gene"].tolist() == expected["gene"].tolist()
    command("markers", path, "-q", "--batch-key", "cut", "-o", table, "--force")
    other = scinno.markers(adata, key="type", batch_key="cut")
    assert (
        pd.read_csv(table)["gene"].tolist() == other["gene"].tolist() != expected["gene"].tolist()
    )
    command("report", path, "-q", "-o", page)
    assert "of the same batch (chip), combined over batches" in page.read_text()
