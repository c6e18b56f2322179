"""Which type is removed from which batch: by a rule that sees types and batches only."""

import numpy as np
import pytest

from scinno.bench._execute._batches.cases import removed


def cells(table: dict[tuple[str, str], int]) -> tuple[np.ndarray, np.ndarray]:
    """Types and batches of cells, by how many of each there are."""
    pairs = [pair for pair, n in table.items() for _ in range(n)]
    return np.array([t for t, _ in pairs]), np.array([b for _, b in pairs])


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        # The largest of all.
        ({("a", "x"): 30, ("a", "y"): 20, ("b", "x"): 40, ("b", "y"): 35}, ("b", "x")),
        # It must be in another batch …
        ({("a", "x"): 30, ("a", "y"): 20, ("b", "x"): 40, ("b", "y"): 9}, ("a", "x")),
        # … and the batch must hold something else.
        ({("a", "x"): 50, ("a", "y"): 20, ("b", "x"): 9, ("b", "y"): 35}, ("a", "y")),
        # Equal numbers: the first by name.
        ({("b", "y"): 30, ("b", "x"): 30, ("a", "y"): 30, ("a", "x"): 30}, ("a", "x")),
        ({("a", "x"): 30, ("b", "y"): 30}, None),
        ({("a", "x"): 9, ("a", "y"): 9, ("b", "x"): 9, ("b", "y"): 9}, None),
    ],
)
def test_the_removed_type_is_the_largest_that_leaves_something(table, expected):
    truth, batch = cells(table)
    order = np.random.default_rng(0).permutation(len(truth))
    found = removed(truth[order], batch[order])
    if expected is None:
        assert found is None
        return
    assert (found.type, found.batch) == expected
    gone = (truth[order] == expected[0]) & (batch[order] == expected[1])
    np.testing.assert_array_equal(found.kept, ~gone)
