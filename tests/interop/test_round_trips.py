"""AnnData to R and back: nothing is lost or reordered on the way."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp


def small() -> ad.AnnData:
    rng = np.random.default_rng(0)
    counts = sp.random(30, 12, 0.3, "csr", rng=rng, data_rvs=lambda n: rng.integers(1, 9, n))
    kinds = pd.Categorical(
        ["b", "a", None, "10", "9"] * 6, categories=["b", "a", "10", "9", "unused"]
    )
    adata = ad.AnnData(
        counts.astype(np.float64),
        obs=pd.DataFrame(
            {"kind": kinds, "depth": rng.random(30), "batch": ["x", "y"] * 15},
            index=[f"cell{i}" for i in rng.permutation(30)],
        ),
        var=pd.DataFrame({"chromosome": ["1"] * 12}, index=[f"gene-{j}" for j in range(12)]),
    )
    adata.layers["double"] = (adata.X * 2).tocsr()
    adata.obsm["X_pca"] = rng.standard_normal((30, 4))
    return adata


def converter():
    import anndata2ri
    import rpy2.robjects as robjects
    from rpy2.robjects import numpy2ri, pandas2ri

    return (
        robjects.default_converter + numpy2ri.converter + pandas2ri.converter + anndata2ri.converter
    )


def dense(x):
    return x.toarray() if sp.issparse(x) else np.asarray(x)


def assert_same(back: ad.AnnData, sent: ad.AnnData) -> None:
    assert list(back.obs_names) == list(sent.obs_names)
    assert list(back.var_names) == list(sent.var_names)
    np.testing.assert_array_equal(dense(back.X), dense(sent.X))
    kinds, expected = back.obs["kind"], sent.obs["kind"]
    assert kinds.isna().tolist() == expected.isna().tolist()
    assert kinds.dropna().astype(str).tolist() == expected.dropna().astype(str).tolist()
    assert list(kinds.cat.categories) == list(expected.cat.categories)
    np.testing.assert_array_equal(back.obs["depth"], sent.obs["depth"])


def test_anndata_to_sce_and_back(r):
    from rpy2.robjects import globalenv
    from rpy2.robjects.conversion import localconverter

    sent = small()
    with localconverter(converter()):
        globalenv["sce"] = sent
    assert list(r("class(sce)")) == ["SingleCellExperiment"]
    assert list(r("class(assay(sce, 'double'))")) == ["dgCMatrix"]
    with localconverter(converter()):
        back = r("sce")
    assert_same(back, sent)
    assert sp.issparse(back.layers["double"])
    np.testing.assert_array_equal(dense(back.layers["double"]), dense(sent.layers["double"]))
    np.testing.assert_array_equal(back.obsm["X_pca"], sent.obsm["X_pca"])


@pytest.mark.filterwarnings("ignore")
def test_seurat_to_anndata(r):
    from rpy2.robjects import globalenv
    from rpy2.robjects.conversion import localconverter

    sent = small()
    with localconverter(converter()):
        globalenv["sce"] = sent
    r("""
        counts <- as(assay(sce, "X"), "CsparseMatrix")
        seurat <- CreateSeuratObject(counts, meta.data = as.data.frame(colData(sce)))
        seurat[["pca"]] <- CreateDimReducObject(
            structure(reducedDim(sce, "PCA"), dimnames = list(colnames(sce), paste0("PC_", 1:4))),
            key = "PC_", assay = "RNA"
        )
        back <- as.SingleCellExperiment(NormalizeData(seurat, verbose = FALSE))
    """)
    with localconverter(converter()):
        back = r("back")
    assert_same(back, sent)
    np.testing.assert_allclose(dense(back.obsm["X_pca"]), sent.obsm["X_pca"], rtol=0, atol=0)
