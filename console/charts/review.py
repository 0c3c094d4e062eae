"""Charts of a review, drawn from the frozen figures; and its features across reviews."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from console.charts import drift
from console.charts.base import Palette, axis, time_x
from console.charts.drift_when import STATUSES, WORDS

ROW, FURNITURE = 26, 96  # pixels a feature; what legend and axis take
SIDES = ("reference", "current")
BAND = 0.16


def drawn(chart: Mapping[str, Any], palette: Palette, height: int) -> alt.LayerChart:
    """A chart of `console.reviews.charts`.

    Args:
        chart: of the kind `histogram`, `bars` or `lines`.
        height: in pixels.
    """
    make = {"histogram": _histogram, "bars": _bars, "lines": _lines}[chart["kind"]]
    found: alt.LayerChart = make(chart, palette).properties(height=height)
    return found


def trend(frame: pd.DataFrame, order: list[str], palette: Palette) -> alt.LayerChart:
    """Each feature's verdict from review to review, with its effect in floors.

    Args:
        frame: `console.reviews.meeting.trend` with `label` (the review's, for the axis).
        order: the titles of the features to show, from the top.
    """
    words = [WORDS[status] for status in STATUSES]
    colours = [palette.alert, palette.current, palette.reference, palette.grid]
    table = frame[frame["title"].isin(order)].assign(verdict=lambda t: t["status"].map(WORDS))
    base = alt.Chart(table).encode(
        x=alt.X("label:O", sort=table["label"].drop_duplicates().tolist(),
                axis=axis(None, labelAngle=0, labelOverlap=True, orient="top")),
        y=alt.Y("title:N", sort=order, axis=axis(None, labelLimit=220, labelOverlap=False)),
    )  # fmt: skip
    cells = base.mark_rect(stroke=palette.grid, strokeWidth=0.5).encode(
        color=alt.Color(
            "verdict:N",
            scale=alt.Scale(domain=words, range=colours),
            legend=alt.Legend(orient="bottom", title=None, symbolType="square"),
        ),
        opacity=alt.Opacity(
            "verdict:N", scale=alt.Scale(domain=words, range=[0.85, 0.6, 0.18, 0.4]), legend=None
        ),
        tooltip=[
            alt.Tooltip("title", title="Feature"),
            alt.Tooltip("label", title="Review"),
            alt.Tooltip("verdict", title="Verdict"),
            alt.Tooltip("floors", title="Effect ÷ floor", format=".2f"),
            alt.Tooltip("changed", title="Answers that change", format=".1%"),
        ],
    )
    figures = base.mark_text(fontSize=11, color=palette.ink).encode(
        text=alt.Text("floors:Q", format=".1f")
    )
    found: alt.LayerChart = alt.LayerChart(layer=[cells, figures]).properties(
        height=ROW * len(order) + FURNITURE
    )
    return found


def _histogram(chart: Mapping[str, Any], palette: Palette) -> alt.LayerChart:
    edges = chart["edges"]
    frame = pd.concat(
        [
            pd.DataFrame({"lower": edges[:-1], "upper": edges[1:], "share": chart[side]}).assign(
                side=side, n=_rows(chart, side)
            )
            for side in SIDES
        ]
    )
    return drift.histogram(frame, str(chart["unit"]), _notes(chart), palette)


def _bars(chart: Mapping[str, Any], palette: Palette) -> alt.LayerChart:
    frame = pd.concat(
        [
            pd.DataFrame({"category": chart["names"], "share": chart[side]}).assign(
                side=side, n=_rows(chart, side)
            )
            for side in SIDES
        ]
    )
    return drift.categories(frame, "", _notes(chart), palette)


def _rows(chart: Mapping[str, Any], side: str) -> list[int]:
    """About how many values each bar stands for."""
    total = chart[f"n_{side}"]
    return [round((share or 0.0) * total) for share in chart[side]]


def _notes(chart: Mapping[str, Any]) -> dict[str, str]:
    names = {"reference": "reference", "current": "window"}
    return {side: f"{name}: {chart[f'n_{side}']:,} values" for side, name in names.items()}


def _lines(chart: Mapping[str, Any], palette: Palette) -> alt.LayerChart:
    at = pd.to_datetime(pd.Series(chart["at"]), utc=True)
    parts = [
        pd.DataFrame({"at": at, "value": one["values"]}).assign(
            series=one["name"],
            low=one["low"] if one["low"] is not None else float("nan"),
            high=one["high"] if one["high"] is not None else float("nan"),
        )
        for one in chart["series"]
    ]
    frame = pd.concat(parts, ignore_index=True).astype({"value": float, "low": float})
    frame = frame.astype({"high": float}).dropna(subset=["value"])
    names = [str(one["name"]) for one in chart["series"]]
    many = [palette.current, palette.series[2], *palette.series[1:2], *palette.series[3:]]
    scale = alt.Scale(domain=names, range=many[: len(names)])
    colour = alt.Color("series:N", legend=None, scale=scale)
    share = chart["unit"] == "share"
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(zero=False),
        axis=axis(None if share else chart["unit"], format="%" if share else ",~r", tickCount=5),
    )
    base = alt.Chart(frame).encode(x=time_x(), color=colour)
    band = base.mark_area(opacity=BAND).encode(y=alt.Y("low:Q"), y2="high:Q")
    form = ".1%" if share else ".4~g"
    tooltip = [
        alt.Tooltip("at:T", format="%d %b %Y %H:%M"),
        "series",
        *(alt.Tooltip(name, format=form) for name in ("value", "low", "high")),
    ]
    line = base.mark_line(point=True).encode(y=y, tooltip=tooltip)
    layers = [band, line, *_names(frame, colour), *_level(chart["level"], palette)]
    return alt.LayerChart(layer=layers)


def _names(frame: pd.DataFrame, colour: alt.Color) -> list[alt.Chart]:
    """The name of each line at its last point; one line needs none."""
    if frame["series"].nunique() < 2:
        return []
    last = frame.loc[frame.groupby("series")["at"].idxmax()]
    words = alt.Chart(last).mark_text(align="right", dy=-9, fontSize=12)
    return [words.encode(x=time_x(), y="value:Q", text="series:N", color=colour)]


def _level(level: Mapping[str, Any] | None, palette: Palette) -> list[alt.Chart]:
    if level is None or level["value"] is None:
        return []
    base = alt.Chart(pd.DataFrame({"value": [level["value"]], "name": [level["name"]]}))
    line = base.mark_rule(color=palette.reference, strokeDash=[5, 4]).encode(y="value:Q")
    word = base.mark_text(align="left", dx=4, dy=-7, fontSize=11, color=palette.muted)
    return [line, word.encode(y="value:Q", text="name:N", x=alt.value(0))]
