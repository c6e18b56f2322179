"""The report's numbers: packed and unpacked without loss, by blocks as at once."""

import base64
import gzip

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from report_page import arrays_of, clustered, data_of, gene_from, written

from scinno._anndata.results import results_of
from scinno._clusters.subsample import sample_cells
from scinno.report._content.clusters import shared_membership, two_best
from scinno.report._content.columns import add_columns
from scinno.report._content.expression import read_expression
from scinno.report._content.gene_tables import MAX_VALUES, mean_and_fraction, page_genes
from scinno.report._html import plotly_script
from scinno.report._pack import Pack, add_genes, fine_steps


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


def test_whole_numbers_stay_exact_and_missing_ones_missing():
    steps, low, step = fine_steps(np.array([5.0, 60_000, np.nan, 7, np.inf]))
    assert (low + steps[[0, 1, 3]] * step).tolist() == [5, 60_000, 7]
    assert steps[[2, 4]].tolist() == [65_535, 65_535]
    steps, low, step = fine_steps(np.array([-1.5, 0.25, 3.0]))
    np.testing.assert_allclose(low + steps * step, [-1.5, 0.25, 3.0], atol=1e-4)


def test_a_sample_keeps_rare_clusters():
    labels = np.repeat([0, 1, 2, -1], [50_000, 9_000, 30, 970])
    drawn = sample_cells(labels, 0, max_cells=2_000)
    assert len(drawn) == 2_000
    assert (np.diff(drawn) > 0).all()
    kept = dict(zip(*np.unique(labels[drawn], return_counts=True), strict=True))
    assert kept[2] == 30
    assert kept[-1] >= 100
    assert 1_400 < kept[0] < 1_700
    np.testing.assert_array_equal(drawn, sample_cells(labels, 0, max_cells=2_000))
    assert len(sample_cells(labels[:100], 0, max_cells=2_000)) == 100


def test_blocks_of_cells_and_backed_files_give_the_same_numbers(adata, tmp_path, monkeypatch):
    from scinno.report._content import expression

    drawn, selected = np.array([3, 64, 65, 149]), np.arange(200) < 50
    whole = read_expression(adata, None, drawn, selected)
    adata.write_h5ad(tmp_path / "x.h5ad")
    monkeypatch.setattr(expression, "BLOCK", 64)
    backed = ad.read_h5ad(tmp_path / "x.h5ad", backed="r")
    blocks = read_expression(backed, None, drawn, selected)
    backed.file.close()
    pd.testing.assert_frame_equal(blocks.cells, whole.cells)
    assert (blocks.log != whole.log).nnz == 0
    assert (blocks.drawn != adata.X[drawn]).nnz == 0
    assert whole.cells["n_counts"].tolist() == adata.X.sum(1).A1.tolist()
    assert whole.cells["n_selected"].tolist() == adata.X[:, :50].getnnz(1).tolist()


def test_genes_go_into_the_page_until_it_is_full():
    rng = np.random.default_rng(0)
    log = sp.random(100, 30, 0.5, random_state=0, format="csr", dtype=np.float32)
    log = log.multiply(rng.uniform(1, 5, 30)).tocsr()
    selected = np.arange(30) < 20
    all_of_them = page_genes(log, [25, 3], selected)
    assert all_of_them[:2].tolist() == [25, 3]
    assert sorted(all_of_them) == sorted({25, *range(20)})
    variance = np.asarray(log.todense()).var(0)
    assert (np.diff(variance[all_of_them[2:]]) <= 1e-6).all()
    few = page_genes(log, [25, 3], selected, max_values=250)
    assert log[:, few].nnz <= 250
    assert few.tolist() == all_of_them[: len(few)].tolist()


def test_means_and_shares_by_cluster(adata):
    codes = np.where(np.arange(150) < 10, -1, adata.obs["scinno"].astype(int))
    mean, share = mean_and_fraction(adata.X, codes, 3, np.array([5, 40]))
    dense = adata.X.toarray()
    for j in range(3):
        np.testing.assert_allclose(mean[j], dense[codes == j][:, [5, 40]].mean(0))
        np.testing.assert_allclose(share[j], (dense[codes == j][:, [5, 40]] > 0).mean(0))


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
