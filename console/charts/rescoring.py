"""A rescoring: where answers change, by how much amounts move, and for better or worse."""

from typing import Any

import altair as alt
import pandas as pd

from console.charts.base import Palette, axis, y_at

_ROW = 28  # pixels a line
_AXIS = 48


def segments(frame: pd.DataFrame, overall: float, palette: Palette) -> alt.LayerChart:
    """The share of answers that change in each segment, with intervals, beside that of all rows.

    Args:
        frame: `segments` of `console.rescoring.Rescoring`, in the order to draw.
        overall: the share of all rows, in [0, 1].
    """
    top = min(1.0, 1.08 * max(float(frame["high"].max()), overall, 1e-6))
    scale = alt.Scale(domain=[0, top], nice=False)
    share = axis("Answers that change", format=".0%" if top > 0.1 else ".1%", tickCount=5)
    x = alt.X("share:Q", scale=scale, axis=share)
    colour = alt.condition(
        alt.datum.clear, alt.value(palette.alert), alt.value(palette.reference)
    )  # beside a solid or hollow point
    names = axis(
        None, labelLimit=290, labelOverlap=False, labelFlush=False, ticks=False, domain=False
    )
    base = alt.Chart(frame).encode(
        y=alt.Y("segment:N", sort=frame["segment"].tolist(), axis=names),
        tooltip=[
            alt.Tooltip("segment:N", title="Segment"),
            alt.Tooltip("share:Q", format=".2%", title="Answers that change"),
            alt.Tooltip("low:Q", format=".2%", title="At least"),
            alt.Tooltip("high:Q", format=".2%", title="At most"),
            alt.Tooltip("changed:Q", format=",", title="Changed"),
            alt.Tooltip("n:Q", format=",", title="Rows"),
        ],
    )
    span = base.mark_rule(strokeWidth=2.5).encode(
        x=alt.X("low:Q", scale=scale), x2=alt.X2("high:Q"), color=colour
    )
    solid = alt.condition(alt.datum.clear, alt.value(1), alt.value(0))
    dots = base.mark_point(filled=True, size=80, strokeWidth=2, opacity=1).encode(
        x=x, color=colour, stroke=colour, fillOpacity=solid
    )
    whole = alt.Chart(pd.DataFrame({"share": [overall], "word": ["all rows"]}))
    rule = whole.mark_rule(color=palette.muted, strokeDash=[4, 3]).encode(x=x)
    word = whole.mark_text(align="left", dx=5, dy=-8, fontSize=11, color=palette.muted).encode(
        x=x, y=y_at(0), text=alt.Text("word:N")
    )
    return _layers([rule, word, span, dots], _ROW * len(frame) + _AXIS)


def shift(frame: pd.DataFrame, title: str, palette: Palette) -> alt.LayerChart:
    """By how much amounts move: nine in ten lie on the line, the mean has its interval.

    Args:
        frame: one row: p05, p50, p95, mean, low, high (see `console.rescoring.Shift`).
        title: of the axis, with the unit.
    """
    reach = 1.1 * max(float(frame.abs().to_numpy().max()), 1e-9)
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    x = axis(title, format=",~r", tickCount=7, grid=False)
    base = alt.Chart(frame).encode(
        tooltip=[
            alt.Tooltip("mean:Q", format="+.3~g", title="Mean"),
            alt.Tooltip("p05:Q", format="+.3~g", title="5 % quantile"),
            alt.Tooltip("p50:Q", format="+.3~g", title="Median"),
            alt.Tooltip("p95:Q", format="+.3~g", title="95 % quantile"),
        ]
    )
    zero = alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color=palette.muted)
    wide = base.mark_rule(color=palette.reference, strokeWidth=3)
    middle = base.mark_tick(color=palette.reference, thickness=3, size=18)
    mean = base.mark_rule(color=palette.current, strokeWidth=7)
    point = base.mark_point(color=palette.current, filled=True, size=110, opacity=1)
    return _layers(
        [
            zero.encode(x=alt.X("zero:Q", scale=scale, axis=x)),
            wide.encode(x=alt.X("p05:Q", scale=scale), x2=alt.X2("p95:Q")),
            middle.encode(x=alt.X("p50:Q", scale=scale)),
            mean.encode(x=alt.X("low:Q", scale=scale), x2=alt.X2("high:Q")),
            point.encode(x=alt.X("mean:Q", scale=scale)),
        ],
        96,
    )


def _layers(layers: list[Any], height: int) -> alt.LayerChart:
    found: alt.LayerChart = alt.LayerChart(layer=layers).properties(height=height)
    return found
