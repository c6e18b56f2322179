"""Scores of the task "batches" on cases whose answer is known."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from scinno.bench._execute._batches.scores import (
    BATCH_SCORES,
    GUARD_SCORES,
    Guard,
    batch_scores,
)

# Three types of 40 cells, half of each from either batch.
TRUTH = np.repeat(["a", "b", "c"], 40)
BATCH = np.tile(["x", "y"], 60)


def test_scores_of_types_and_of_batches():
    by_type = batch_scores(TRUTH, BATCH, np.repeat([0, 1, 2], 40), None)
    assert list(by_type) == [*BATCH_SCORES, *GUARD_SCORES]
    assert by_type["ARI"] == by_type["NMI"] == 1
    assert by_type["ARI_batch"] == pytest.approx(0, abs=0.02)
    by_batch = batch_scores(TRUTH, BATCH, np.tile([0, 1], 60), None)
    assert by_batch["ARI_batch"] == 1
    assert by_batch["ARI"] == pytest.approx(0, abs=0.02)
    mixed = np.random.default_rng(0).integers(0, 3, 120)
    some = batch_scores(TRUTH, BATCH, mixed, None)
    assert some["ARI"] == pytest.approx(adjusted_rand_score(TRUTH, mixed))
    assert some["NMI"] == pytest.approx(normalized_mutual_info_score(TRUTH, mixed))
    # Without an embedding, or a type to remove, there is nothing to score.
    for name in ("iLISI", "cLISI", "graph_connectivity", *GUARD_SCORES):
        assert by_type[name] is None, name


def test_the_guard_looks_at_the_cells_that_stay_and_at_the_type():
    kept = ~((TRUTH == "a") & (BATCH == "x"))
    guard = Guard("a", "x", kept)
    labels = np.repeat([0, 1, 2], 40)
    labels[~kept] = 1  # cells that the case does not have do not count
    found = batch_scores(TRUTH, BATCH, labels, guard)
    assert found["ARI"] < 1
    assert found["ARI_kept"] == found["type_kept"] == 1
    # 20 cells of a that are with 40 of b: 20 of 60.
    merged = np.where(TRUTH == "c", 2, 1)
    assert batch_scores(TRUTH, BATCH, merged, guard)["type_kept"] == pytest.approx(20 / 60)
    # Divided into halves: 10 of 20.
    halves = np.where(TRUTH == "a", np.arange(120) // 2 % 2, 2)
    assert batch_scores(TRUTH, BATCH, halves, guard)["type_kept"] == pytest.approx(0.5)
