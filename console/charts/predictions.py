"""Charts of the log."""

import altair as alt
import pandas as pd

from console.charts import base
from console.charts.base import Palette, y_at


def traffic(
    frame: pd.DataFrame, moves: pd.DataFrame, span: tuple[int, int], palette: Palette
) -> alt.LayerChart:
    """Requests over time, stacked by what came of them, with the moves of the champion.

    Args:
        frame: `explore.traffic`: at, until (UTC timestamps), series, count, low, high.
        moves: `explore.moves`: at, label, late.
        span: the window's ends, in UTC milliseconds.
    """
    colours = series_colours(sorted(frame["series"].unique()), palette)
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    legend = alt.Legend(title=None, orient="top", symbolType="square", padding=0, offset=4)
    bars = (
        alt.Chart(frame)
        .mark_rect(x2Offset=-1)
        .encode(
            x=base.time_x("at", span=span),
            x2=alt.X2("until:T"),
            y=alt.Y("low:Q", axis=base.axis("Requests", tickCount=4, format="~s")),
            y2=alt.Y2("high:Q"),
            color=alt.Color("series:N", scale=scale, legend=legend),
            tooltip=[
                alt.Tooltip("at:T", title="From", format="%d %b %Y %H:%M"),
                alt.Tooltip("series:N", title="What"),
                alt.Tooltip("count:Q", title="Requests", format=","),
            ],
        )
    )
    marks = alt.Chart(moves).encode(x=alt.X("at:T"))
    rules = marks.mark_rule(color=palette.ink, strokeDash=[3, 3])
    names = marks.encode(y=y_at(-6), text=alt.Text("label:N"))
    early = names.mark_text(align="left", dx=4, fontSize=11, color=palette.ink)
    late = names.mark_text(align="right", dx=-4, fontSize=11, color=palette.ink)
    found: alt.LayerChart = bars + rules
    found += early.transform_filter("!datum.late")
    found += late.transform_filter("datum.late")
    found = found.properties(height=170)
    return found  # noqa: RET504 — the annotation is what the type checker lacks


def series_colours(series: list[str], palette: Palette) -> dict[str, str]:
    """A colour for each series: versions in order; refused and failed have their own."""
    fixed = {"refused": palette.reference, "failed": palette.alert}
    free = [colour for colour in palette.series if colour not in fixed.values()]
    versions = [name for name in series if name not in fixed]
    found = {name: free[i % len(free)] for i, name in enumerate(versions)}
    return found | {name: fixed[name] for name in fixed if name in series}
