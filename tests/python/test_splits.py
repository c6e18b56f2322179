"""Evidence for splits: measured from cells whose groups are known."""

import numpy as np
import pytest
from conftest import blobs
from grown import splits_of

from scinno._tree.splits import FOLD, JUDGED

GENES = np.array([f"g{j}" for j in range(12)])


@pytest.fixture(scope="module")
def table():
    """Two distant clouds of 900 and 300 cells; genes 0 to 7 are high in the larger one."""
    x, labels = blobs([900, 300], seed=3)
    means = np.zeros((2, 12))
    means[0, :8] = FOLD * np.arange(1, 9)
    means[1, 9] = FOLD
    means[1, 10] = FOLD * 0.9  # not twofold
    return splits_of(x, labels, means, GENES)


def test_two_clouds_are_two(table):
    top = table.iloc[0]
    assert (top["node"], top["left"], top["right"]) == ("0+1", "0", "1")
    assert (top["n_left"], top["n_right"]) == (900, 300)
    assert top["support"] == 1
    assert top["stability"] == 1
    assert top["separation"] > 5


def test_a_cloud_in_two_parts_is_one(table):
    parts = table.iloc[1:6]  # the largest parts of either cloud
    assert (parts["support"] < 0.95).all()
    assert parts["stability"].max() < 0.85
    assert parts["separation"].max() < 2


def test_twofold_genes_are_counted_and_the_highest_are_named(table):
    top = table.iloc[0]
    assert top["n_genes"] == 9
    assert top["genes_left"] == "g7, g6, g5, g4, g3"
    assert top["genes_right"] == "g9"
    assert (table["n_genes"].iloc[1:] == 0).all()
    assert (table["genes_left"].iloc[1:] == "").all()


def test_support_is_a_half_by_chance_whatever_the_sizes():
    x = np.random.default_rng(0).normal(size=(1200, 5)).astype(np.float32)
    labels = (np.arange(1200) < 100).astype(int)
    top = splits_of(x, labels, np.zeros((2, 12)), GENES).iloc[0]
    assert abs(top["support"] - 0.5) < 0.06
    assert abs(top["stability"]) < 0.1
    assert len(x) > JUDGED
