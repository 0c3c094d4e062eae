"""The charts of performance are valid Vega-Lite and show what their frames hold."""

import math
from typing import Any

import pandas as pd
import pytest

from console.charts import performance as charts
from console.charts import performance_time
from console.charts.base import DARK, LIGHT

TIMES = pd.date_range("2024-03-01", periods=4, freq="h", tz="UTC")
COURSE = pd.DataFrame(
    {
        "at": TIMES[:3] + pd.Timedelta(minutes=30),
        "since": TIMES[:3],
        "until": TIMES[1:],
        "answered": 100,
        "known": [80, 40, 0],
        "coverage": [0.8, 0.4, 0.0],
        "realized": [0.93, 0.9, math.nan],
        "low": [0.9, 0.85, math.nan],
        "high": [0.95, 0.94, math.nan],
        "estimated": [0.92, 0.92, 0.91],
        "band_low": 0.88,
        "band_high": 0.96,
        "run": [0, 0, 1],
    }
)


def layers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The marks of a chart, however deep they lie."""
    if "layer" not in spec:
        return [spec]
    return [mark for part in spec["layer"] for mark in layers(part)]


def words(spec: dict[str, Any]) -> list[str]:
    """The texts that a chart's data hold."""
    rows = [row for data in spec["datasets"].values() for row in data]
    return [row["text"] for row in rows if "text" in row]


def shown(spec: dict[str, Any], field: str) -> list[Any]:
    """The values of the mark whose y is `field`."""
    [mark] = [
        part
        for part in layers(spec)
        if part["encoding"].get("y", {}).get("field") == field and part["mark"]["type"] != "line"
    ]
    return [row[field] for row in spec["datasets"][mark["data"]["name"]]]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_truth_is_drawn_where_it_is_known_and_estimates_everywhere(palette: Any) -> None:
    spec = performance_time.over_time(COURSE, "Accuracy", True, 0.94, palette).to_dict()
    assert shown(spec, "realized") == [0.93, 0.9]
    assert shown(spec, "estimated") == [0.92, 0.92, 0.91]
    assert shown(spec, "promised") == [0.94]
    assert shown(spec, "coverage") == [0.8, 0.4, 0.0]


def test_the_line_of_what_came_true_does_not_cross_a_gap() -> None:
    spec = performance_time.over_time(COURSE, "Accuracy", True, 0.94, LIGHT).to_dict()
    [line] = [mark for mark in layers(spec) if mark["mark"]["type"] == "line"]
    assert line["encoding"]["detail"]["field"] == "run"


def test_metric_and_coverage_have_scales_of_their_own() -> None:
    spec = performance_time.over_time(
        COURSE, "Mean absolute error (bikers)", False, None, LIGHT
    ).to_dict()
    assert spec["resolve"] == {"scale": {"y": "independent"}}
    titles = {mark["encoding"].get("y", {}).get("axis", {}).get("title") for mark in layers(spec)}
    assert {"Mean absolute error (bikers)", "Known"} <= titles


def test_the_legend_names_only_what_is_drawn() -> None:
    alone = COURSE.assign(realized=math.nan, low=math.nan, high=math.nan)
    spec = performance_time.over_time(alone, "Accuracy", True, None, LIGHT).to_dict()
    assert "estimated, with its band" in words(spec)
    assert not any("realized" in text or "promised" in text for text in words(spec))


def test_the_track_record_tells_inside_from_outside_by_colour_and_shape() -> None:
    frame = COURSE.head(2).assign(place=["inside", "outside"], n=[80, 40])
    spec = charts.track_record(frame, "Accuracy", True, LIGHT).to_dict()
    dots = spec["layer"][-1]["encoding"]
    assert dots["shape"]["scale"]["domain"] == ["inside", "outside"]
    assert dots["color"]["scale"]["range"] == [LIGHT.current, LIGHT.alert]
    assert dots["x"]["scale"] == dots["y"]["scale"]


def test_the_curve_of_truth_has_its_marks_and_its_unit() -> None:
    frame = pd.DataFrame({"delay": [0.0, 1.0, 5.0], "share": [0.1, 0.5, 0.9]})
    frame = frame.assign(low=frame["share"] - 0.05, high=frame["share"] + 0.05)
    marks = pd.DataFrame({"delay": [1.0], "share": [0.5], "label": ["half after 1 day"]})
    spec = charts.maturity(frame, marks, "days", LIGHT).to_dict()
    assert spec["layer"][1]["encoding"]["x"]["axis"]["title"] == "Time since the answer (days)"
    assert len(spec["layer"]) == 6
    assert len(charts.maturity(frame, marks.head(0), "days", LIGHT).to_dict()["layer"]) == 3


def test_each_step_of_a_split_begins_where_the_one_before_it_ended() -> None:
    frame = pd.DataFrame(
        {
            "step": ["On the reference", "Other inputs", "Changed relation", "In the window"],
            "kind": ["level", "part", "part", "level"],
            "since": [0.9, 0.9, 0.88, 0.8],
            "until": [0.9, 0.88, 0.8, 0.8],
            "low": [math.nan, 0.87, 0.77, math.nan],
            "high": [math.nan, 0.91, 0.83, math.nan],
            "effect": ["level", "unclear", "worse", "level"],
            "label": ["Before: 90 %", "Inputs: 2 points", "Relation: 8 points", "Now: 80 %"],
        }
    )
    spec = charts.split(frame, "Accuracy", True, LIGHT).to_dict()
    bars, spread, ticks = spec["layer"]
    assert (bars["encoding"]["x"]["field"], bars["encoding"]["x2"]["field"]) == ("until", "since")
    assert (spread["encoding"]["x"]["field"], spread["encoding"]["x2"]["field"]) == ("low", "high")
    assert [row["until"] for row in spec["datasets"][ticks["data"]["name"]]] == [0.9, 0.8]
    assert bars["encoding"]["y"]["sort"] == frame["label"].tolist()
    assert not bars["encoding"]["x"]["scale"]["zero"]
