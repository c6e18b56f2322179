"""Scores of clusters by held-out values, against plain loops in float64."""

import numpy as np
import pytest
from conftest import blobs

from scinno._tune.score import explained_share, score_of, stability


@pytest.fixture(scope="module")
def cells() -> tuple[np.ndarray, np.ndarray]:
    values, labels = blobs([30, 20, 10], gap=5.0)
    return values - values.mean(axis=0), labels


def by_loops(values: np.ndarray, labels: np.ndarray) -> float:
    values, rest = values.astype(np.float64), 0.0
    for i, own in enumerate(values):
        others = (labels == labels[i]) & (np.arange(len(labels)) != i)
        prediction = values[others].sum(axis=0) / (others.sum() + 1)
        rest += np.square(own - prediction).sum()
    return 1 - rest / np.square(values).sum()


def test_it_is_the_share_that_other_cells_of_the_cluster_explain(cells):
    values, labels = cells
    assert explained_share(values, labels) == pytest.approx(by_loops(values, labels), abs=1e-5)
    odd = labels.copy()
    odd[:2] = 3, 5  # a cluster of one cell, and a number that no cell has
    assert explained_share(values, odd) == pytest.approx(by_loops(values, odd), abs=1e-5)


def test_better_clusters_explain_more_and_single_cells_nothing(cells):
    values, labels = cells
    merged, shuffled = np.minimum(labels, 1), np.random.default_rng(0).permutation(labels)
    shares = [explained_share(values, found) for found in (labels, merged, shuffled)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.8
    assert shares[2] < 0.05
    assert explained_share(values, np.arange(len(values))) == pytest.approx(0, abs=1e-6)


def test_what_is_not_found_again_does_not_count(cells):
    labels = cells[1]
    assert stability(labels, 2 - labels) == 1
    assert score_of(0.4, 1.0) == pytest.approx(0.4)
    assert score_of(0.4, 0.5) == pytest.approx(0.2)
    assert score_of(0.4, -0.1) == 0
