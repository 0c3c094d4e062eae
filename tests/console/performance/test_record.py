"""The track record: estimates counted against the truth that came later."""

from typing import Any

import pandas as pd
import pytest

from console.performance.record import COLUMNS, track_record
from console.performance.results import METRICS, OVER_TIME, empty_over_time

ACCURACY, PRECISION = METRICS["binary"][:2]


def stretch(start: int, realized: float | None, **changed: Any) -> dict[str, Any]:
    """A stretch estimated at 0.90 ± 0.05, its truth known with ± 0.06."""
    has = realized is not None
    low, high = (None, None) if realized is None else (realized - 0.06, realized + 0.06)
    row = {
        "start": start,
        "end": start + 10,
        "metric": "accuracy",
        "answered": 200,
        "known": 200 if has else 10,
        "coverage": 1.0 if has else 0.05,
        "realized": realized,
        "low": low,
        "high": high,
        "estimated": 0.90,
        "band_low": 0.85,
        "band_high": 0.95,
    }
    return row | changed


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(OVER_TIME))


def test_stretches_inside_and_outside_are_counted() -> None:
    found = track_record(
        table(stretch(20, 0.84), stretch(0, 0.93), stretch(10, 0.86), stretch(30, 0.951)),
        [ACCURACY],
    )

    assert tuple(found.frame.columns) == COLUMNS
    assert found.frame["start"].tolist() == [0, 10, 20, 30]
    assert found.frame["inside"].tolist() == [True, True, False, False]
    assert (found.inside, found.n) == (2, 4)
    expected = "Truth came later for 4 stretches: the estimate was inside its band in 2."
    assert found.message == expected


def test_stretches_without_an_estimate_or_truth_do_not_count() -> None:
    blind = stretch(10, 0.9, estimated=None, band_low=None, band_high=None)
    found = track_record(table(stretch(0, 0.9), blind, stretch(20, None)), [ACCURACY])

    assert (found.inside, found.n) == (1, 1)
    assert found.frame["n"].tolist() == [200]
    expected = "Truth came later for 1 stretch: the estimate was inside its band in 1."
    assert found.message == expected


@pytest.mark.parametrize(("coverage", "inside"), [(1.0, False), (0.75, True), (0.9, False)])
def test_truth_of_some_rows_widens_the_band_by_what_the_others_leave_open(
    coverage: float, inside: bool
) -> None:
    """0.058 off: √(0.05² + (1 - c) 0.06²) is 0.050, 0.0583 and 0.0535."""
    found = track_record(table(stretch(0, 0.842, coverage=coverage)), [ACCURACY])

    assert bool(found.frame["inside"].iloc[0]) is inside


def test_the_side_that_truth_fell_on_decides_by_its_own_reach() -> None:
    lopsided = {"band_low": 0.80, "band_high": 0.91}
    found = track_record(
        table(stretch(0, 0.82, **lopsided), stretch(10, 0.93, **lopsided)), [ACCURACY]
    )

    assert found.frame["inside"].tolist() == [True, False]


def test_several_metrics_are_counted_as_estimates_and_others_left_out() -> None:
    rows = table(
        stretch(0, 0.9),
        stretch(0, 0.5, metric="precision"),
        stretch(10, 0.9),
        stretch(10, 0.9, metric="recall"),
    )
    found = track_record(rows, [ACCURACY, PRECISION])

    assert found.frame["metric"].tolist() == ["accuracy", "precision", "accuracy"]
    expected = "Truth came later for 2 stretches: of 3 estimates 2 were inside their bands."
    assert found.message == expected


def test_without_truth_there_is_no_record() -> None:
    for rows in (empty_over_time(), table(stretch(0, None))):
        found = track_record(rows, [ACCURACY])
        assert (found.inside, found.n, len(found.frame)) == (0, 0, 0)
        assert tuple(found.frame.columns) == COLUMNS
        assert "no track record" in found.message
