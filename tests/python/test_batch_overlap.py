"""Whether batches have anything in common."""

import numpy as np
import pytest
from conftest import blobs

from scinno._batch.overlap import excess, unrelated_batches


def centered(x: np.ndarray, codes: np.ndarray) -> np.ndarray:
    means = np.stack([x[codes == code].mean(0) for code in range(codes.max() + 1)])
    return (x - means[codes]).astype(np.float32)


@pytest.fixture
def clouds() -> tuple[np.ndarray, np.ndarray]:
    """Cells of six types and their types."""
    return blobs([80] * 6, gap=4, dims=10)


def test_batches_of_the_same_types_are_related(clouds):
    x, _ = clouds
    codes = np.arange(len(x)) % 3
    assert unrelated_batches(centered(x, codes), codes, 3) == []
    assert excess(centered(x, codes), codes == 0, 0) > 3


def test_a_batch_without_a_common_type_is_found(clouds):
    x, types = clouds
    x = x.copy()
    x[types < 3, :5] *= 0.1  # its types differ by other genes
    x[types >= 3, 5:] *= 0.1
    codes = np.where(types < 3, 2, np.arange(len(x)) % 2)
    assert unrelated_batches(centered(x, codes), codes, 3) == [2]


def test_noise_has_nothing_in_common(clouds):
    x, _ = clouds
    codes = np.arange(len(x)) % 2
    noise = np.random.default_rng(0).normal(size=x.shape) * 4
    mixed = centered(np.where(codes[:, None], noise, x), codes)
    assert excess(mixed, codes == 1, 0) < 1


def test_a_few_cells_are_not_judged(clouds):
    x, types = clouds
    codes = np.where(types < 2, 1, 0)
    keep = (codes == 0) | (np.cumsum(codes) < 20)
    assert unrelated_batches(centered(x[keep], codes[keep]), codes[keep], 2) == []


def test_it_is_the_same_each_time(clouds):
    x, _ = clouds
    own = np.arange(len(x)) % 2 == 0
    assert excess(x, own, 1) == excess(x, own, 1)
