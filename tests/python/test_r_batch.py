"""Batches as R sends them: the same fit as Python's, and errors in R's words."""

import json

import numpy as np
import pandas as pd
import pytest
from conftest import QUICK

import scinno
from scinno._r import call

DONOR = ["d10", "d2", "d1"] * 50
CHIP = [1.0, 2.0] * 75


def ask(what: str, request: dict, **arrays) -> tuple[dict, dict]:
    answer = call.call(what, json.dumps(request), arrays)
    return json.loads(answer["reply"]), answer["arrays"]


def request_of(names, **options) -> dict:
    chosen = {"n_clusters": 3.0, "seed": 0} | QUICK | options
    return {"options": chosen, "genes": names.tolist(), "cells": None, "known": ["batch"]}


def columns(*values) -> list[dict]:
    return [{"values": list(column)} for column in values]


@pytest.fixture(scope="module")
def counts(simulated):
    """Genes × cells by columns, as R has it."""
    return simulated[0].T.tocsc().astype(np.float64)


@pytest.fixture(scope="module")
def fitted(names, counts):
    return ask("fit", request_of(names, batch=columns(DONOR)), counts=counts)


def test_r_gets_the_fit_that_python_makes(fitted, simulated, names):
    fit = scinno.fit(simulated[0], 3, genes=names, batch=DONOR, **QUICK)
    reply, arrays = fitted
    np.testing.assert_array_equal(arrays["embedding"], fit.embedding)
    assert reply["batches"]["table"]["batch"] == ["d1", "d10", "d2"] == list(fit.batches.index)
    assert reply["batches"]["mix"]["d10"] == pytest.approx(fit.batch_mix["d10"])
    assert list(reply["batches"]["mix"]) == list(fit.batch_mix)


def test_factors_keep_their_levels_and_columns_are_combined(simulated, names, counts):
    factor = {"codes": [0, 1, 2] * 50, "levels": ["d10", "d2", "d1", "unused"]}
    both = [factor, *columns(CHIP)]
    reply, arrays = ask("fit", request_of(names, batch=both), counts=counts)
    table = pd.DataFrame({
        "donor": pd.Categorical(DONOR, ["d10", "d2", "d1"]), "chip": [1, 2] * 75,
    })  # fmt: skip
    fit = scinno.fit(simulated[0], 3, genes=names, batch=table, **QUICK)
    np.testing.assert_array_equal(arrays["embedding"], fit.embedding)
    assert reply["batches"]["table"]["batch"] == list(fit.batches.index)
    assert reply["batches"]["table"]["batch"][:3] == ["d10 / 1", "d10 / 2", "d2 / 1"]


def test_new_cells_and_new_batches(fitted, names, counts):
    genes = names.tolist()

    def place(batch, model=fitted[1]["model"]) -> tuple[dict, dict]:
        request = {"genes": genes, "options": {"batch": batch}}
        return ask("predict", request, model=model, counts=counts)

    labels = fitted[1]["labels"]
    np.testing.assert_array_equal(place(columns(DONOR))[1]["labels"], labels)
    assert "fit <- addBatchSCINNO(fit, newdata, 'new')" in place("new")[0]["error"]
    assert "addBatchSCINNO(fit, newdata, 'd3')" in place(columns(["d3"] * 150))[0]["error"]
    assert "stored by addBatchSCINNO(fit, newdata, name)" in place(None)[0]["error"]
    request = {"name": "new", "genes": genes, "options": {}}
    reply, more = ask("add_batch", request, model=fitted[1]["model"], counts=counts)
    assert reply["batches"]["table"]["added"] == [False, False, False, True]
    assert reply["batches"]["table"]["kept_neighbors"][3] is None  # JSON has no NaN
    np.testing.assert_array_equal(more["labels"], labels)
    np.testing.assert_array_equal(place(columns(DONOR), more["model"])[1]["labels"], labels)
    assert "labels" in place("new", more["model"])[1]


def test_a_fit_without_batches_has_none_and_takes_none(names, counts):
    reply, arrays = ask("fit", request_of(names), counts=counts)
    assert reply["batches"] is None
    request = {"genes": names.tolist(), "options": {"batch": "d1"}}
    refused, _ = ask("predict", request, model=arrays["model"], counts=counts)
    assert refused["error"].endswith("this one was made without")


def test_errors_are_in_the_words_of_r():
    text = "leave batch out, or insist with batch_force=True (--batch-force), x=None"
    assert call.in_words_of_r(text) == (
        "leave batch out, or insist with batch_force = TRUE, x = NULL"
    )  # fmt: skip
    assert call.in_words_of_r("got True (at 3)") == "got True (at 3)"


def test_errors_name_what_r_calls_so_and_count_as_r_does():
    text = "x must hold whole counts, got 1.5 at cell 0, gene 2 (g): pass input='log'"
    assert call.in_words_of_r(text) == (
        'object must hold whole counts, got 1.5 at gene 3, cell 1: pass input = "log"'
    )
    named = call.in_words_of_r(text, "predict", ["a", "b", "g"], ["c1"])
    assert named.startswith("newdata must hold whole counts, got 1.5 at gene 'g', cell 'c1'")
    assert call.in_words_of_r("n_clusters=500 is more") == "n_clusters = 500 is more"
    assert call.in_words_of_r("the given bytes is not", "load") == "the file is not"
    assert call.in_words_of_r("genes must include 5", "predict") == "rows of newdata must include 5"


def test_types_and_values_have_the_names_of_r():
    assert call.in_words_of_r("scale must be bool, got None") == (
        "scale must be TRUE or FALSE, got NULL"
    )
    assert call.in_words_of_r("target_sum must be float | None, got 'q'") == (
        "target_sum must be a number or NULL, got 'q'"
    )
    assert call.in_words_of_r("a range must go up, as in (5, 12), got (12, 5)") == (
        "a range must go up, as in c(5, 12), got c(12, 5)"
    )
    assert call.in_words_of_r("a pair or None, got 'a'") == "a pair or NULL, got 'a'"
