"""The charts of drift are valid Vega-Lite and show what their frames hold."""

import pandas as pd

from console.charts import drift, drift_when
from console.charts.base import DARK, LIGHT

TIMES = pd.date_range("2024-03-01", periods=3, freq="h", tz="UTC")


def test_bars_leave_room_for_the_words_beside_them() -> None:
    frame = pd.DataFrame(
        {
            "feature": ["a", "b"],
            "title": ["A", "B"],
            "status": ["drifted", "stable"],
            "message": ["`A` has drifted.", "`B` is stable."],
            "floors": [10.0, 0.2],
            "label": ["drifted · 10× · changes 12.4 %", "stable · 0.2×"],
        }
    )
    drawn = drift.bars(frame, LIGHT).to_dict()
    domain = drawn["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert domain[0] == 0
    assert domain[1] > 15


def test_the_strip_says_each_verdict_in_words() -> None:
    frame = pd.DataFrame(
        {
            "at": TIMES,
            "until": TIMES + pd.Timedelta(hours=1),
            "title": "A",
            "status": ["stable", "drifted", "not_enough_rows"],
            "floors": [0.1, 3.0, None],
            "n_current": [100, 120, 3],
        }
    )
    drawn = drift_when.strip(frame, ["A"], DARK).to_dict()
    assert drawn["encoding"]["color"]["scale"]["domain"] == list(drift_when.WORDS.values())
    [rows] = drawn["datasets"].values()
    assert [row["verdict"] for row in rows] == ["stable", "drifted", "not enough rows"]


def test_shapes_and_courses_are_valid() -> None:
    sides = ["reference", "current"]
    bins = pd.DataFrame({"side": sides, "lower": 0.0, "upper": 1.0, "n": 10, "share": 1.0})
    notes = dict.fromkeys(sides, "10 values")
    assert drift.histogram(bins, "A", notes, LIGHT).to_dict()["layer"]
    shares = pd.DataFrame({"side": sides, "category": "x", "n": 10, "share": 1.0})
    assert drift.categories(shares, "A", notes, LIGHT).to_dict()["layer"]
    course = pd.DataFrame({"at": TIMES, "n": 9, "middle": 1.0, "low": 0.5, "high": 2.0})
    assert drift.number_over_time(course, "A", 1.0, LIGHT).to_dict()["layer"]
    kinds = pd.DataFrame({"at": TIMES, "category": "x", "share": 0.5, "n": 9})
    assert drift.category_over_time(kinds, "A", LIGHT).to_dict()
