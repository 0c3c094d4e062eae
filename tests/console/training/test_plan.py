"""What is settled before anything is fitted: rows, split, features, and whole refusals."""

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backend.errors import Unusable
from backend.records.drafts import NewVersion
from backend.versions.signature import Signature
from console.training import Choices
from console.training.datasets import from_csv, load
from console.training.train import train
from tests.console.training.tables import csv_of, mixed


def table(new: NewVersion, name: str) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(new.files[f"{name}.parquet"]))


def test_rows_without_a_truth_are_left_out_and_counted() -> None:
    frame = mixed()
    frame.loc[frame.index < 20, "bought"] = None
    data = from_csv(csv_of(frame), "t.csv")
    new = train(data, Choices("m", "t.csv", target="bought", features=("size",)), by="t")
    assert new.data["rows_without_truth"] == 20
    rows = len(table(new, "reference")) + len(table(new, "heldout"))
    assert rows == 140
    assert table(new, "heldout")["__row__"].min() >= 20


def test_a_time_order_that_hides_a_label_falls_back_to_a_random_split_and_says_so() -> None:
    frame = mixed().assign(time=pd.date_range("2024-01-01", periods=160, freq="h"))
    frame["late"] = np.where(frame.index < 130, "early", "late")
    data = from_csv(csv_of(frame), "t.csv")
    new = train(data, Choices("m", "t.csv", target="late", features=("size",), folds=2), by="t")
    assert new.data["split"]["method"] == "stratified"
    assert new.data["split"]["reason"] == "the latest rows do not hold every label"
    in_order = train(data, Choices("m", "t.csv", target="grade", folds=2), by="t")
    assert in_order.data["split"]["method"] == "latest"


def test_columns_that_cannot_be_features_are_left_out_with_the_reason() -> None:
    frame = mixed().assign(empty=np.nan, name=[f"n{i}" for i in range(160)])
    data = from_csv(csv_of(frame.drop(columns=["risk", "grade"])), "t.csv")
    new = train(data, Choices("m", "t.csv", target="bought", folds=2), by="t")
    assert new.data["left_out"] == {
        "empty": "it has no values",
        "name": "every row has a text of its own",
    }
    assert Signature.from_json(new.signature).names == ["size", "count", "colour", "member"]


def test_few_rows_of_a_label_make_fewer_folds() -> None:
    frame = pd.DataFrame({"x": np.arange(60.0), "y": ["a"] * 55 + ["b"] * 5})
    new = train(from_csv(csv_of(frame), "t.csv"), Choices("m", "t.csv", target="y"), by="t")
    assert new.data["split"]["folds"] == 4


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        (
            {"features": ("casual",)},
            (
                "`casual` is kept out of the features of `bikeshare`. Choose features among `hr`,"
                " `holiday`, `weekday`, `workingday`, `weathersit`, `temp`, `atemp`, `hum` and 1"
                " more."
            ),
        ),
        (
            {"features": ("time",)},
            (
                "`time` orders the rows of `bikeshare`. Choose features among `hr`, `holiday`,"
                " `weekday`, `workingday`, `weathersit`, `temp`, `atemp`, `hum` and 1 more."
            ),
        ),
        (
            {"features": ("hr", "bikers")},
            (
                "`bikers` is the target of `bikeshare`. Choose features among `hr`, `holiday`,"
                " `weekday`, `workingday`, `weathersit`, `temp`, `atemp`, `hum` and 1 more."
            ),
        ),
        (
            {"features": ("hr", "hr")},
            "The features are `hr`, `hr`; expected each column once.",
        ),
        ({"features": ()}, "The features are empty; expected each column once."),
        (
            {"until": "2011-01-02"},
            (
                "`bikeshare` has 24 rows before 2011-01-02; expected at least 30. Choose a later"
                " time."
            ),
        ),
        (
            {"model": "a b"},
            (
                "`a b` cannot be a model's name; expected 1 to 100 letters, digits, `_`, `-` or"
                " `.`, beginning with a letter or digit."
            ),
        ),
    ],
)
def test_says_why_choices_cannot_be_used(chosen: dict[str, Any], sentence: str) -> None:
    choices = Choices(**{"model": "m", "data": "builtin:bikeshare", **chosen})
    with pytest.raises(Unusable) as refusal:
        train(load(choices.data), choices, by="tester")
    assert refusal.value.detail == sentence


def test_a_table_without_a_target_asks_for_one() -> None:
    data = from_csv(csv_of(mixed()), "t.csv")
    with pytest.raises(Unusable) as refusal:
        train(data, Choices("m", "t.csv"), by="tester")
    assert refusal.value.detail == (
        "`t.csv` does not say which column to predict. Choose the target among `size`, `count`,"
        " `colour`, `member`, `risk`, `bought`, `grade`."
    )
