"""Why there are so many clusters: the report's words, pictures and table."""

import pandas as pd

from scinno.report._evidence import k_evidence


def test_why_k_was_chosen():
    table = pd.DataFrame({
        "n_clusters": [2, 3, 4, 5], "mean_share": [0.99, 0.97, 0.9, 0.8],
        "least_share": [0.9, 0.9, 0.5, 0.1], "good_clusters": [2, 3, 4, 2],
    })  # fmt: skip
    found = k_evidence({"k_evidence": table}, 3)
    assert "K = 3 lies between two counts. With up to 3 clusters" in found["why"]
    assert "at most 4 clusters" in found["why"]
    assert k_evidence({}, 3) is None
