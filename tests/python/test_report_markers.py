"""The order of markers in the page."""

import pandas as pd
from report_page import Markers

from scinno.report._packed import marker_rows

EVIL = "<script>alert('x')</script>"


def test_clear_markers_come_before_genes_that_every_cell_has():
    numbers = ["log2_fold_change", "fraction_in", "fraction_out", "p_adjusted", "score"]
    rows = [("RPL10", 0.6, 1, 1, 0, 35), ("CD3E", 4.6, 0.77, 0.1, 0, 34),
            ("RPS6", 0.7, 1, 1, 0, 33), ("CD3D", 4.8, 0.78, 0.08, 0, 32)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["gene", *numbers]).assign(cluster="T")
    found = marker_rows(Markers(table, "wilcoxon"))
    assert [row[0] for row in found["T"]] == ["CD3E", "CD3D", "RPL10", "RPS6"]
    assert found["T"][0][1:] == [4.6, 0.77, 0.1, 0, 34]
