"""How far cells are averaged with their neighbors: by the rule, against known answers."""

import numpy as np
import pytest
import scipy.sparse as sp

from scinno._space import smoothing
from scinno._space.smoothing import smoothed, smoothing_table


def ring(n: int) -> sp.csr_matrix:
    """Cells on a circle, each with the next on both sides."""
    left = sp.eye(n, format="csr")[np.roll(np.arange(n), 1)]
    return sp.csr_matrix((left + left.T) * 0.5, dtype=np.float32)


def rounds_of(table) -> int:
    return int(table["rounds"][table["chosen"]].iloc[0])


def values(width: float, own: float, n: int = 1200, seed: int = 0) -> np.ndarray:
    """Waves of a width in cells along the circle, and of each cell its own part."""
    rng = np.random.default_rng(seed)
    steps = np.arange(n) * 2 * np.pi / width
    common = np.column_stack([np.sin(steps), np.cos(steps), np.sin(steps / 2)])
    return (common + own * rng.normal(size=common.shape)).astype(np.float32)


def test_a_round_is_half_the_cell_and_half_its_neighbors():
    x = np.array([[0.0], [4], [0], [0]], dtype=np.float32)
    np.testing.assert_allclose(smoothed(x, ring(4), 1).ravel(), [1, 2, 1, 0])
    assert smoothed(x, ring(4), 0) is x
    twice = smoothed(smoothed(x, ring(4), 1), ring(4), 1)
    np.testing.assert_allclose(smoothed(x, ring(4), 2), twice)


def test_a_cell_without_neighbors_stays_as_it_is():
    graph = sp.csr_matrix(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=np.float32))
    x = np.array([[2.0], [4], [7]], dtype=np.float32)
    np.testing.assert_allclose(smoothed(x, graph, 5).ravel(), [3, 3, 7])


def test_the_error_is_that_to_the_part_that_neighbors_share():
    """Known here: the rule is right up to what a sample of cells allows."""
    n, own = 1200, 0.8
    common, x = values(120, 0.0, n), values(120, own, n)
    table = smoothing_table(x, ring(n), np.random.default_rng(0))
    total = np.square(x - x.mean(0)).sum() / n
    for rounds in (0, 1, 3, 6):
        left = np.square(smoothed(x, ring(n), rounds) - common).sum() / n / total
        assert table["error"][rounds] == pytest.approx(left, abs=0.06)


def test_wide_domains_are_smoothed_more_than_narrow_ones():
    wide = rounds_of(smoothing_table(values(300, 1.0), ring(1200), np.random.default_rng(0)))
    narrow = rounds_of(smoothing_table(values(12, 1.0), ring(1200), np.random.default_rng(0)))
    assert wide > narrow
    assert wide >= 6


def test_cells_without_a_part_of_their_own_are_hardly_smoothed():
    table = smoothing_table(values(12, 0.0), ring(1200), np.random.default_rng(0))
    assert rounds_of(table) <= 1


def test_nothing_is_smoothed_where_neighbors_are_no_more_alike_than_others():
    for seed in range(5):
        x = np.random.default_rng(seed).normal(size=(500, 20)).astype(np.float32)
        table = smoothing_table(x, ring(500), np.random.default_rng(seed))
        if rounds_of(table) == 0:
            assert table["error"].isna().all()
            return
    raise AssertionError("cells at random were smoothed five times of five")


def test_a_sample_of_cells_gives_nearly_the_same_errors(monkeypatch):
    x = values(100, 0.8)
    whole = smoothing_table(x, ring(1200), np.random.default_rng(0))
    monkeypatch.setattr(smoothing, "SAMPLE", 400)
    part = smoothing_table(x, ring(1200), np.random.default_rng(0))
    np.testing.assert_allclose(part["own_weight"], whole["own_weight"], atol=0.01)
    np.testing.assert_allclose(part["error"], whole["error"], atol=0.15)
    assert abs(rounds_of(part) - rounds_of(whole)) <= 3


def test_of_nearly_equal_errors_the_most_rounds_are_taken():
    table = smoothing_table(values(120, 0.8), ring(1200), np.random.default_rng(0))
    chosen, least = rounds_of(table), table["error"].min()
    assert table["error"][chosen] <= least * (1 + smoothing.SLACK)
    assert (table["error"][chosen + 1 :] > least * (1 + smoothing.SLACK)).all()
