"""The report's memberships between clusters."""

import numpy as np
from report_page import clustered, results_of

from scinno.report._content.clusters import shared_membership, two_best


def test_memberships_between_clusters(small_fit, simulated, names):
    found = results_of(clustered(small_fit, simulated, names), "scinno")
    shared = shared_membership(found)
    u, labels = found.memberships, found.labels
    np.testing.assert_allclose(shared.means[1], u[labels == 1].mean(0), rtol=1e-5)
    i, j, value = shared.closest_pair()
    both = (shared.means + shared.means.T) / 2
    assert value == max(both[0, 1], both[0, 2], both[1, 2]) == both[i, j]
    best, values = two_best(u)
    np.testing.assert_array_equal(best[:, 0], u.argmax(1))
    np.testing.assert_array_equal(values, -np.sort(-u, axis=1)[:, :2])
