"""The report's comparison of clusters with labels."""

import numpy as np
import pandas as pd
import pytest

from scinno.report._content.labels import against_labels


def test_cells_off_the_main_cluster_of_their_label_are_counted():
    found = against_labels(
        pd.Series(["a", "a", "b", None, "b"], name="l"), np.array([0, 0, 0, 1, 1]), ["x", "y"]
    )
    assert found["cells"] == 4
    assert found["off"] == 1
    assert found["pairs"] == [
        {"label": "b", "cluster": "x", "cells": 1, "main": "a", "fraction": 0.5}
    ]
    with pytest.raises(ValueError, match="is it a name of cells"):
        against_labels(pd.Series(np.arange(100).astype(str)), np.zeros(100, int), ["x"])
    with pytest.raises(ValueError, match="holds no labels"):
        against_labels(pd.Series(["", "nan", None], name="l"), np.zeros(3, int), ["x"])
