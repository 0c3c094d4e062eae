"""Drift between two files, cut into windows by a column."""

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backend.errors import NotFound, Unusable
from console.drift import files


def table(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    columns: dict[str, object] = {f"n{i}": random.normal(size=n) for i in range(30)}
    for i in range(5):
        columns[f"c{i}"] = random.choice(list("abcd"), n, p=[0.5, 0.3, 0.15, 0.05])
    return pd.DataFrame(columns)


def test_a_shift_that_begins_at_a_known_day_is_found_on_that_day(tmp_path: Path) -> None:
    current = table(4_000, 1).assign(day=np.repeat(np.arange(1, 9), 500))
    current.loc[current["day"] >= 6, "n7"] += 0.5
    paths = tmp_path / "reference.parquet", tmp_path / "current.csv"
    table(5_000, 0).to_parquet(paths[0])
    current.to_csv(paths[1], index=False)
    found = files.drift(files.read_table(paths[0]), files.read_table(paths[1]), by="day")
    document = json.loads(json.dumps(found.to_json(), allow_nan=False))
    status = {
        window["window"]: next(f for f in window["features"] if f["feature"] == "n7")["status"]
        for window in document["windows"]
    }
    assert list(status) == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert [day for day, found in status.items() if found == "drifted"] == ["6", "7", "8"]
    first = document["windows"][0]
    assert (first["n_reference"], first["n_current"], first["n_features"]) == (5_000, 500, 35)
    assert {"feature", "kind", "status", "statistic", "p_value"} <= set(first["features"][0])
    assert document["windows"][5]["n_drifted"] >= 1


def test_without_a_column_to_cut_by_there_is_one_window() -> None:
    found = files.drift(table(1_000, 0), table(500, 1))
    assert [window.window for window in found.windows] == ["all"]
    assert found.windows[0].report.n_drifted == 0


def test_rows_without_a_value_to_cut_by_are_a_window_of_their_own() -> None:
    current = table(120, 1).assign(shop=np.array(["x", "y", None] * 40, dtype=object))
    windows = files.drift(table(500, 0), current, by="shop").windows
    assert [window.window for window in windows] == ["x", "y", "missing"]


def test_columns_that_cannot_be_compared_are_named_with_the_reason() -> None:
    reference = table(400, 0).assign(
        id=[f"u{i}" for i in range(400)], gone=1.0, empty=np.nan, odd=np.inf
    )
    current = table(200, 1).assign(id="u1", extra=1.0, empty=np.nan, odd=np.inf)
    found = files.drift(reference, current)
    assert found.unusable == {
        "id": "It has 400 different texts in 400 rows: an identifier or free text, not a category.",
        "gone": "The current table has no such column.",
        "extra": "The reference has no such column.",
    }
    status = found.windows[0].report.frame.set_index("feature")["status"]
    assert status["empty"] == status["odd"] == "not_enough_rows"


def test_values_in_a_column_that_was_empty_are_a_change() -> None:
    report = files.drift(table(400, 0).assign(x=np.nan), table(200, 1).assign(x=1.0)).windows[0]
    assert report.report.frame["feature"].iloc[0] == "x"
    assert report.report.n_drifted == 1


def test_a_window_that_is_too_small_says_so_and_the_others_stand() -> None:
    current = table(510, 1).assign(w=["a"] * 500 + ["b"] * 10)
    first, second = files.drift(table(5_000, 0), current, by="w").windows
    assert first.report.status == "stable"
    assert second.report.enough is not None
    assert second.report.message == (
        f"Drift needs at least 30 rows; there are 10. About {second.report.enough} would show"
        " whether anything moved."
    )


def test_refuses_what_is_no_table_with_a_sentence(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(Unusable, match=r"cannot be read as a table: .* Expected a CSV file"):
        files.read_table(empty)
    with pytest.raises(NotFound, match="There is no file"):
        files.read_table(tmp_path / "none.csv")
    with pytest.raises(Unusable, match="has no column `day` to cut windows by"):
        files.drift(table(50, 0), table(50, 1), by="day")
    with pytest.raises(Unusable, match="No column can be compared"):
        files.drift(pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]}))


def test_two_hundred_windows_of_thirty_five_features_take_under_ten_seconds() -> None:
    current = table(100_000, 1).assign(w=np.repeat(np.arange(200), 500))
    reference = table(10_000, 0)
    started = time.process_time()
    windows = files.drift(reference, current, by="w").windows
    assert time.process_time() - started < 10
    flagged = sum(window.report.n_drifted > 0 for window in windows)
    assert len(windows) == 200
    assert flagged <= 20  # 10 are expected by chance at most; more than 20 has a chance of 0.1 %


def test_values_that_are_none_are_named_and_values_that_appear_are_a_change() -> None:
    rows = 400
    reference = pd.DataFrame(
        {
            "x": np.random.default_rng(0).normal(size=rows),
            "nested": [{"a": i} for i in range(rows)],
            "day": pd.date_range("2024-01-01", periods=rows),
            "empty": np.full(rows, np.nan),
        }
    )
    found = files.drift(reference, reference.assign(empty="filled"))
    assert found.unusable == {
        "nested": "It holds lists or objects, not one value a row.",
        "day": "It holds times. Compare a number or a category made from them.",
    }
    [window] = found.windows
    statuses = {result.feature: result.status for result in window.report.results}
    assert statuses == {"x": "stable", "empty": "drifted"}
    only = reference[["nested"]]
    with pytest.raises(Unusable, match="`nested`: It holds lists or objects"):
        files.drift(only, only)


def test_numbers_beyond_measure_are_drift_and_not_stable() -> None:
    random = np.random.default_rng(0)
    reference = pd.DataFrame({"x": random.normal(size=1_000) * 1_000})
    for far in (pd.DataFrame({"x": np.full(2_000, 1e308)}), reference * 1e304):
        [window] = files.drift(reference, far).windows
        assert window.report.status == "drifted"
        assert "nan" not in window.report.message


def test_a_feature_that_no_window_can_judge_does_not_keep_the_others_from_a_verdict() -> None:
    random = np.random.default_rng(0)
    columns = {f"x{i}": random.normal(size=4_000) for i in range(5)}
    rare = (random.random(4_000) < 0.002).astype(int)
    reference = pd.DataFrame({**columns, "rare": rare})
    current = reference.sample(4_000, replace=True, random_state=1)
    [window] = files.drift(reference, current).windows
    assert window.report.status == "stable"
    assert "for `rare` the reference has 4,000 rows" in window.report.message
