"""The benchmark's scores, ranks and tables against independent computations."""

import itertools
import json
from math import comb, log

import numpy as np
import pytest

from scinno.bench import SCORES, markdown, score
from scinno.bench._tables.tables import critical_difference, frame, per_set, ranks, summaries


def points_of(labels: np.ndarray) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(len(labels), 3)) + 4 * labels[:, None]


@pytest.fixture
def two() -> tuple[np.ndarray, np.ndarray]:
    """Types of sizes 60, 37 and 3, and clusters that agree in part."""
    rng = np.random.default_rng(3)
    truth = np.repeat([0, 1, 2], [59, 39, 2])
    labels = np.where(rng.random(100) < 0.8, truth, rng.integers(0, 4, 100))
    labels[-2:] = [3, 0]
    return truth, labels


def test_scores_agree_with_their_definitions(two):
    truth, labels = two
    found = score(truth, labels, points_of(labels))
    assert list(found) == list(SCORES)
    n = len(truth)
    table = np.array([[np.sum((truth == i) & (labels == j)) for j in range(4)] for i in range(3)])

    pairs = list(itertools.combinations(range(n), 2))
    both = sum(truth[a] == truth[b] and labels[a] == labels[b] for a, b in pairs)
    rows, columns = sum(comb(s, 2) for s in table.sum(1)), sum(comb(s, 2) for s in table.sum(0))
    chance = rows * columns / comb(n, 2)
    assert found["ARI"] == pytest.approx((both - chance) / ((rows + columns) / 2 - chance))

    def entropy(sizes: np.ndarray) -> float:
        return -sum(s / n * log(s / n) for s in sizes if s)

    shared = entropy(table.sum(1)) + entropy(table.sum(0)) - entropy(table.ravel())
    arithmetic = (entropy(table.sum(1)) + entropy(table.sum(0))) / 2
    assert found["NMI"] == pytest.approx(shared / arithmetic)

    rng = np.random.default_rng(0)
    by_chance = []
    for _ in range(2000):  # AMI's expectation, by shuffling
        mixed = rng.permutation(labels)
        cells = np.histogram2d(truth, mixed, [range(4), range(5)])[0]
        by_chance.append(entropy(table.sum(1)) + entropy(table.sum(0)) - entropy(cells.ravel()))
    expected = np.mean(by_chance)
    assert found["AMI"] == pytest.approx((shared - expected) / (arithmetic - expected), abs=0.005)

    agreed = {
        m: sum(table[i, j] for i, j in enumerate(m)) for m in itertools.permutations(range(4), 3)
    }
    best = max(agreed, key=agreed.get)
    assert found["accuracy"] == pytest.approx(agreed[best] / n)
    assert found["purity"] == pytest.approx(sum(table[:, j].max() for j in range(4)) / n)
    # Only the third type has fewer than 3 % of the cells.
    assert found["rare_recall"] == pytest.approx(table[2, best[2]] / 2)


def test_the_silhouette_is_that_of_the_given_points(two):
    _, labels = two
    points = points_of(labels)
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    widths = []
    for i, own in enumerate(labels):
        same = labels == own
        inside = distance[i, same].sum() / (same.sum() - 1) if same.sum() > 1 else 0
        outside = min(distance[i, labels == j].mean() for j in set(labels) - {own})
        widths.append((outside - inside) / max(inside, outside) if same.sum() > 1 else 0)
    assert score(labels, labels, points)["silhouette"] == pytest.approx(np.mean(widths), abs=1e-6)


def test_names_of_clusters_do_not_matter_and_one_cluster_scores_nothing(two):
    truth, labels = two
    points = points_of(labels)
    renamed = np.array(["d", "a", "c", "b"])[labels]
    assert score(truth, renamed, points) == pytest.approx(score(truth, labels, points))
    nothing = score(truth, np.zeros(100), points)
    assert nothing["ARI"] == nothing["AMI"] == 0
    assert nothing["silhouette"] is None
    even = score(np.arange(100) % 2, labels, points)
    assert even["rare_recall"] is None  # no type is rare


def record(name: str, method: str, ari: float | None, seed: int = 0, mode: str = "given") -> dict:
    scores = dict.fromkeys(SCORES, ari)
    done = ari is not None
    return {
        "set": name, "method": method, "k_mode": mode, "seed": seed, "k_true": 4, "cells": 10,
        "status": "done" if done else "failed", "reason": None if done else "it broke",
        "k_found": 5 if done else None, "seconds": 2.0, "peak_memory": 1e9,
        "scores": scores if done else None, "environment": 0,
    }  # fmt: skip


def method(key: str, k: tuple = ("given", "unknown"), missing: str | None = None) -> dict:
    return {"key": key, "name": key.upper(), "group": "simple", "k": list(k), "notes": "n",
            "get": "", "missing": missing, "random": True}  # fmt: skip


def results_of(runs: list[dict], sets: str, methods: list[dict]) -> dict:
    """What a benchmark stores: one letter names a set."""
    return {
        "about": {"made": "2026-01-02T03:04:05", "threads": 1, "machines": 1,
                  "machine": {"processor": "p", "cores": 2, "memory_gb": 8},
                  "versions": {"scinno": "1", "scinno code": "x"}},
        "sets": [{"name": name, "cells": 10, "genes": 5, "zeros": 0.5, "counts_per_cell": None,
                  "genes_per_cell": 3.0, "types": 4, "smallest_type": 2, "largest_type": 3}
                 for name in sets],
        "runs": runs, "environments": [{"versions": {"scinno code": "x"}}], "methods": methods,
    }  # fmt: skip


def test_means_are_over_seeds_then_sets_and_gaps_are_shown_on_the_same_sets():
    runs = [
        record("a", "scinno", 0.5),
        record("a", "scinno", 0.7, seed=1),
        record("b", "scinno", 0.2),
        record("a", "other", 0.9),
        record("b", "other", None),
    ]
    table = frame(runs)
    rows = {row.method: row for row in summaries(
        table, [method("scinno"), method("other"), method("gone", missing="not installed: x")],
        "given")}  # fmt: skip
    assert rows["scinno"].means["ARI"] == pytest.approx((0.6 + 0.2) / 2)
    assert rows["scinno"].spreads["ARI"] == pytest.approx(np.std([0.5, 0.7], ddof=1))
    assert rows["scinno"].means["k_error"] == pytest.approx(0.25)
    assert (rows["other"].sets, rows["other"].failed) == (1, 1)
    assert rows["other"].first_ari == pytest.approx(0.6)  # scinno on set a alone
    assert rows["gone"].missing == "not installed: x"
    assert per_set(table, "given", "ARI").loc["b", "scinno"] == 0.2


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ("ab", "the first row has ARI 0.400 on these 2 set(s)"),
        ("a", "the first row has ARI 0.600 on these 1 set(s)"),
        ("abc", "2 of these sets are also the first row's: 0.900, the first row 0.400"),
        ("cd", "0 of these sets are also the first row's"),
    ],
)
def test_a_method_is_compared_with_the_first_on_sets_that_both_have_done(sets, words):
    runs = [record("a", "scinno", 0.6), record("b", "scinno", 0.2)]
    runs += [record(name, "other", 0.9) for name in sets]
    text = markdown(results_of(runs, "abcd", [method("scinno"), method("other")]))
    row = next(line for line in text.splitlines() if line.startswith("| OTHER |"))
    assert row.split("|")[-2].strip() == words
    assert "nan" not in text


def test_ranks_are_averaged_over_ties_and_over_sets_that_all_have_done():
    runs = [record(s, m, v) for s, row in {
        "a": {"x": 0.9, "y": 0.9, "z": 0.1}, "b": {"x": 0.5, "y": 0.6, "z": 0.7},
        "c": {"x": 0.8, "y": 0.3, "z": 0.2, "scinno-no-noise": 0.9, "part": 0.4},
    }.items() for m, v in row.items()]  # fmt: skip
    found = ranks(frame(runs), "given")
    got = dict(zip(found.methods, found.ranks, strict=True))
    assert got == {"x": (1.5 + 3 + 1) / 3, "y": (1.5 + 2 + 2) / 3, "z": (3 + 1 + 3) / 3}
    assert found.methods[-1] == "z"
    assert found.dropped == ["part"]
    assert found.sets == 3


def test_the_critical_difference_is_demsars():
    # Demšar 2006, section 3.2.2: four classifiers on fourteen data sets; table 5 for ten.
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)
    assert critical_difference(10, 30) == pytest.approx(3.164 * np.sqrt(10 * 11 / 180), abs=0.002)


def test_markdown_says_what_is_missing_and_where_scinno_loses():
    runs = [record(s, m, v, mode=mode) for mode in ("given", "unknown") for s, m, v in (
        ("a", "scinno", 0.5), ("a", "other", 0.9), ("b", "scinno", 0.8), ("b", "other", 0.1),
        ("b", "broken", None))]  # fmt: skip
    methods = [method("scinno"), method("other"), method("broken"),
               method("gone", missing="not installed (no module gone): pip install gone"),
               ]  # fmt: skip
    results = results_of(runs, "ab", methods)
    text = markdown(json.loads(json.dumps(results)))
    assert "above it in ARI on 1 set(s): a (0.50, OTHER 0.90)" in text
    assert "| a | 10 | 4 | 0.50 | **0.90** |" in text
    assert "Not installed (no module gone): pip install gone" in text
    assert "it broke" in text
    assert "0.650" in text
