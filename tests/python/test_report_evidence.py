"""Why there are so many clusters: the report's text, pictures and table."""

import numpy as np
import pandas as pd

from scinno.report._content.evidence import k_evidence


def table(**more) -> pd.DataFrame:
    return pd.DataFrame({
        "n_clusters": [2, 3, 4, 5], "mean_purity": [0.99, 0.97, 0.9, 0.8],
        "min_purity": [0.9, 0.9, 0.5, 0.1], "votes": [3, 6, 3, 0],
        "chosen": [False, True, False, False],
    } | more)  # fmt: skip


def test_the_rule_is_given_where_it_decided():
    found = k_evidence({"k_evidence": table()}, 3)
    assert "were divided into communities 12 times" in found["why"]
    assert "have 2 to 4 communities, and the median is K = 3." in found["why"]
    # Another number was chosen: by a range that was given.
    assert k_evidence({"k_evidence": table()}, 5)["why"].startswith(
        "K = 5 was chosen from 2 to 5 clusters by the scores below."
    )
    assert k_evidence({}, 3) is None
    assert k_evidence({"k_evidence": table()[:0]}, 3) is None


def test_every_column_of_numbers_is_drawn_whatever_its_name():
    more = {"stability": [0.9, 0.8, np.nan, 0.1], "empty": np.nan, "note": ["", "near", "", ""]}
    found = k_evidence({"k_evidence": table(**more)[::-1]}, 3)
    assert found["n_clusters"] == [2, 3, 4, 5]
    assert [part["name"] for part in found["parts"]] == [
        "Neighbor purity, mean over clusters", "Neighbor purity, minimum over clusters",
        "Votes: partitions into so many communities", "Stability",
    ]  # fmt: skip
    assert found["parts"][2]["values"] == [3, 6, 3, 0]
    assert found["head"][0] == "Clusters"
    assert found["head"][-2:] == ["Empty", "Note"]
    assert found["rows"][1] == {
        "n_clusters": 3, "cells": ["0.97", "0.9", "6", "yes", "0.8", "–", "near"], "is_k": True,
    }  # fmt: skip
    assert found["rows"][2]["cells"][4] == "–"
    bare = table()[["n_clusters", "mean_purity"]]
    assert "was chosen from" in k_evidence({"k_evidence": bare}, 3)["why"]
