"""Names of batches, checked before any work."""

import numpy as np
import pandas as pd
import pytest

from scinno._batch.labels import BatchLabels, check_batch, known_batch

TEN = list("aabbbbbbbb")


def refused(batch, n_cells: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_batch(batch, n_cells)


def test_codes_are_places_in_sorted_names():
    found = check_batch(["b", "a", "b", "c"] * 10, 40)
    assert found.names == ("a", "b", "c")
    assert found.codes[:4].tolist() == [1, 0, 1, 2]
    assert found.sizes.tolist() == [10, 20, 10]
    assert check_batch(None, 10) is None


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([10, 9] * 20, ("9", "10")),
        ([1.0, 2.0] * 20, ("1", "2")),
        ([True, False] * 20, ("False", "True")),
        (pd.Categorical(["x", "y"] * 20, categories=["y", "x", "z"]), ("y", "x")),
    ],
)
def test_names_of_other_kinds_of_values(values, names):
    assert check_batch(values, 40).names == names


def test_the_index_of_a_column_does_not_matter():
    column = pd.Series(["a", "b"] * 20, index=np.arange(40)[::-1])
    assert check_batch(column, 40).codes[:4].tolist() == [0, 1, 0, 1]


def test_a_wrong_length_is_refused():
    refused(TEN, 11, "one value for each of 11 cells, got 10 values")


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_missing_batch_is_refused(missing):
    refused(["a", "b", missing] * 20, 60, r"but 20 have none \(first: cell 2\)")


def test_one_batch_is_refused():
    refused(["a"] * 10, 10, "at least two batches, got 'a' for all 10 cells")


def test_one_batch_per_cell_is_refused():
    refused([f"AAACCTG-{i}" for i in range(50)], 50, "another value for each of 50 cells")


def test_thousands_of_batches_are_refused():
    names = [f"barcode{i}" for i in range(1500)] * 6
    refused(names, 9000, "at most 1000 batches .* got 1500 batches of 6.0 cells")


def test_batches_of_a_few_cells_on_average_are_refused():
    refused([f"pair{i // 2}" for i in range(100)], 100, "got 50 batches of 2.0 cells")


def test_the_name_of_a_column_is_not_a_batch():
    with pytest.raises(TypeError, match="batch_key='donor'"):
        check_batch("donor", 10)


def test_a_handful_of_cells_is_warned_of(caplog):
    check_batch(["a"] * 40 + ["b"] * 5, 45)
    assert "1 of 2 batches have fewer than 20 cells, too few" in caplog.text
    assert "b (5)" in caplog.text


def test_the_batch_of_new_cells():
    assert known_batch("b", ("a", "b"), 3).tolist() == [1, 1, 1]
    assert known_batch(["b", "a"], ("a", "b"), 2).tolist() == [1, 0]
    assert known_batch(None, (), 2) is None


@pytest.mark.parametrize(
    ("batch", "names", "message"),
    [
        (None, ("a", "b"), "must name the batch of the new cells, one of 'a', 'b'"),
        ("c", ("a", "b"), r"'c' is not one of the fit's batches \('a', 'b'\): store its center"),
        (["a", "c"], ("a", "b"), "add_batch"),
        (["a"], ("a", "b"), "one value for each of 2 cells, got 1"),
        ("a", (), "this one was made without"),
    ],
)
def test_an_unknown_batch_of_new_cells_is_refused(batch, names, message):
    with pytest.raises(ValueError, match=message):
        known_batch(batch, names, 2)


def test_a_part_keeps_all_names():
    part = BatchLabels(("a", "b"), np.array([0, 0, 1, 1], dtype=np.int32)).part(0, 2)
    assert part.sizes.tolist() == [2, 0]
