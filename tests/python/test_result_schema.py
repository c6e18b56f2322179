"""Results in an AnnData that are damaged, or of another program, are named before they are used."""

import numpy as np
import pandas as pd
import pytest

from scinno._anndata.schema import about_problem, results_problem

HISTORY = pd.DataFrame({"epoch": [1, 2], "n_epochs": [2, 2], "phase": ["pretrain", "joint"],
                        "loss": [1.0, np.nan]})  # fmt: skip
EVIDENCE = pd.DataFrame({"n_clusters": [2, 3], "votes": [0, 4], "chosen": [False, True]})
MAPS = {"cells": np.arange(4), "X_tsne": np.zeros((4, 2)), "X_umap": np.zeros((4, 2))}
SOUND = {
    "params": {"n_genes": np.int64(5), "noise": "swap", "attention": np.bool_(True)},
    "seed": np.int64(0),
    "n_clusters": 3,
    "input": "counts",
    "target_sum": np.float64(100.0),
    "genes": np.array(["a", "b"], dtype=object),
    "warnings": np.array([], dtype=str),
    "versions": {"scinno": "1.0"},
    "layer": "counts",
    "history": HISTORY,
    "k_evidence": EVIDENCE,
    "drawn": MAPS,
    "of another tool": object(),
}


def test_sound_results_pass():
    assert about_problem(SOUND) == ""
    assert about_problem({}) == ""
    shares = np.eye(3, dtype=np.float16)
    assert results_problem(shares, np.zeros((3, 5))) == ""


WRONG = {
    "params": [5, {"a": {"b": 1}}, {"n_genes": np.nan}, {"n_genes": np.zeros(2)}],
    "seed": [-1, "x", 1.5, np.arange(2), None],
    "n_clusters": ["3", -3],
    "input": ["x", 1, np.array(["counts"])],
    "target_sum": [np.inf, -1.0, "x"],
    "genes": [np.arange(3), np.array([["a"]]), 4],
    "versions": ["x", {"scinno": 1}],
    "layer": [1, np.zeros(2)],
    "history": ["x", {}, HISTORY.assign(loss="x"), HISTORY.assign(n_epochs=np.nan)],
    "k_evidence": [
        1,
        EVIDENCE.assign(votes=0),
        EVIDENCE.assign(votes=[1, np.nan]),
        EVIDENCE.assign(n_clusters=[2.0, np.inf]),
        EVIDENCE.assign(chosen=pd.Categorical(["a", "b"])),
    ],
    "drawn": [{}, MAPS | {"X_umap": np.zeros((3, 2))}, MAPS | {"X_tsne": np.full((4, 2), np.nan)}],
}
CASES = [(name, value) for name, values in WRONG.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CASES, ids=[name for name, _ in CASES])
def test_a_wrong_part_is_named(name, value):
    assert about_problem(SOUND | {name: value}) == f"its part '{name}' is not what scinno writes"


ARRAYS = {
    "NaN": (np.array([[np.nan, 1.0]]), np.zeros((1, 2)), "memberships hold NaN"),
    "infinite": (np.ones((1, 1)), np.array([[np.inf]]), "embedding hold NaN or infinity"),
    "one side": (np.ones(3), np.zeros((3, 2)), "memberships are float64 (3,)"),
    "no column": (np.ones((3, 0)), np.zeros((3, 2)), "memberships are float64 (3, 0)"),
    "text": (np.ones((1, 1)), np.array([["x"]]), "embedding are <U1"),
    "above 1": (np.array([[7.0, 0.0]]), np.zeros((1, 2)), "not from 0 to 1"),
    "below 0": (np.array([[1.5, -0.5]]), np.zeros((1, 2)), "not from 0 to 1"),
}


@pytest.mark.parametrize(("memberships", "embedding", "message"), ARRAYS.values(), ids=ARRAYS)
def test_wrong_arrays_are_named(memberships, embedding, message):
    assert message in results_problem(memberships, embedding)
