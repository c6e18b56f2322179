"""The cells that stand for all."""

import numpy as np

from scinno._clusters.subsample import sample_cells


def test_a_sample_keeps_rare_clusters():
    labels = np.repeat([0, 1, 2, -1], [50_000, 9_000, 30, 970])
    drawn = sample_cells(labels, 0, max_cells=2_000)
    assert len(drawn) == 2_000
    assert (np.diff(drawn) > 0).all()
    kept = dict(zip(*np.unique(labels[drawn], return_counts=True), strict=True))
    assert kept[2] == 30
    assert kept[-1] >= 100
    assert 1_400 < kept[0] < 1_700
    np.testing.assert_array_equal(drawn, sample_cells(labels, 0, max_cells=2_000))
    assert len(sample_cells(labels[:100], 0, max_cells=2_000)) == 100
