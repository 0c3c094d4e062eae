"""The finding on performance, where it is worse or there is warning that it will be."""

from math import isnan
from typing import Any

import pandas as pd

from console.performance.results import Figure, Metric, Performance
from console.performance.sentences import shown
from console.reviews import charts
from console.reviews.figures import figure
from console.windows import iso


def of_performance(found: Performance) -> list[dict[str, Any]]:
    """At most one finding: is the version still right?"""
    if found.status not in ("worse", "warning"):
        return []
    metric = found.expected[0].metric
    return [
        {
            "key": "performance",
            "title": metric.title,
            "kind": "performance",
            "status": found.status,
            "what": found.message,
            "matters": _matters(found),
            "figures": figures(found),
            "charts": over_time(found, metric),
        }
    ]


def figures(found: Performance) -> list[dict[str, Any]]:
    """The first metric three times: on held-out rows, realized and estimated; and the coverage."""
    three = (
        ("Held-out", found.expected, "95 %"),
        ("Realized", found.realized.figures, "95 %"),
        (f"Estimated ({found.estimated.method})", found.estimated.figures, "band"),
    )
    said = [_figure(name, parts[0], what) for name, parts, what in three if parts]
    known, answered = found.realized.n_known, found.realized.n_answered
    share = f" ({100 * known / answered:.1f} %)" if answered else ""
    return [*said, figure("Truth known", known, f"{known:,} of {answered:,} answers{share}")]


def over_time(found: Performance, metric: Metric) -> list[charts.Chart]:
    """The realized and estimated values of a metric through the window."""
    frame = found.over_time
    frame = frame[frame["metric"] == metric.name] if len(frame) else frame
    if len(frame) < 2:
        return []
    at = [iso((int(a) + int(b)) // 2) for a, b in zip(frame["start"], frame["end"], strict=True)]
    columns = (("realized", "low", "high"), ("estimated", "band_low", "band_high"))
    series = [
        charts.line(names[0], *(_floats(frame[name]) for name in names))
        for names in columns
        if frame[names[0]].notna().any()
    ]
    if not series:
        return []
    expected = found.expected[0].value
    level = None if expected is None else ("held-out", expected)
    unit = "share" if metric.unit == "share" else ""
    return [charts.lines(f"{metric.title} through the window", unit, at, series, level)]


def _matters(found: Performance) -> str:
    """Where the change comes from; else when there will be truth enough to say."""
    if found.status == "worse" and found.split.status != "not_enough_rows":
        return found.split.message
    return found.maturity.message


def _figure(name: str, found: Figure, what: str) -> dict[str, Any]:
    if found.value is None or isnan(found.value):
        return figure(name, None, found.message or "–")
    ends = ""
    if found.low is not None and found.high is not None:
        ends = f" ({what} {shown(found.metric, found.low)} – {shown(found.metric, found.high)})"
    rows = f", n = {found.n:,}"
    return figure(name, found.value, f"{shown(found.metric, found.value)}{ends}{rows}")


def _floats(values: "pd.Series[Any]") -> list[float]:
    return [float(value) if value is not None else float("nan") for value in values]
