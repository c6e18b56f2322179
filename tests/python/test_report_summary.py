"""Numbers and rare clusters in sentences."""

import pandas as pd

from scinno.report._content.summary import percent, rare_clusters


def test_shares_never_round_to_all_or_nothing():
    shown = [percent(share).replace("\u00a0", " ") for share in (0, 1e-5, 0.034, 0.5, 0.99999, 1)]
    assert shown == ["0 %", "under 0.1 %", "3.4 %", "50 %", "over 99.9 %", "100 %"]


def test_rare_clusters_are_named_with_their_markers():
    clusters = pd.DataFrame({
        "name": ["T", "B", "NK", "pDC", "HSC", "gone"],
        "n_cells": [900, 60, 20, 10, 10, 0],
        "fraction": [0.9, 0.06, 0.02, 0.01, 0.01, 0],
        "markers": [["CD3D"], [], ["NKG7"], [], ["CD34"], []],
    })  # fmt: skip
    assert rare_clusters(clusters).replace("\u00a0", " ") == (
        "Rare, with under 3 % of the cells: NK, pDC and HSC. Clear markers, as a rare type has "
        "them: NK and HSC. No clear markers, so perhaps stray cells of other types: pDC."
    )
    assert "No clear markers" not in rare_clusters(clusters.drop(index=3))
