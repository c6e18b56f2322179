"""The estimator keeps scikit-learn's contract."""

import numpy as np
import pandas as pd
import pytest
from conftest import QUICK
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks
from values import MATRICES, counts

import scinno
from scinno import SCINNO

TINY = {"pretrain_epochs": 1, "joint_epochs": 1, "steps_per_epoch": 3, "n_hidden": 8, "n_latent": 4}
FEW = TINY | {"n_genes": 10, "min_cells": 1}


def expected_failures(estimator: SCINNO) -> dict[str, str]:
    one_cluster = "sets n_clusters=1, and clustering needs at least 2"
    negative = "clusters data with negative values, which neither counts nor log counts have"
    classifier = "takes whatever has predict_proba for a classifier and reads its classifier tags"
    return {
        "check_dont_overwrite_parameters": one_cluster,
        "check_methods_subset_invariance": one_cluster,
        "check_fit2d_predict1d": one_cluster,
        "check_clustering": negative,
        "check_estimator_sparse_array": classifier,
        "check_estimator_sparse_matrix": classifier,
    }


@parametrize_with_checks(
    [SCINNO(2, input="log", settings=TINY)], expected_failed_checks=expected_failures
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_sparse_and_dense_input_agree(simulated):
    """What the two sparse checks of scikit-learn would have shown."""
    dense = SCINNO(3, settings=QUICK).fit(simulated[0].toarray())
    np.testing.assert_array_equal(
        dense.predict_proba(simulated[0]), dense.predict_proba(simulated[0].toarray())
    )


def test_it_gives_what_fit_gives(simulated, small_fit):
    model = SCINNO(3, settings=QUICK).fit(simulated[0])
    np.testing.assert_array_equal(model.labels_, small_fit.labels)
    np.testing.assert_array_equal(model.predict(simulated[0]), small_fit.labels)
    np.testing.assert_array_equal(model.predict_proba(simulated[0]), small_fit.memberships)
    np.testing.assert_array_equal(model.transform(simulated[0]), small_fit.embedding)
    np.testing.assert_array_equal(clone(model).fit_predict(simulated[0]), small_fit.labels)


def test_it_ends_a_pipeline(simulated, small_fit):
    pipe = make_pipeline(SCINNO(3, settings=QUICK))
    np.testing.assert_array_equal(pipe.fit_predict(simulated[0].toarray()), small_fit.labels)


def test_negative_values_are_refused(simulated):
    with pytest.raises(ValueError, match="Negative values"):
        SCINNO(3).fit(-simulated[0].toarray())


def test_a_table_on_its_side_is_refused(simulated):
    barcodes = [f"donor_{i:08b}-1".translate(str.maketrans("01", "AC")) for i in range(200)]
    names = [f"ENSG{i:011d}" for i in range(150)]
    table = pd.DataFrame(simulated[0].toarray(), index=names, columns=barcodes)
    with pytest.raises(ValueError, match=r"columns are named like cells .* pass x\.T"):
        SCINNO(3).fit(table)


def test_so_is_one_whose_columns_have_numbers(simulated):
    table = pd.DataFrame(simulated[0].toarray(), index=[f"ENSG{i:011d}" for i in range(150)])
    for function in (SCINNO(3).fit, scinno.fit):
        with pytest.raises(ValueError, match=r"rows are named like genes .*'ENSG0+'\): pass x\.T"):
            function(table)


@pytest.mark.parametrize(
    "what",
    ["texts", "a mixed table", "columns twice", "a column of tuples", "ragged lists",
     "a tensor without values", "quantized", "complex tensor", "a huge number", "a column"],
)  # fmt: skip
def test_what_fit_refuses_is_refused_in_the_same_words(what):
    x = {**MATRICES, "a huge number": 10**400, "a column": pd.Series(["a", "b"])}[what]
    x = x.tolist() if what == "texts" else x  # arrays of texts are scikit-learn's to read
    with pytest.raises((TypeError, ValueError)) as of_fit:
        scinno.fit(x, 2)
    with pytest.raises(of_fit.type) as here:
        SCINNO(2).fit(x)
    assert str(here.value) == str(of_fit.value)


@pytest.mark.parametrize(
    "what",
    ["a sparse tensor", "a CSR tensor", "bfloat16", "a tensor with gradients", "nullable",
     "two levels"],
)  # fmt: skip
def test_what_fit_reads_is_read(what):
    plain, x = SCINNO(2, settings=FEW).fit(counts()), MATRICES[what]
    model = SCINNO(2, settings=FEW).fit(x)
    np.testing.assert_array_equal(model.labels_, plain.labels_)
    np.testing.assert_array_equal(model.predict(x), plain.labels_)


def test_the_names_of_a_table_are_kept_and_compared(simulated):
    table = pd.DataFrame(simulated[0].toarray(), columns=[f"G{j}" for j in range(200)])
    model = SCINNO(3, settings=TINY).fit(table)
    assert model.feature_names_in_.tolist() == table.columns.tolist()
    with pytest.raises(ValueError, match="feature names should match those that were passed"):
        model.predict(table.rename(columns={"G1": "other"}))


@pytest.mark.parametrize("input", [None, pd.NA, np.array([2, 4]), pd.Series(["a", "b"])])
def test_an_input_that_is_no_text_is_refused(simulated, input):
    with pytest.raises(TypeError, match="input must be a text, got "):
        SCINNO(3, input=input).fit(simulated[0])
