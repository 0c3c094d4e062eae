"""The export: nothing in it runs in a spreadsheet."""

import csv
import io

import pandas as pd
import pytest

from console.ui import csv_of


def cells(frame: pd.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_of(frame).decode())))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(first: str) -> None:
    hostile = f'{first}HYPERLINK("http://example.org")'

    assert cells(pd.DataFrame({"label": [hostile]}))[1] == ["'" + hostile]


def test_a_name_of_a_column_is_neutralised_too() -> None:
    assert cells(pd.DataFrame({"=1+1": [1]}))[0] == ["'=1+1"]


def test_numbers_and_plain_texts_are_left_alone() -> None:
    frame = pd.DataFrame({"score": [-0.5, 1.25], "label": ["a-b", None], "id": [1, 2]})

    assert cells(frame) == [["score", "label", "id"], ["-0.5", "a-b", "1"], ["1.25", "", "2"]]


def test_the_table_itself_is_not_changed() -> None:
    frame = pd.DataFrame({"=x": ["=1"]})
    csv_of(frame)

    assert frame.to_dict("list") == {"=x": ["=1"]}


def test_columns_of_one_name_keep_their_own_values() -> None:
    frame = pd.DataFrame([["=a", 1]], columns=["x", "x"])

    assert cells(frame) == [["x", "x"], ["'=a", "1"]]
