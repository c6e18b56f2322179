"""Centers of batches from what batches share."""

import numpy as np

from scinno._batch.shift import additive_centers, cluster_profiles, nearest_profile


def sums_of(x, labels, codes, k, n):
    sums, counts = np.zeros((k, n, x.shape[1])), np.zeros((k, n), dtype=np.int64)
    for value, label, code in zip(x, labels, codes, strict=True):
        sums[label, code] += value
        counts[label, code] += 1
    return sums, counts


def test_proportions_do_not_leak_into_the_centers():
    rng = np.random.default_rng(0)
    profiles, offsets = rng.normal(size=(3, 7)) * 5, rng.normal(size=(2, 7))
    codes = np.repeat([0, 1], 300)
    labels = np.concatenate([rng.choice(3, 300, p=p) for p in ([0.8, 0.1, 0.1], [0.1, 0.1, 0.8])])
    x = profiles[labels] + offsets[codes] + rng.normal(size=(600, 7)) * 0.1
    means = np.stack([x[codes == code].mean(0) for code in (0, 1)])
    found, of_cluster = additive_centers(*sums_of(x, labels, codes, 3, 2), means)
    apart = found[0] - found[1]
    np.testing.assert_allclose(apart, offsets[0] - offsets[1], atol=0.1)
    assert np.abs(means[0] - means[1] - offsets[0] + offsets[1]).max() > 1
    np.testing.assert_allclose(np.average(found, 0, [300, 300]), means.mean(0))
    residuals = x - found[codes] - of_cluster[labels]
    assert residuals.std() < 0.11


def test_it_is_the_least_squares_solution():
    rng = np.random.default_rng(1)
    labels, codes = rng.integers(4, size=200), rng.integers(3, size=200)
    x = rng.normal(size=(200, 5))
    means = np.stack([x[codes == code].mean(0) for code in range(3)])
    centers, profiles = additive_centers(*sums_of(x, labels, codes, 4, 3), means)
    design = np.concatenate([np.eye(4)[labels], np.eye(3)[codes]], axis=1)
    fitted = design @ np.linalg.lstsq(design, x, rcond=None)[0]
    np.testing.assert_allclose(centers[codes] + profiles[labels], fitted, atol=1e-6)


def test_batches_that_share_no_cluster_keep_their_distance():
    labels = codes = np.repeat([0, 1], 10)
    x = np.random.default_rng(2).normal(size=(20, 3)) + codes[:, None] * 9
    means = np.stack([x[:10].mean(0), x[10:].mean(0)])
    centers, _ = additive_centers(*sums_of(x, labels, codes, 2, 2), means)
    np.testing.assert_allclose(centers, means)


def test_an_empty_cluster_has_profile_zero():
    sums, counts = np.ones((2, 1, 3)), np.array([[1], [0]])
    sums[1] = 0
    assert cluster_profiles(sums, counts, np.zeros((1, 3))).tolist() == [[1, 1, 1], [0, 0, 0]]


def test_the_nearest_profile_is_that_of_the_same_direction():
    profiles = np.array([[2.0, 0], [0, 5]])
    cells = np.array([[9.0, 1], [0.1, 7], [0.3, 0.2]])
    assert nearest_profile(cells, profiles, 1.0).tolist() == [0, 1, 0]
