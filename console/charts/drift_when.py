"""The verdict on one stretch of a window after another, a line for each feature."""

import altair as alt
import pandas as pd

from console.charts.base import Palette, axis, time_x

ROW = 26  # pixels a feature
FURNITURE = 110  # what the legend and the axis take
STATUSES = ["drifted", "moderate", "stable", "not_enough_rows"]
WORDS = {
    "drifted": "drifted",
    "moderate": "moved moderately",
    "stable": "stable",
    "not_enough_rows": "not enough rows",
}


def strip(frame: pd.DataFrame, order: list[str], palette: Palette) -> alt.Chart:
    """Stretches as cells, coloured by their verdict; the legend says it in words.

    Args:
        frame: `console.summaries.report.over_time`, of the features to show.
        order: their titles, from the top.
    """
    words = [WORDS[status] for status in STATUSES]
    colours = [palette.alert, palette.current, palette.reference, palette.grid]
    table = frame.assign(verdict=frame["status"].map(WORDS))
    drawn: alt.Chart = (
        alt.Chart(table)
        .mark_rect(stroke=palette.grid, strokeWidth=0.5)
        .encode(
            x=time_x(),
            x2=alt.X2("until:T"),
            y=alt.Y("title:N", sort=order, axis=axis(None, labelLimit=220, labelOverlap=False)),
            color=alt.Color(
                "verdict:N",
                scale=alt.Scale(domain=words, range=colours),
                legend=alt.Legend(orient="top", title=None, symbolType="square"),
            ),
            opacity=alt.Opacity(
                "verdict:N",
                scale=alt.Scale(domain=words, range=[1.0, 0.75, 0.25, 0.4]),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("title", title="Feature"),
                alt.Tooltip("verdict", title="Verdict"),
                alt.Tooltip("at", title="From", format="%d %b %H:%M"),
                alt.Tooltip("until", title="To", format="%d %b %H:%M"),
                alt.Tooltip("floors", title="Effect ÷ floor", format=".2f"),
                alt.Tooltip("n_current", title="Values", format=","),
            ],
        )
        .properties(height=ROW * len(order) + FURNITURE)
    )
    return drawn
