"""Expression read in blocks."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from report_page import clustered

from scinno.report._content.expression import read_expression


@pytest.fixture(scope="module")
def adata(small_fit, simulated, names) -> ad.AnnData:
    return clustered(small_fit, simulated, names)


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
