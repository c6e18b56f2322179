"""The rule for K: the votes that decide, ranges, and the runner-up."""

import numpy as np
import pandas as pd
import pytest
from conftest import blobs

from scinno._clusters.n_clusters import _runner_up, decide, estimate_n_clusters

COLUMNS = [
    "n_clusters", "votes", "mean_purity", "min_purity", "stability", "silhouette", "in_range",
    "chosen", "runner_up",
]  # fmt: skip


def test_the_true_number_is_stable_and_apart_and_chosen():
    x, _ = blobs([60] * 4)
    choice = estimate_n_clusters(x, x, np.random.default_rng(0))
    table = choice.table.set_index("n_clusters")
    assert choice.table.columns.tolist() == COLUMNS
    assert choice.n_clusters == choice.lower == choice.upper == 4
    assert table["stability"].idxmax() <= 4
    assert table.loc[4, "stability"] == 1
    assert table.loc[12, "stability"] < 0.95
    assert table["silhouette"].idxmax() == 4
    assert table.index[table["chosen"]].tolist() == [4]
    assert table.index[table["runner_up"]].tolist() == [choice.runner_up]
    assert choice.runner_up in (3, 5)
    assert choice.warnings == ()


def test_a_range_that_holds_the_free_choice_changes_nothing():
    x, _ = blobs([60, 50, 40, 30], gap=3.0)
    free = estimate_n_clusters(x, x, np.random.default_rng(0))
    inside = estimate_n_clusters(
        x, x, np.random.default_rng(0), (free.n_clusters - 1, free.n_clusters + 9)
    )
    assert inside.n_clusters == free.n_clusters
    in_range = inside.table["in_range"].to_numpy()
    assert inside.table["n_clusters"][in_range].tolist() == list(
        range(free.n_clusters - 1, free.n_clusters + 10)
    )
    assert free.table["in_range"].all()
    shares = COLUMNS[1:5]
    pd.testing.assert_frame_equal(free.table[shares], inside.table[shares])


@pytest.mark.parametrize(("within", "k"), [((2, 3), 3), ((6, 9), 6), ((5, 5), 5), ((2, 40), 4)])
def test_a_range_moves_k_to_its_nearer_end(within, k):
    x, _ = blobs([60] * 4)
    choice = estimate_n_clusters(x, x, np.random.default_rng(0), within)
    assert choice.n_clusters == k
    assert choice.table["n_clusters"].max() == max(24, within[1])
    if within[0] == within[1]:
        assert choice.runner_up is None
        assert not choice.table["runner_up"].any()
    else:
        assert within[0] <= choice.runner_up <= within[1]
        assert choice.runner_up != k


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ({4: 12}, (4, 4, 4)),
        ({3: 2, 5: 6, 9: 4}, (5, 9, 5)),
        ({2: 6, 8: 6}, (2, 8, 5)),  # an even vote: the mean of both middle numbers
        ({6: 6, 7: 6}, (6, 7, 6)),  # a half is rounded to the even number
        ({2: 1, 3: 1, 4: 1, 9: 1}, (2, 9, 4)),
    ],
)
def test_k_is_the_median_vote(votes, expected):
    table = pd.DataFrame({"n_clusters": range(2, 12)})
    table["votes"] = [votes.get(k, 0) for k in table["n_clusters"]]
    assert decide(table) == expected


@pytest.mark.parametrize(
    ("k", "votes", "in_range", "second"),
    [
        (5, {3: 2, 5: 6, 7: 4}, (2, 9), 7),  # most votes beside K, not 2, which is more stable
        (5, {3: 2, 5: 6, 7: 4}, (2, 6), 3),  # 7 may not be chosen
        (5, {5: 12}, (2, 9), 4),  # all votes are for K: the more stable neighbor
        (5, {5: 12}, (5, 9), 6),
        (5, {5: 12}, (5, 5), None),
        (5, {3: 3, 5: 6, 7: 3}, (2, 9), 7),  # equal votes: the more stable
        (9, {9: 12}, (2, 9), 8),
    ],
)
def test_the_runner_up(k, votes, in_range, second):
    stable = {2: 1.0, 3: 0.8, 4: 0.7, 5: 0.9, 6: 0.6, 7: 0.85, 8: np.nan, 9: 0.5}
    table = pd.DataFrame({"n_clusters": list(stable), "stability": list(stable.values())})
    table["votes"] = [votes.get(n, 0) for n in stable]
    table["in_range"] = table["n_clusters"].between(*in_range)
    assert _runner_up(table, k) == second


def test_of_equally_good_runners_up_the_nearer_one_is_taken():
    table = pd.DataFrame({"n_clusters": range(2, 10), "stability": 1.0, "in_range": True})
    table["votes"] = 1
    assert _runner_up(table, 6) == 5
    assert _runner_up(table, 3) == 2


def test_more_communities_than_usual_candidates_are_candidates():
    x, _ = blobs([25] * 34, gap=60.0)
    choice = estimate_n_clusters(x, x, np.random.default_rng(0))
    assert choice.n_clusters == 34
    assert choice.table["n_clusters"].max() == 35
    assert choice.table["votes"].sum() == 12


@pytest.mark.parametrize("k", [2, 3, 5, 8])
def test_separate_blobs_are_counted(k):
    x, _ = blobs([80] * k, seed=k, dims=50)  # as many as there are principal components
    choice = estimate_n_clusters(x, x, np.random.default_rng(0))
    evidence = choice.table
    assert choice.n_clusters == k
    assert evidence.loc[evidence["chosen"], "n_clusters"].tolist() == [k]
    assert evidence["n_clusters"].tolist() == list(range(2, 31 if k >= 4 else 80 * k // 10 + 1))


def test_the_estimate_is_repeatable():
    x, _ = blobs([60, 40, 30])
    first, again = (estimate_n_clusters(x, x, np.random.default_rng(3)).table for _ in range(2))
    assert first.equals(again)
