"""The genes of a page."""

import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp
from report_page import clustered

from scinno.report._content.gene_tables import page_genes


@pytest.fixture(scope="module")
def adata(small_fit, simulated, names) -> ad.AnnData:
    return clustered(small_fit, simulated, names)


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
