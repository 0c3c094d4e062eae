"""The evidence of change, block by block, on its way to an alarm."""

import altair as alt
import pandas as pd

from console.charts.base import HEIGHT, Palette, axis, rule, time_x

TOP = 1.5
"""Evidence beyond this many thresholds is drawn here: one row of another unit makes hundreds."""


def evidence(
    frame: pd.DataFrame, threshold: float, began: pd.Timestamp | None, palette: Palette
) -> alt.LayerChart:
    """A line of the leading feature's evidence, with the alarm's level and a point at each alarm.

    Args:
        frame: `Evidence.frame` with `at` (UTC timestamp, the block's end) and `title` (of the
            feature that leads).
        threshold: natural log, as `log_evidence`.
        began: where the evidence began to grow; None draws no mark.
    """
    table = frame.assign(share=(frame["log_evidence"] / threshold).clip(0, TOP))
    top = max(1.15, float(table["share"].max()) * 1.05)
    base = alt.Chart(table).encode(
        x=time_x(),
        y=alt.Y(
            "share:Q",
            scale=alt.Scale(domain=[0, top], nice=False),
            axis=axis("Way to an alarm", format="%", tickCount=5),
        ),
        tooltip=[
            alt.Tooltip("at", title="Up to", format="%d %b %H:%M"),
            alt.Tooltip("title", title="Leads"),
            alt.Tooltip("log_evidence", title="Evidence (ln)", format=".1f"),
            alt.Tooltip("n", title="Rows", format=","),
        ],
    )
    line = base.mark_line(color=palette.current, interpolate="step-after", strokeWidth=1.8)
    points = base.transform_filter("datum.share >= 1").mark_point(
        color=palette.alert, filled=True, size=70, shape="diamond", opacity=1
    )
    drawn = line + points + rule(1.0, "alarm", palette, vertical=False)
    if began is not None:
        is_late = began > table["at"].iloc[0] + (table["at"].iloc[-1] - table["at"].iloc[0]) / 2
        drawn += _began(began, is_late, palette)
    found: alt.LayerChart = drawn.properties(height=HEIGHT)
    return found


def _began(at: pd.Timestamp, is_late: bool, palette: Palette) -> alt.LayerChart:
    """A line with its words on the side that has more room."""
    data = pd.DataFrame({"at": [at], "label": ["began to grow"]})
    base = alt.Chart(data).encode(x=alt.X("at:T"))
    line = base.mark_rule(color=palette.muted, strokeDash=[2, 3])
    text = base.mark_text(
        align="right" if is_late else "left",
        dx=-4 if is_late else 4,
        dy=8,
        fontSize=11,
        color=palette.muted,
    ).encode(text="label:N", y=alt.value(0))
    found: alt.LayerChart = line + text
    return found
