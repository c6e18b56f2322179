"""`cluster(adata)`: results where scverse users look, whatever kind of AnnData it is."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from conftest import QUICK

import scinno


@pytest.fixture
def adata(simulated, names) -> ad.AnnData:
    cells = pd.DataFrame(index=[f"c{i}" for i in range(simulated[0].shape[0])])
    return ad.AnnData(simulated[0].astype(np.float32), obs=cells, var=pd.DataFrame(index=names))


def check(adata, fit, key="scinno"):
    assert adata.obs[key].dtype == "category"
    assert adata.obs[key].cat.categories.tolist() == ["0", "1", "2"]
    assert adata.obs[key].astype(int).tolist() == fit.labels.tolist()
    np.testing.assert_array_equal(adata.obsm[f"X_{key}"], fit.embedding)
    np.testing.assert_array_equal(adata.obsm[f"{key}_memberships"], fit.memberships)
    assert adata.uns[key]["params"]["pretrain_epochs"] == 3
    assert adata.uns[key]["seed"] == 0


def test_results_are_stored_and_equal_those_of_fit(adata, small_fit):
    before = adata.X.copy()
    fit = scinno.cluster(adata, 3, **QUICK)
    check(adata, fit)
    np.testing.assert_array_equal(fit.labels, small_fit.labels)
    assert (before != adata.X).nnz == 0


def test_another_key_and_a_layer(adata, small_fit):
    adata.layers["counts"] = adata.X.copy()
    adata.X = adata.X * 0
    fit = scinno.cluster(adata, 3, layer="counts", key_added="deep", **QUICK)
    check(adata, fit, "deep")
    np.testing.assert_array_equal(fit.labels, small_fit.labels)


def test_a_view_becomes_a_copy_of_its_own(adata):
    view = adata[20:120]
    fit = scinno.cluster(view, 3, **QUICK)
    check(view, fit)
    assert "scinno" not in adata.obs


def test_backed_files_are_read_and_annotated(adata, small_fit, tmp_path):
    adata.write_h5ad(tmp_path / "x.h5ad")
    backed = ad.read_h5ad(tmp_path / "x.h5ad", backed="r")
    fit = scinno.cluster(backed, 3, **QUICK)
    check(backed, fit)
    np.testing.assert_array_equal(fit.labels, small_fit.labels)
    backed.file.close()
    dense = adata.copy()
    dense.X = dense.X.toarray()
    dense.write_h5ad(tmp_path / "dense.h5ad")
    backed = ad.read_h5ad(tmp_path / "dense.h5ad", backed="r")
    np.testing.assert_array_equal(scinno.cluster(backed, 3, **QUICK).labels, small_fit.labels)
    backed.file.close()


def test_the_result_survives_a_file(adata, tmp_path):
    fit = scinno.cluster(adata, 3, **QUICK)
    adata.write_h5ad(tmp_path / "out.h5ad")
    check(ad.read_h5ad(tmp_path / "out.h5ad"), fit)


def test_bad_requests_are_refused(adata, simulated):
    with pytest.raises(TypeError, match="must be an AnnData, got csr_matrix"):
        scinno.cluster(simulated[0], 3)
    with pytest.raises(KeyError, match="layer 'raw' is not in adata.layers, which holds: none"):
        scinno.cluster(adata, 3, layer="raw")
    with pytest.raises(ValueError, match="adata.X is empty"):
        scinno.cluster(ad.AnnData(obs=adata.obs), 3)
    assert "scinno" not in adata.obs
