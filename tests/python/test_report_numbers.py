"""The report's numbers: packed and unpacked without loss, by blocks as at once."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from report_page import arrays_of, clustered, data_of, gene_from, written

from scinno._anndata.results import results_of
from scinno.report._content.clusters import shared_membership, two_best
from scinno.report._content.columns import add_columns
from scinno.report._content.gene_tables import MAX_VALUES
from scinno.report._html import plotly_script
from scinno.report._pack import Pack, add_genes


@pytest.fixture(scope="module")
def adata(small_fit, simulated, names) -> ad.AnnData:
    return clustered(small_fit, simulated, names)


@pytest.fixture(scope="module")
def page(adata, tmp_path_factory) -> str:
    return written(adata, tmp_path_factory.mktemp("report"))


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


def test_a_full_page_of_ten_thousand_cells_is_below_15_megabytes():
    """As many values as a page carries at most, as random as can be, beside plotly.js."""
    n, genes = 10_000, MAX_VALUES // 5_000
    full = sp.random(n, genes, 0.5, random_state=0, format="csc", dtype=np.float32)
    pack = Pack()
    add_genes(pack, full)
    for name in ("x", "y", "confidence"):
        pack.add(name, np.random.default_rng(1).integers(0, 65_535, n).astype("<u2"))
    assert full.nnz == MAX_VALUES
    assert len(pack.text()) + len(plotly_script()) < 15e6


def test_memberships_between_clusters(adata):
    found = results_of(adata, "scinno")
    shared = shared_membership(found)
    u, labels = found.memberships, found.labels
    np.testing.assert_allclose(shared.means[1], u[labels == 1].mean(0), rtol=1e-5)
    i, j, value = shared.closest_pair()
    both = (shared.means + shared.means.T) / 2
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
