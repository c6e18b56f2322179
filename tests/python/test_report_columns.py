"""The report's columns of obs."""

import numpy as np
import pandas as pd
from report_page import Pack

from scinno.report._content.columns import add_columns


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
