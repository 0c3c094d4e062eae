"""Two versions on the same rows: differences with their intervals."""

import altair as alt
import pandas as pd

from console.charts.base import Palette, axis

HEIGHT = 128  # pixels of one metric, heading and axis included


def interval(row: pd.DataFrame, reach: float, palette: Palette) -> alt.LayerChart:
    """One metric: the difference b − a with its interval, and zero as a rule.

    Metrics differ in unit, so each has a chart and a scale of its own, with zero in the middle.

    Args:
        row: one row of `console.comparison.Comparison.frame`.
        reach: where the scale ends on both sides (the metric's unit).
    """
    clear = bool(row["clear"].iloc[0])
    colour = palette.current if clear else palette.reference
    x = alt.X(
        "difference:Q",
        scale=alt.Scale(domain=[-reach, reach], nice=False),
        axis=axis(None, format="~g", tickCount=5, grid=False),
    )
    base = alt.Chart(row)
    rule = alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color=palette.muted)
    span = base.mark_rule(color=colour, strokeWidth=3).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"))
    tooltip = [alt.Tooltip(c, format=".4~g") for c in ("difference", "low", "high")]
    point = base.mark_point(color=colour, filled=clear, size=90, opacity=1)
    layers = [rule.encode(x=alt.X("zero:Q")), span, point.encode(x=x, tooltip=tooltip)]
    heading = alt.TitleParams(
        str(row["title"].iloc[0]),
        subtitle=str(row["label"].iloc[0]),
        anchor="start",
        fontSize=13,
        subtitleFontSize=12,
        color=palette.ink,
        subtitleColor=palette.muted,
    )
    return alt.LayerChart(layer=layers).properties(height=HEIGHT, title=heading)
