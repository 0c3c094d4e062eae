"""Data sets: what is built in, what a CSV becomes, and what identifies a table."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from backend.errors import NotFound, Unusable
from backend.settings import ROOT
from console.training.datasets import BUILTIN, fingerprint_of, from_csv, load


@pytest.mark.parametrize(
    ("name", "rows", "task", "target"),
    [
        ("breast_cancer", 569, "binary", "target"),
        ("iris", 150, "multiclass", "target"),
        ("wine", 178, "multiclass", "target"),
        ("diabetes", 442, "regression", "target"),
        ("bikeshare", 8_645, "regression", "bikers"),
    ],
)
def test_each_built_in_data_set_knows_its_target_and_task(
    name: str, rows: int, task: str, target: str
) -> None:
    found = load(f"builtin:{name}")
    assert (found.rows, found.task, found.target) == (rows, task, target)
    assert name in BUILTIN


def test_labels_are_class_names_and_malignant_is_positive() -> None:
    found = load("builtin:breast_cancer")
    assert found.positive == "malignant"
    # The data set's paper counts 212 malignant and 357 benign.
    assert found.frame["target"].value_counts().to_dict() == {"benign": 357, "malignant": 212}
    assert set(load("builtin:iris").frame["target"]) == {"setosa", "versicolor", "virginica"}


def test_bikeshare_derives_its_times_from_day_and_hour() -> None:
    found = load("builtin:bikeshare")
    times = found.frame["time"]
    assert times.iloc[0] == pd.Timestamp("2011-01-01T00:00Z")
    assert times.iloc[-1] == pd.Timestamp("2011-12-31T23:00Z")
    assert times.is_monotonic_increasing
    assert times.is_unique
    # An independent look: month names and week days of the file agree with the calendar.
    assert (times.dt.strftime("%b").str[:3] == found.frame["mnth"].str[:3]).all()
    assert ((times.dt.dayofweek + 1) % 7 == found.frame["weekday"]).all()
    assert pd.api.types.is_integer_dtype(found.frame["hr"])


def test_bikeshare_offers_no_column_that_gives_the_answer_away() -> None:
    found = load("builtin:bikeshare")
    leaks = {"casual", "registered", "mnth", "season", "day", "time"}
    assert not leaks & set(found.candidates)
    assert (found.frame["casual"] + found.frame["registered"] == found.frame["bikers"]).all()


def test_an_unknown_built_in_data_set_is_not_found() -> None:
    with pytest.raises(NotFound) as refusal:
        load("builtin:titanic")
    assert refusal.value.detail == (
        "There is no built-in data set `titanic`. There are `breast_cancer`, `iris`, `wine`,"
        " `diabetes`, `bikeshare`."
    )


def test_the_fingerprint_is_the_sha256_of_the_csv_form(tmp_path: Path) -> None:
    content = (ROOT / "data" / "bikeshare.csv").read_bytes()
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [0.1, 1e300]})
    written = b"a,b,c\n1,x,0.1\n2,,1e+300\n"
    assert fingerprint_of(frame) == hashlib.sha256(written).hexdigest()
    copied = tmp_path / "copy.csv"
    copied.write_bytes(content)
    assert load(str(copied)).fingerprint == load("builtin:bikeshare").fingerprint


def test_the_fingerprint_moves_with_a_value_a_name_and_the_order() -> None:
    frame = pd.DataFrame({"a": range(50_000), "b": 1.5})
    same = fingerprint_of(frame.copy())
    changed = frame.copy()
    changed.loc[49_999, "b"] = 1.25
    others = {
        fingerprint_of(changed),
        fingerprint_of(frame.rename(columns={"b": "c"})),
        fingerprint_of(frame.iloc[::-1]),
        fingerprint_of(frame[["b", "a"]]),
    }
    assert same == fingerprint_of(frame)
    assert len(others | {same}) == 5


def _csv(header: str, *columns: list[object]) -> bytes:
    rows = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    return "\n".join([header, *rows]).encode()


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Date", "%Y-%m-%d"),
        ("timestamp", "%Y-%m-%dT%H:%M:%S"),
        ("time", "%m/%d/%Y"),
        ("datetime", "%d/%m/%Y %H:%M"),
    ],
)
def test_a_time_column_is_read_as_utc_and_is_no_feature(name: str, form: str) -> None:
    days = pd.date_range("2024-01-05", periods=40, tz="UTC")
    content = _csv(f"{name},x,y", list(days.strftime(form)), list(range(40)), list(range(40)))
    found = from_csv(content, "t.csv")
    assert found.time == name
    assert found.frame[name].dt.normalize().tolist() == days.tolist()
    assert found.candidates == ["x", "y"]


def test_a_column_named_time_that_holds_no_dates_stays_a_feature() -> None:
    content = _csv("time,date,y", list(range(40)), ["soon", "later"] * 20, list(range(40)))
    found = from_csv(content, "t.csv")
    assert found.time is None
    assert found.candidates == ["time", "date", "y"]


def test_saved_row_numbers_are_no_feature() -> None:
    found = from_csv(_csv(",x,y", list(range(40)), list(range(40)), list(range(40))), "t.csv")
    assert found.candidates == ["x", "y"]


def test_a_table_can_be_cut_at_a_time() -> None:
    cut = load("builtin:bikeshare").before("2011-04-01")
    assert cut.rows == 2_067  # counted in the file: hours of January to March
    assert cut.frame["mnth"].unique().tolist() == ["Jan", "Feb", "March"]


def test_a_cut_needs_a_time_and_a_time_column() -> None:
    with pytest.raises(Unusable) as refusal:
        load("builtin:bikeshare").before("spring")
    assert refusal.value.detail == "`spring` is no time; expected one like `2011-04-01T00:00Z`."
    with pytest.raises(Unusable) as refusal:
        load("builtin:iris").before("2011-04-01")
    assert refusal.value.detail == ("`iris` has no time column, so rows cannot be chosen by time.")


def test_the_target_must_be_a_column_and_not_the_time() -> None:
    found = load("builtin:bikeshare")
    with pytest.raises(Unusable, match=r"^`bikeshare` has no column `rain`\. Choose the target"):
        found.with_target("rain")
    with pytest.raises(
        Unusable, match=r"^`time` is the time of the rows of `bikeshare` and cannot be predicted\."
    ):
        found.with_target("time")
