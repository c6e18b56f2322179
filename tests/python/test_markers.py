"""Markers: the planted genes come first, scanpy's numbers are kept, bad requests are refused."""

import json

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scanpy as sc
from test_cli import scinno as command

import scinno


@pytest.fixture
def adata(simulated, names) -> ad.AnnData:
    obs = pd.DataFrame(
        {"scinno": pd.Categorical(simulated[1].astype(str))},
        index=[f"c{i}" for i in range(simulated[0].shape[0])],
    )
    return ad.AnnData(simulated[0].astype(np.float32), obs=obs, var=pd.DataFrame(index=names))


def planted(cluster: str) -> set[str]:
    return {f"G{j}" for j in range(int(cluster) * 15, int(cluster) * 15 + 15)}


def test_planted_markers_come_first_and_nothing_is_written(adata, capfd):
    adata.X.data[:200] = 0  # stored zeros, which are no expression
    before = adata.copy()
    stored = adata.X.nnz
    table = scinno.markers(adata, n_genes=15)
    assert adata.X.nnz == stored
    assert capfd.readouterr().err == ""  # anndata warns when it converts columns
    assert table.columns.tolist() == [
        "cluster", "gene", "score", "log2_fold_change", "p_value", "p_adjusted", "fraction_in",
        "fraction_out",
    ]  # fmt: skip
    assert table["cluster"].drop_duplicates().tolist() == ["0", "1", "2"]
    for cluster, part in table.groupby("cluster"):
        assert len(set(part["gene"]) & planted(cluster)) >= 13
        assert part["score"].is_monotonic_decreasing
        assert (part["log2_fold_change"] > 0.5).all()
        assert (part["p_adjusted"] >= part["p_value"]).all()
        assert (part["fraction_in"] > part["fraction_out"]).mean() > 0.9
    assert (adata.X != before.X).nnz == 0
    assert adata.uns == before.uns
    assert adata.obs.equals(before.obs)


def test_numbers_are_those_of_scanpy_and_shares_are_counted(adata):
    table = scinno.markers(adata, groups=1, reference=2).set_index("gene")
    sc.pp.normalize_total(adata, target_sum=1e4)
    sc.pp.log1p(adata)
    sc.tl.rank_genes_groups(adata, "scinno", groups=["1"], reference="2", method="wilcoxon")
    theirs = sc.get.rank_genes_groups_df(adata, "1").set_index("names").loc[table.index]
    # scanpy ranks float32 values; the last digits of log1p may differ.
    np.testing.assert_allclose(table["score"], theirs["scores"], atol=0.05)
    np.testing.assert_allclose(
        table["log2_fold_change"], theirs["logfoldchanges"], rtol=1e-3, atol=1e-3
    )
    expressed = (adata.X > 0).toarray()
    for share, cluster in (("fraction_in", "1"), ("fraction_out", "2")):
        cells = (adata.obs["scinno"] == cluster).to_numpy()
        expected = pd.Series(expressed[cells].mean(0), index=adata.var_names)
        np.testing.assert_allclose(table[share], expected[table.index])
    assert len(table) == adata.n_vars


def test_counts_log_values_and_layers_give_the_same_order(adata):
    table = scinno.markers(adata)
    logged = adata.copy()
    sc.pp.normalize_total(logged, target_sum=1e4)
    sc.pp.log1p(logged)
    logged.layers["counts"] = adata.X.copy()
    pd.testing.assert_frame_equal(scinno.markers(logged, input="log"), table)
    pd.testing.assert_frame_equal(scinno.markers(logged, layer="counts"), table)
    # What was clustered is remembered.
    logged.uns["scinno"] = {"layer": "counts", "input": "counts"}
    pd.testing.assert_frame_equal(scinno.markers(logged), table)
    dense = adata.copy()
    dense.X = dense.X.toarray()
    pd.testing.assert_frame_equal(scinno.markers(dense), table)


def test_unassigned_and_unlabeled_cells_are_left_out(adata):
    partly = adata.copy()
    partly.obs["scinno"] = partly.obs["scinno"].cat.add_categories(["unassigned"])
    partly.obs.loc[partly.obs_names[::7], "scinno"] = "unassigned"
    partly.obs.loc[partly.obs_names[3], "scinno"] = None
    table = scinno.markers(partly)
    left = adata[~(np.arange(adata.n_obs) % 7 == 0) & (np.arange(adata.n_obs) != 3)]
    pd.testing.assert_frame_equal(table, scinno.markers(left.copy()))
    with pytest.raises(ValueError, match="'unassigned' is not a cluster"):
        scinno.markers(partly, groups="unassigned")


def test_small_clusters_are_left_out_with_a_warning_and_refused_by_name(adata, caplog):
    labels = adata.obs["scinno"].astype(str)
    labels.iloc[:2] = "tiny"
    adata.obs["scinno"] = labels
    table = scinno.markers(adata, n_genes=3)
    assert table["cluster"].drop_duplicates().tolist() == ["0", "1", "2"]
    assert "no markers for cluster(s) tiny: fewer than 3 cells" in caplog.text
    with pytest.raises(ValueError, match=r"cluster 'tiny' has 2 cell\(s\), and a test needs 3"):
        scinno.markers(adata, groups="tiny")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"groups": 7}, ValueError, "'7' is not a cluster of obs['scinno'], which has 0, 1, 2"),
        ({"reference": "B cells"}, ValueError, "'B cells' is not a cluster"),
        ({"groups": ["1"], "reference": "1"}, ValueError, "cannot be compared with itself"),
        ({"key": "scino"}, KeyError, "did you mean 'scinno'?"),
        ({"method": "anova"}, ValueError, "method must be one of wilcoxon"),
        ({"layer": "raw"}, KeyError, "layer 'raw' is not in adata.layers"),
        ({"n_genes": 0}, ValueError, "n_genes must be 1 or more"),
        ({"key": "same"}, ValueError, "at least 2 clusters, but obs['same'] has 1"),
    ],
)
def test_bad_requests_say_what_there_is(adata, options, error, message):
    adata.obs["same"] = "one"
    with pytest.raises(error) as caught:
        scinno.markers(adata, **options)
    assert message in caught.value.args[0]


def test_gene_names_are_checked(adata, caplog):
    adata.var_names = ["2-Sep", *adata.var_names[1:]]
    scinno.markers(adata, n_genes=1)
    assert "look like dates ('2-Sep')" in caplog.text
    adata.var_names = ["G1", *adata.var_names[1:]]
    with pytest.raises(ValueError, match="genes must be unique"):
        scinno.markers(adata)


@pytest.fixture
def clustered(adata, tmp_path):
    (tmp_path / "run").mkdir()
    adata.write_h5ad(tmp_path / "run" / "clustered.h5ad")
    return tmp_path / "run"


def test_command_writes_prints_and_keeps_files(clustered, adata, capsys):
    command("markers", clustered)
    shown = capsys.readouterr().out
    assert shown.count("against the rest") == 3
    assert len(shown.splitlines()) == 3 * 13
    out = clustered / "markers.csv"
    command("markers", clustered / "clustered.h5ad", "--cluster=1", "--against=2", "-o", out, "-q")
    assert capsys.readouterr().out == ""
    table = pd.read_csv(out, dtype={"cluster": str})
    expected = scinno.markers(adata, groups=1, reference=2)
    assert table["gene"].tolist() == expected["gene"].tolist()
    np.testing.assert_allclose(table["p_value"], expected["p_value"], rtol=1e-5)
    command("markers", clustered, "-o", out, code=2)
    assert "exists: choose another or add --force" in capsys.readouterr().err
    assert len(pd.read_csv(out)) == adata.n_vars
    command("markers", clustered, "-o", out, "--force", "-n", 2, "-q")
    assert len(pd.read_csv(out)) == 6
    command("markers", clustered, "-c", "0", "-c", "2", "-n", 1, "--json")
    result = json.loads(capsys.readouterr().out)
    assert [row["cluster"] for row in result["markers"]] == ["0", "2"]
    assert result["markers"][0]["gene"] in planted("0")
    assert result["against"] == "rest"


def test_command_says_what_is_wrong_with_a_run(clustered, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.txt").write_text("x")
    (tmp_path / "cut").mkdir()
    whole = (clustered / "clustered.h5ad").read_bytes()
    (tmp_path / "cut" / "clustered.h5ad").write_bytes(whole[: len(whole) // 2])
    for words, message in (
        (["nowhere"], "RUN nowhere does not exist"),
        ([tmp_path / "empty"], "is an empty folder; 'scinno cluster' fills one"),
        ([tmp_path / "other"], "is not a scinno run: it has no clustered.h5ad"),
        ([tmp_path / "other" / "x.txt"], "must be the folder of a run or a clustered .h5ad file"),
        ([tmp_path / "cut"], "cannot be read"),
        ([clustered, "--key", "scinnoo"], "did you mean 'scinno'?"),
        ([clustered, "--cluster", "9"], "'9' is not a cluster of obs['scinno'], which has 0, 1, 2"),
        ([clustered, "--out", tmp_path / "no" / "m.csv"], "there is no folder"),
        ([clustered, "--out", tmp_path], "must be a CSV file"),
    ):
        command("markers", *words, code=2)
        shown = capsys.readouterr()
        assert message in shown.err
        assert shown.err.count("\n") == 1
        assert shown.out == ""
