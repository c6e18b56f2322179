"""CSV from which names are read back, and what a spreadsheet would make of them."""

import io

import pandas as pd
import pytest

from scinno._runtime._texts.csv_text import csv_text, without_formula


@pytest.mark.parametrize(
    "text", ["=1+1", "+x", "-x", "@x", "\tx", "\rx", "\nx", "-1+cmd|' /C calc'!A0", "＝1", "-1e"]
)
def test_formulas_are_recognized(text):
    assert without_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "x=1", "-1.5", "+3", "-.5e-3", "-2.", "a-b", "'=x", " =1"])
def test_numbers_and_other_texts_stay(text):
    assert without_formula(text) == text


@pytest.mark.parametrize("name", ["a\rb", "a\r\nb", "a\nb", 'a"b', "a,b", "\ra", "=1", " a "])
def test_every_name_is_read_back(name):
    table = pd.DataFrame({name: [1.5, -2.0], "text": [name, "x"]}, index=[name, "y"])
    read = pd.read_csv(io.StringIO(csv_text(table, index=True)), index_col=0)
    assert read.columns.tolist() == [name, "text"]
    assert read.index.tolist() == [name, "y"]
    assert read["text"].tolist() == [name, "x"]
    assert read[name].tolist() == [1.5, -2.0]


def test_a_table_of_usual_names_is_not_quoted():
    table = pd.DataFrame({"n": [1.23456789, -2.0]}, index=["a", "b"])
    assert csv_text(table, index=True) == ",n\na,1.23457\nb,-2\n"
