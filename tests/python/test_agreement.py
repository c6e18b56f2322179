"""Scores against known labels: cells without one take no part, whatever stands there."""

import numpy as np
import pandas as pd
import pytest

from scinno._clusters.agreement import agreement, has_label

MISSING = [None, np.nan, pd.NA, "", " ", "nan", "NaN", "NA", "<NA>"]


@pytest.mark.parametrize("missing", MISSING, ids=repr)
def test_missing_labels_and_their_texts_take_no_part(missing):
    truth = np.array(["a"] * 4 + ["b"] * 4 + [missing] * 4, dtype=object)
    labels = np.array([0] * 4 + [1] * 4 + [0, 1, 2, 3])
    assert has_label(truth).tolist() == [True] * 8 + [False] * 4
    assert agreement(truth, labels) == {"ARI": 1.0, "NMI": 1.0}


@pytest.mark.parametrize("kind", ["category", "string", "object"])
def test_columns_of_all_kinds_are_understood(kind):
    assert has_label(pd.Series(["a", None, "0"], dtype=kind)).tolist() == [True, False, True]
    assert has_label(pd.Series([0, 1, 2])).all()
