"""What a fit says of its batches at the end."""

import numpy as np
import pytest
from conftest import ProcessGroup, prepared

from scinno._result.batch_summary import batch_warnings, cluster_profiles


class Batch:
    """Two batches, as `BatchLabels` names them."""

    names = ("left", "right")


class Info:
    def __init__(self, kept: list[float]) -> None:
        self.kept_neighbors = np.array(kept, dtype=np.float32)


def test_a_batch_that_loses_its_neighbors_is_named():
    found = list(batch_warnings(Batch(), Info([0.19, 0.21])))
    assert len(found) == 1
    assert "batch 'left' keeps 19% of the nearest neighbors" in found[0]
    assert list(batch_warnings(Batch(), Info([0.46, 0.75]))) == []


@pytest.mark.parametrize("block", [4096, 40])
def test_profiles_are_means_of_what_the_network_reads(simulated, monkeypatch, block):
    monkeypatch.setattr("scinno._result.batch_summary.BLOCK", block)
    x, types = simulated
    inputs = prepared(x, batch=list("abb") * 50)
    found = cluster_profiles(inputs, types, 4, ProcessGroup())
    for j in range(3):
        expected = inputs.dense(np.flatnonzero(types == j)).mean(0)
        np.testing.assert_allclose(found[j], expected, atol=1e-5)
    assert not found[3].any()
