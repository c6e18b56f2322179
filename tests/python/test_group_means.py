"""Expression of genes in groups of cells."""

import anndata as ad
import numpy as np
import pytest
from report_page import clustered

from scinno._anndata.group_means import group_expression, mean_and_fraction


@pytest.fixture(scope="module")
def adata(small_fit, simulated, names) -> ad.AnnData:
    return clustered(small_fit, simulated, names)


def test_means_and_shares_by_cluster(adata):
    codes = np.where(np.arange(150) < 10, -1, adata.obs["scinno"].astype(int))
    mean, share = mean_and_fraction(adata.X, codes, 3, np.array([5, 40]))
    dense = adata.X.toarray()
    for j in range(3):
        np.testing.assert_allclose(mean[j], dense[codes == j][:, [5, 40]].mean(0))
        np.testing.assert_allclose(share[j], (dense[codes == j][:, [5, 40]] > 0).mean(0))


def test_counts_are_normalized_in_a_copy_and_a_layer_can_be_named(adata):
    codes = adata.obs["scinno"].astype(int).to_numpy()
    before = adata.X.copy()
    mean, fraction = group_expression(adata, codes, 3, ["G40", "G5"])
    dense = adata.X.toarray()
    log = np.log1p(dense / dense.sum(1, keepdims=True) * 1e4)
    for j in range(3):
        np.testing.assert_allclose(mean[j], log[codes == j][:, [40, 5]].mean(0), rtol=1e-4)
        np.testing.assert_allclose(fraction[j], (dense[codes == j][:, [40, 5]] > 0).mean(0))
    assert (before != adata.X).nnz == 0
    other = adata.copy()
    other.layers["twice"], other.X = adata.X * 2, adata.X[:, ::-1].tocsr()
    again, _ = group_expression(other, codes, 3, ["G40", "G5"], layer="twice")
    np.testing.assert_allclose(again, mean, rtol=1e-4)
    with pytest.raises(KeyError, match="gene 'CD3D' is not in adata.var_names"):
        group_expression(adata, codes, 3, ["G5", "CD3D"])
