"""The estimator keeps scikit-learn's contract."""

import numpy as np
import pandas as pd
import pytest
from conftest import QUICK
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from scinno import SCINNO

TINY = {"pretrain_epochs": 1, "joint_epochs": 1, "steps_per_epoch": 3, "n_hidden": 8, "n_latent": 4}


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
