"""Charts of versions and of drift: they draw the frame's rows, in the palette, with their words."""

from typing import Any

import pandas as pd
import pytest

from console.charts import comparison, drift, training
from console.charts.base import DARK, LIGHT, Palette

PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK])


def drawn(chart: Any) -> dict[str, Any]:
    """The chart as Vega-Lite would get it; building it checks its schema."""
    found: dict[str, Any] = chart.to_dict()
    return found


def rows(spec: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return list(spec["datasets"].values())


@PALETTES
def test_an_interval_is_solid_only_where_the_difference_is_clear(palette: Palette) -> None:
    for clear, colour in ((True, palette.current), (False, palette.reference)):
        row = {"title": "Accuracy", "label": "so", "difference": 1.0, "low": 0.5, "high": 2.0}
        spec = drawn(comparison.interval(pd.DataFrame([row | {"clear": clear}]), 2.5, palette))
        point = spec["layer"][-1]
        assert point["mark"]["filled"] is clear
        assert point["mark"]["color"] == colour
        assert point["encoding"]["x"]["scale"]["domain"] == [-2.5, 2.5]
        assert (spec["title"]["text"], spec["title"]["subtitle"]) == ("Accuracy", "so")


@PALETTES
def test_drift_bars_keep_their_order_and_carry_a_word(palette: Palette) -> None:
    frame = pd.DataFrame(
        {
            "feature": ["b", "a"],
            "title": ["B (mm)", "A"],
            "status": ["drifted", "stable"],
            "message": ["", ""],
            "floors": [3.0, 0.2],
            "label": ["drifted · 3×", "stable · 0.2×"],
        }
    )
    spec = drawn(drift.bars(frame, palette))
    assert spec["layer"][0]["encoding"]["y"]["sort"] == ["B (mm)", "A"]
    assert spec["layer"][0]["encoding"]["color"]["scale"]["range"][0] == palette.alert
    assert spec["layer"][-1]["encoding"]["text"]["field"] == "label"


@PALETTES
def test_a_histogram_names_both_sides_with_their_rows(palette: Palette) -> None:
    frame = pd.DataFrame(
        {
            "side": ["reference", "current"],
            "lower": [0.5, 0.5],
            "upper": [1.5, 1.5],
            "n": [3, 4],
            "share": [1.0, 1.0],
        }
    )
    notes = {"reference": "reference: 3 values", "current": "current: 4 values"}
    spec = drawn(drift.histogram(frame, "X (mm)", notes, palette, is_whole=True))
    words = {row["note"] for data in rows(spec) for row in data if "note" in row}
    assert words == {"■ reference: 3 values", "■ current: 4 values"}
    axis = spec["layer"][0]["encoding"]["x"]["axis"]
    assert axis["title"] == "X (mm)"
    assert axis["values"] == [1.0]


def test_categories_over_time_are_named_at_their_last_point() -> None:
    at = pd.to_datetime([0, 0, 10**15, 10**15], unit="ns", utc=True)
    frame = pd.DataFrame(
        {"at": at, "category": ["a", "b"] * 2, "share": [0.1, 0.9, 0.2, 0.8], "n": 10}
    )
    spec = drawn(drift.category_over_time(frame, "X", LIGHT))
    last = spec["datasets"][spec["layer"][1]["data"]["name"]]
    assert {(row["category"], row["share"]) for row in last} == {("a", 0.2), ("b", 0.8)}


def test_categories_and_numbers_over_time_can_be_drawn() -> None:
    frame = pd.DataFrame({"side": ["reference", "current"], "category": "a", "n": 1, "share": 1.0})
    notes = {"reference": "r", "current": "c"}
    assert drawn(drift.categories(frame, "X", notes, LIGHT))["layer"][0]["mark"]["type"] == "bar"
    at = pd.to_datetime([0], unit="ns", utc=True)
    course = pd.DataFrame({"at": at, "n": 5, "low": 0.0, "middle": 1.0, "high": 2.0})
    spec = drawn(drift.number_over_time(course, "X (mm)", 1.5, LIGHT))
    levels = [row["level"] for data in rows(spec) for row in data if "level" in row]
    assert levels == [1.5]
    assert spec["layer"][1]["encoding"]["y"]["axis"]["title"] == "X (mm)"


@PALETTES
def test_a_confusion_matrix_sets_wrong_answers_in_the_alert_colour(palette: Palette) -> None:
    frame = pd.DataFrame(
        {
            "truth": ["a", "a", "b", "b"],
            "predicted": ["a", "b", "a", "b"],
            "n": [3, 1, 0, 2],
            "share": [0.75, 0.25, 0.0, 1.0],
            "right": [True, False, False, True],
        }
    )
    spec = drawn(training.confusion(frame, "kind", palette))
    colour = spec["layer"][0]["encoding"]["color"]
    assert colour["condition"]["value"] == palette.current
    assert colour["value"] == palette.alert
    assert spec["layer"][0]["encoding"]["x"]["axis"]["title"] == "Predicted kind"


def test_calibration_and_points_have_the_line_of_agreement() -> None:
    bins = pd.DataFrame(
        {"lower": [0.0], "upper": [0.1], "mean_score": [0.05], "observed": [0.1], "n": [9]}
    )
    spec = drawn(training.calibration(bins, "yes", LIGHT))
    assert spec["layer"][0]["mark"]["strokeDash"] == [4, 3]
    points = pd.DataFrame({"row": [0, 1], "truth": [1.0, 5.0], "value": [2.0, 4.0]})
    spec = drawn(training.points(points, "y (mm)", LIGHT))
    line = spec["datasets"][spec["layer"][0]["data"]["name"]]
    assert line == [{"value": 1.0, "truth": 1.0}, {"value": 5.0, "truth": 5.0}]


def test_importance_and_residuals_say_their_unit() -> None:
    frame = pd.DataFrame(
        {"feature": ["x"], "mean": [0.1], "sd": [0.01], "low": [0.09], "high": [0.11]}
    )
    spec = drawn(training.importance(frame, "log loss", LIGHT))
    title = spec["layer"][0]["encoding"]["x"]["axis"]["title"]
    assert title == "Increase in log loss when shuffled"
    bins = pd.DataFrame({"lower": [-1.0, 0.0], "upper": [0.0, 1.0], "n": [2, 3]})
    spec = drawn(training.residuals(bins, "y (mm)", LIGHT))
    assert spec["layer"][0]["encoding"]["x"]["axis"]["title"] == "Truth minus answer: y (mm)"
