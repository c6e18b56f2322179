"""How stable partitions are under subsampling, and how far apart their clusters lie."""

import numpy as np
from conftest import blobs

from scinno._clusters.stability import silhouettes, stability


def test_a_cloud_has_no_stable_clusters():
    x = np.random.default_rng(0).normal(size=(400, 5)).astype(np.float32)
    assert max(stability(x, [4, 6, 8], np.random.default_rng(0)).values()) < 0.7


def test_what_cannot_be_judged_is_nan_not_an_error():
    x, labels = blobs([10, 10])
    assert np.isnan(stability(x, [2, 9], np.random.default_rng(0))[9])
    whole = silhouettes(x, {2: labels, 1: np.zeros(20, int), 20: np.arange(20)})
    assert np.isnan([whole[1], whole[20]]).all()
    assert whole[2] > 0.5
