"""One cluster divided by a fit of its own."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from conftest import QUICK, simulate

import scinno


@pytest.fixture
def adata() -> ad.AnnData:
    counts, types = simulate(cells=200)
    data = ad.AnnData(counts.astype(np.float32))
    # Two clusters: types 0 and 1 together, and the rest.
    names = np.where(types <= 1, "both", "other")
    data.obs["scinno"] = pd.Categorical(names, categories=["other", "both"])
    data.obs["type"] = types
    return data


def test_the_parts_take_the_place_of_the_cluster_and_all_else_stays(adata):
    before = adata.copy()
    result = scinno.subcluster(adata, "both", 2, **QUICK)
    column = adata.obs["scinno_sub"]
    assert column.cat.categories.tolist() == ["other", "both.1", "both.2"]
    inside = (adata.obs["scinno"] == "both").to_numpy()
    assert (column[~inside] == "other").all()
    expected = [f"both.{label + 1}" for label in result.labels]
    assert column[inside].astype(str).tolist() == expected
    sizes = column.value_counts()
    assert sizes["both.1"] >= sizes["both.2"]
    crossed = pd.crosstab(adata.obs["type"][inside], column[inside].astype(str))
    assert crossed.max(axis=1).sum() > 0.9 * inside.sum()
    pd.testing.assert_frame_equal(adata.obs[["scinno", "type"]], before.obs)
    assert (adata.X != before.X).nnz == 0
    assert adata.uns == {}


def test_a_part_is_divided_again_and_the_number_may_be_open(adata):
    scinno.subcluster(adata, "both", 2, **QUICK)
    again = scinno.subcluster(adata, "both.1", key="scinno_sub", key_added="deep", **QUICK)
    found = adata.obs["deep"].cat.categories.tolist()
    parts = [f"both.1.{j + 1}" for j in range(again.n_clusters)]
    assert found == ["other", *parts, "both.2"]


def test_the_layer_of_the_clustering_is_taken(adata):
    adata.layers["umi"] = adata.X.copy()
    expected = scinno.subcluster(adata, "both", 2, key_added="of_x", **QUICK)
    adata.X = adata.X * 0.5
    adata.uns["scinno"] = {"layer": "umi"}
    result = scinno.subcluster(adata, "both", 2, **QUICK)
    np.testing.assert_array_equal(result.labels, expected.labels)


def test_the_kind_of_values_is_that_of_the_clustering(adata):
    """Of whole numbers alone, as a part of the cells may hold, the kind cannot be told."""
    adata.uns["scinno"] = {"input": "log"}
    adata.X.data = np.minimum(adata.X.data, 9)
    assert scinno.subcluster(adata, "both", 2, **QUICK).preprocessing.kind == "log"
    adata.layers["counts"] = adata.X.copy()
    other = scinno.subcluster(adata, "both", 2, layer="counts", **QUICK)
    assert other.preprocessing.kind == "counts"


def test_plain_text_columns_and_numbers_of_clusters_are_taken(adata):
    adata.obs["plain"] = np.where(adata.obs["scinno"] == "both", 1, 0)
    scinno.subcluster(adata, 1, 2, key="plain", **QUICK)
    assert adata.obs["plain_sub"].cat.categories.tolist() == ["0", "1.1", "1.2"]


def test_what_is_wrong_gets_a_sentence_and_changes_nothing(adata):
    with pytest.raises(TypeError, match="adata must be an AnnData, got csr_matrix"):
        scinno.subcluster(adata.X, "both")
    with pytest.raises(KeyError, match="key 'scino' is not in adata.obs: did you mean 'scinno'"):
        scinno.subcluster(adata, "both", key="scino")
    with pytest.raises(ValueError, match=r"cluster '7' is not in .*which has \['both', 'other'\]"):
        scinno.subcluster(adata, 7)
    adata.obs["few"] = ["x"] * 3 + ["y"] * 197
    with pytest.raises(ValueError, match=r"cluster 'x' has 3 cell\(s\): too few to divide"):
        scinno.subcluster(adata, "x", key="few")
    assert list(adata.obs) == ["scinno", "type", "few"]
