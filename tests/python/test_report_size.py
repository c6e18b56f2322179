"""How large the report's page can become."""

import numpy as np
import scipy.sparse as sp
from report_page import MAX_VALUES, plotly_script

from scinno.report._pack import Pack, add_genes


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
