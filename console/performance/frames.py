"""A performance report as tables: what charts draw and pages show, a row for each mark."""

import math
from typing import Any, Literal

import numpy as np
import pandas as pd

from console.performance.results import Figure, Maturity, Performance, Split, TrackRecord
from console.performance.sentences import duration

UNITS = {"days": 24.0, "hours": 1.0, "minutes": 1 / 60, "seconds": 1 / 3_600}
"""What delays are told in, by its length in hours: the largest of which the curve has two."""

Word = Literal["worse", "better", "as promised", "unknown"]


def figures(found: Performance) -> pd.DataFrame:
    """Every metric of the task: what was promised, what came true, what is estimated.

    Returns:
        A row per metric in the task's order: `metric`, `title`, `unit`; `promised`,
        `promised_low`, `promised_high`, `promised_n` (held-out rows); `realized`, `low`, `high`,
        `n` (rows with truth), `coverage` (share of answered rows with truth, in [0, 1]);
        `estimated`, `band_low`, `band_high`, `estimated_n`; `verdict`, as `against`; `message`,
        why the realized or else the estimated value is missing. NaN where there is no value;
        values in the metric's unit.
    """
    estimated = {figure.metric.name: figure for figure in found.estimated.figures}
    promised = {figure.metric.name: figure for figure in found.expected}
    rows = []
    for figure in found.realized.figures:
        name = figure.metric.name
        promise, estimate = promised.get(name), estimated.get(name)
        rows.append(
            {"metric": name, "title": figure.metric.title, "unit": figure.metric.unit}
            | _parts(promise, ("promised", "promised_low", "promised_high", "promised_n"))
            | _parts(figure, ("realized", "low", "high", "n"))
            | {"coverage": _number(found.realized.coverage)}
            | _parts(estimate, ("estimated", "band_low", "band_high", "estimated_n"))
            | {"verdict": against(promise, figure)}
            | {"message": figure.message or (estimate.message if estimate else "")}
        )
    return pd.DataFrame(rows)


def against(promised: Figure | None, realized: Figure) -> Word:
    """Whether a figure is worse than promised: its interval and the promise's do not meet.

    Two 95 % intervals that do not meet differ at a level well below 5 % (Schenker and Gentleman
    2001), so one word a metric is no false alarm a metric. A `bias` is worse farther from 0.
    """
    ends = (*_ends(promised), *_ends(realized))
    if promised is None or any(math.isnan(end) for end in ends):
        return "unknown"
    low, high, now_low, now_high = ends
    if now_low <= high and low <= now_high:
        return "as promised"
    if realized.metric.name == "bias":
        is_worse = abs(_number(realized.value)) > abs(_number(promised.value))
    else:
        is_worse = (now_high < low) == realized.metric.greater_is_better
    return "worse" if is_worse else "better"


def course(over_time: pd.DataFrame, metric: str) -> pd.DataFrame:
    """One metric through the window.

    Args:
        over_time: `Performance.over_time`.

    Returns:
        A row per stretch, oldest first: `at` (its middle), `since`, `until` (UTC timestamps),
        `answered`, `known`, `coverage`, `realized`, `low`, `high`, `estimated`, `band_low`,
        `band_high` (NaN without a value) and `run`: stretches that follow each other with a
        realized value have the same number, so that a line does not cross a gap.
    """
    frame = over_time[over_time["metric"] == metric].sort_values("start", ignore_index=True)
    values = ["coverage", "realized", "low", "high", "estimated", "band_low", "band_high"]
    frame = frame.assign(**{name: frame[name].astype(float) for name in values})
    start, end = frame["start"].astype("int64"), frame["end"].astype("int64")
    return frame.assign(
        since=_times(start),
        until=_times(end),
        at=_times((start + end) // 2),
        run=(frame["realized"].isna() | (start > end.shift())).cumsum().astype("int64"),
    )[["at", "since", "until", "answered", "known", *values, "run"]]


def has_any(frame: pd.DataFrame) -> bool:
    """Whether a course has at least one value to draw."""
    return bool(frame[["realized", "estimated"]].notna().to_numpy().any())


def points(record: TrackRecord, metric: str) -> pd.DataFrame:
    """Earlier estimates of one metric beside the truth that came later.

    Returns:
        A row per stretch: `since`, `until` (UTC timestamps), `estimated`, `band_low`,
        `band_high`, `realized`, `low`, `high` (the metric's unit), `n` (rows with truth) and
        `place`: `inside` or `outside` the band.
    """
    frame = record.frame
    if frame.empty:
        return pd.DataFrame()
    frame = frame[frame["metric"] == metric].reset_index(drop=True)
    return frame.assign(
        since=_times(frame["start"].astype("int64")),
        until=_times(frame["end"].astype("int64")),
        place=np.where(frame["inside"].astype(bool), "inside", "outside"),
    )


def curve(maturity: Maturity) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """How truth comes in: the curve, its marks, and the unit that delays are told in.

    Returns:
        The curve with `delay` (in the unit), `share`, `low`, `high` (shares in [0, 1]); the
        marks with `delay`, `share` and `label`, for the median and nine tenths where they have
        come; a name of `UNITS`.
    """
    frame = maturity.frame
    longest = float(frame["delay_hours"].max()) if len(frame) else 0.0
    unit = next((name for name, hours in UNITS.items() if longest >= 2 * hours), "seconds")
    hours = UNITS[unit]
    marks = [
        {"delay": at / hours, "share": share, "label": f"{words} after {duration(at)}"}
        for at, share, words in (
            (maturity.median_hours, 0.5, "half"),
            (maturity.p90_hours, 0.9, "90 %"),
        )
        if at is not None
    ]
    return frame.assign(delay=frame["delay_hours"].astype(float) / hours), _marks(marks), unit


def steps(split: Split) -> pd.DataFrame:
    """The way from the reference's figure to the current one, a row for each step.

    Returns:
        Four rows: `step` (its title), `kind` (`level` or `part`), `since`, `until` (where it
        begins and ends, in the metric's unit; alike for a level), `low`, `high` (95 % interval
        of where it ends; NaN for a level), `change` (NaN for a level) and `effect`: `level`,
        `unclear` where the interval holds no change, else `worse` or `better`. Empty if the
        split has no figures.
    """
    known = (split.reference, split.current, split.inputs, split.relation)
    if split.status != "ok" or any(value is None for value in known):
        return pd.DataFrame()
    reference, current, inputs, relation = (_number(value) for value in known)
    middle = reference + inputs
    greater = split.metric.greater_is_better
    rows = [
        _level("On the reference", reference),
        _part("Other inputs", reference, inputs, split.inputs_low, split.inputs_high, greater),
        _part("Changed relation", middle, relation, split.relation_low, split.relation_high,
              greater),
        _level("In the window", current),
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _level(step: str, value: float) -> dict[str, Any]:
    nothing = {"low": math.nan, "high": math.nan, "change": math.nan, "effect": "level"}
    return {"step": step, "kind": "level", "since": value, "until": value} | nothing


def _part(
    step: str, since: float, change: float, low: float | None, high: float | None, greater: bool
) -> dict[str, Any]:
    ends = _number(low), _number(high)
    if math.isnan(ends[0]) or math.isnan(ends[1]) or ends[0] <= 0 <= ends[1]:
        effect = "unclear"
    else:
        effect = "better" if (change > 0) == greater else "worse"
    return {
        "step": step,
        "kind": "part",
        "since": since,
        "until": since + change,
        "low": since + ends[0],
        "high": since + ends[1],
        "change": change,
        "effect": effect,
    }


def _parts(figure: Figure | None, names: tuple[str, str, str, str]) -> dict[str, Any]:
    if figure is None:
        return dict(zip(names, (math.nan, math.nan, math.nan, 0), strict=True))
    values = (*(_number(v) for v in (figure.value, figure.low, figure.high)), figure.n)
    return dict(zip(names, values, strict=True))


def _ends(figure: Figure | None) -> tuple[float, float]:
    """A figure's interval; its value alone where it has none."""
    if figure is None:
        return math.nan, math.nan
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    return _number(low), _number(high)


def _marks(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["delay", "share", "label"])


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _times(at: "pd.Series[int]") -> "pd.Series[Any]":
    return pd.to_datetime(at, unit="us", utc=True)
