"""The number of clusters that a caller may request."""

import numpy as np
import pytest

from scinno._clusters.requested_k import check_n_clusters


@pytest.mark.parametrize(
    ("requested", "kind", "message"),
    [
        ((5,), ValueError, r"n_clusters as a range must have two ends, as in \(5, 12\), got 1"),
        ((2, 3, 4), ValueError, "must have two ends"),
        ((12, 5), ValueError, r"must go up, as in \(5, 12\), got \(12, 5\)"),
        ((1, 5), ValueError, r"lower end of the range .*must be from 2 to 25, got 1"),
        ((5, 26), ValueError, r"upper end of the range .*must be from 2 to 25, got 26"),
        ((2.5, 5), TypeError, "lower end .*must be a whole number, got 2.5"),
        ((2, "b"), TypeError, "upper end .*must be a whole number, got 'b'"),
        ((True, 5), TypeError, "must be a whole number, got True"),
        ("5:12", TypeError, "must be a whole number, got '5:12'"),
    ],
)
def test_bad_ranges_are_refused_before_any_work(requested, kind, message):
    with pytest.raises(kind, match=message):
        check_n_clusters(requested, 100)


def test_ranges_as_r_numpy_and_json_give_them():
    for requested in ((2, 9), [2.0, 9.0], np.array([2, 9]), (np.int64(2), 9)):
        assert check_n_clusters(requested, 100) == (2, 9)
    assert check_n_clusters((2, 100), 10_000) == (2, 100)
