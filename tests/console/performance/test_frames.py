"""What charts and tables of performance hold: every mark comes from a documented frame."""

import math

import pandas as pd
import pytest

from console.performance import frames
from console.performance.results import (
    METRICS,
    OVER_TIME,
    Figure,
    Maturity,
    Metric,
    Split,
    TrackRecord,
    empty_over_time,
)

HOUR = 3_600_000_000
ACCURACY = METRICS["binary"][0]
MAE, _, BIAS = METRICS["regression"]


def figure(metric: Metric, low: float, high: float) -> Figure:
    return Figure(metric, "ok", (low + high) / 2, low, high, 100)


@pytest.mark.parametrize(
    ("metric", "promised", "now", "word"),
    [
        (ACCURACY, (0.9, 0.95), (0.8, 0.85), "worse"),
        (ACCURACY, (0.9, 0.95), (0.8, 0.91), "as promised"),
        (ACCURACY, (0.9, 0.95), (0.96, 0.99), "better"),
        (MAE, (40.0, 44.0), (45.0, 50.0), "worse"),
        (MAE, (40.0, 44.0), (30.0, 35.0), "better"),
        (BIAS, (-1.0, 1.0), (-9.0, -5.0), "worse"),
        (BIAS, (5.0, 9.0), (-1.0, 1.0), "better"),
    ],
)
def test_a_figure_is_worse_only_where_the_intervals_do_not_meet_on_the_wrong_side(
    metric: Metric, promised: tuple[float, float], now: tuple[float, float], word: str
) -> None:
    assert frames.against(figure(metric, *promised), figure(metric, *now)) == word


def test_without_a_value_or_a_promise_nothing_is_said_of_a_figure() -> None:
    missing = Figure(ACCURACY, "not_enough_rows", None, None, None, 3, "Too few.")
    assert frames.against(figure(ACCURACY, 0.9, 0.95), missing) == "unknown"
    assert frames.against(None, figure(ACCURACY, 0.9, 0.95)) == "unknown"


def stretch(i: int, realized: float, metric: str = "accuracy") -> tuple[object, ...]:
    return (i * HOUR, (i + 1) * HOUR, metric, 50, 40, 0.8, realized, 0.8, 0.99, 0.9, 0.8, 0.95)


def test_a_course_is_one_metric_in_order_and_breaks_where_nothing_is_known() -> None:
    rows = [stretch(2, math.nan), stretch(0, 0.9), stretch(1, 0.91), stretch(3, 0.92)]
    rows += [stretch(5, 0.93), stretch(0, 0.5, "recall")]
    frame = frames.course(pd.DataFrame(rows, columns=list(OVER_TIME)), "accuracy")
    assert frame["realized"].dropna().tolist() == [0.9, 0.91, 0.92, 0.93]
    first, second, _, fourth, sixth = frame["run"].tolist()
    assert first == second
    assert len({first, fourth, sixth}) == 3
    assert frame["at"].iloc[0] == pd.Timestamp("1970-01-01 00:30", tz="UTC")
    assert frames.has_any(frame)


def test_a_course_of_nothing_has_nothing_to_draw() -> None:
    assert not frames.has_any(frames.course(empty_over_time(), "accuracy"))


def test_points_say_whether_the_truth_was_inside_the_band() -> None:
    frame = pd.DataFrame([stretch(0, 0.9), stretch(1, 0.6)], columns=list(OVER_TIME))
    record = TrackRecord(frame.assign(inside=[True, False], n=40), 1, 2, "")
    assert frames.points(record, "accuracy")["place"].tolist() == ["inside", "outside"]
    assert frames.points(record, "recall").empty
    assert frames.points(TrackRecord(pd.DataFrame(), 0, 0, ""), "accuracy").empty


@pytest.mark.parametrize(
    ("longest", "unit", "told"),
    [(200.0, "days", 200 / 24), (20.0, "hours", 20.0), (0.5, "minutes", 30.0),
     (0.01, "seconds", 36.0)],
)  # fmt: skip
def test_delays_are_told_in_a_unit_of_their_length(longest: float, unit: str, told: float) -> None:
    curve = pd.DataFrame({"delay_hours": [0.0, longest], "share": [0.0, 0.6]})
    maturity = Maturity(curve.assign(low=0.0, high=1.0), longest, None, None, None, None, "")
    frame, marks, found = frames.curve(maturity)
    assert found == unit
    assert frame["delay"].tolist() == pytest.approx([0.0, told])
    assert marks["delay"].tolist() == pytest.approx([told])
    assert marks["label"].iloc[0].startswith("half after ")


def split_of(inputs_high: float, metric: Metric = ACCURACY, status: str = "ok") -> Split:
    return Split(
        metric, 0.9, 0.8, -0.1, -0.02, -0.08, -0.04, inputs_high, -0.1, -0.06, 300.0, 500, 400,
        status, "",  # type: ignore[arg-type]  # one of its statuses
    )  # fmt: skip


def test_the_steps_of_a_split_lead_from_the_reference_to_the_window() -> None:
    steps = frames.steps(split_of(0.01))
    assert steps["since"].iloc[1:3].tolist() == pytest.approx([0.9, 0.88])
    assert steps["until"].tolist() == pytest.approx([0.9, 0.88, 0.8, 0.8])
    assert steps["effect"].tolist() == ["level", "unclear", "worse", "level"]
    assert steps[["low", "high"]].iloc[2].tolist() == pytest.approx([0.78, 0.82])


def test_a_part_is_better_or_worse_by_what_its_metric_wants() -> None:
    assert frames.steps(split_of(-0.01))["effect"].iloc[1] == "worse"
    assert frames.steps(split_of(-0.01, MAE))["effect"].iloc[1] == "better"


def test_a_split_without_figures_has_no_steps() -> None:
    assert frames.steps(split_of(0.0, status="no_overlap")).empty
