"""Charts of versions and of drift: they draw the frame's rows, in the palette, with their words."""

from typing import Any

import pandas as pd
import pytest

from console.charts import comparison, drift, rescoring, training
from console.charts.base import DARK, LIGHT, Palette

PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK])


def drawn(chart: Any) -> dict[str, Any]:
    """The chart as Vega-Lite would get it; building it checks its schema."""
    found: dict[str, Any] = chart.to_dict()
    return found


def rows(spec: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return list(spec["datasets"].values())


def differences() -> pd.DataFrame:
    """Two differences: one that is clear, and one that is not."""
    line = {"outcome": "so", "text": "+1 (−1 to 2)", "effect": 1.0, "high": 2.0}
    return pd.DataFrame(
        [
            {"title": "F1", "better": "b", "low": 0.5, **line},
            {"title": "Accuracy", "better": "unclear", "low": -1.0, **line},
        ]
    )


@PALETTES
def test_a_forest_plot_keeps_the_order_and_zero_in_the_middle(palette: Palette) -> None:
    spec = drawn(comparison.forest(differences(), ("a better", "b better"), "Difference", palette))
    point = spec["layer"][2]["encoding"]
    assert point["y"]["sort"] == ["F1", "Accuracy"]
    low, high = point["x"]["scale"]["domain"]
    assert low == -high
    assert high > 2.0
    colours = point["color"]["scale"]
    shade = dict(zip(colours["domain"], colours["range"], strict=True))
    assert shade == {"a": palette.alert, "b": palette.current, "unclear": palette.reference}
    words = [row["word"] for table in rows(spec) for row in table if "word" in row]
    assert words == ["← a better", "b better →"]


@PALETTES
def test_a_difference_is_solid_only_where_it_is_clear(palette: Palette) -> None:
    spec = drawn(comparison.forest(differences(), ("", ""), "Difference", palette))
    fill = spec["layer"][2]["encoding"]["fillOpacity"]
    assert (fill["condition"]["test"], fill["condition"]["value"], fill["value"]) == (
        "(datum.better === 'unclear')",
        0,
        1,
    )
    assert len(spec["layer"]) == 4


@PALETTES
def test_both_versions_are_told_apart_by_more_than_colour(palette: Palette) -> None:
    frame = pd.DataFrame(
        [
            {"side": side, "mean_score": 0.4, "share": 0.5, "low": 0.3, "high": 0.7, "n": 9}
            for side in "ab"
        ]
    )
    spec = drawn(comparison.calibration(frame, "yes", ("Version 1", "Version 2"), palette))
    line, dots = (layer["encoding"] for layer in spec["layer"][-2:])
    assert line["color"]["scale"] == {
        "domain": ["Version 1", "Version 2"],
        "range": [palette.reference, palette.current],
    }
    assert line["strokeDash"]["scale"]["domain"] == ["a", "b"]
    assert dots["shape"]["scale"]["range"] == ["square", "circle"]
    assert {row["name"] for table in rows(spec) for row in table if "name" in row} == {
        "Version 1",
        "Version 2",
    }


@PALETTES
def test_thresholds_without_a_figure_are_left_out(palette: Palette) -> None:
    frame = pd.DataFrame(
        {"side": "a", "threshold": [0.0, 0.5, 1.0], "precision": [0.5, 0.9, float("nan")]}
    )
    names = ("Version 1", "Version 2")
    marks = frame[1:2]
    spec = drawn(
        comparison.by_threshold(frame, "precision", "Precision", names, marks, 1.0, palette)
    )
    lines = [table for table in rows(spec) if len(table) == 2 and "precision" in table[0]]
    assert [row["threshold"] for row in lines[0]] == [0.0, 0.5]
    assert spec["layer"][-1]["encoding"]["y"]["scale"]["domain"] == [0, 1.0]


@PALETTES
def test_segments_stand_beside_the_share_of_all_rows(palette: Palette) -> None:
    frame = pd.DataFrame(
        {
            "segment": ["age 60 and more", "age below 60"],
            "n": [50, 150],
            "changed": [20, 5],
            "share": [0.4, 0.03],
            "low": [0.2, 0.01],
            "high": [0.6, 0.1],
            "clear": [True, False],
        }
    )
    spec = drawn(rescoring.segments(frame, 0.125, palette))
    dots = spec["layer"][-1]["encoding"]
    assert dots["y"]["sort"] == ["age 60 and more", "age below 60"]
    assert dots["x"]["scale"]["domain"][1] == pytest.approx(0.648)
    assert [row for table in rows(spec) for row in table if "word" in row] == [
        {"share": 0.125, "word": "all rows"}
    ]


@PALETTES
def test_a_shift_has_zero_in_the_middle(palette: Palette) -> None:
    names = ("p05", "p50", "p95", "mean", "low", "high")
    frame = pd.DataFrame([dict(zip(names, (-0.2, 0.0, 0.5, 0.1, 0.05, 0.15), strict=True))])
    spec = drawn(rescoring.shift(frame, "Score now less score then", palette))
    low, high = spec["layer"][-1]["encoding"]["x"]["scale"]["domain"]
    assert low == -high
    assert high > 0.5


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
