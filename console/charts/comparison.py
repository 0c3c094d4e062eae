"""Two versions on the same rows: differences with their intervals."""

import altair as alt
import pandas as pd

from console.charts.base import Palette, axis

ROW = 46


def intervals(frame: pd.DataFrame, palette: Palette) -> alt.VConcatChart:
    """One line per metric: the difference b − a with its interval, and zero as a rule.

    Metrics differ in unit, so each line has its own scale; zero is in all of them.

    Args:
        frame: `title`, `difference`, `low`, `high` (in the metric's unit), `label` (the sentence
            beside the interval), `clear` (whether the interval leaves zero out).
    """
    lines = [_line(frame.iloc[[i]], palette) for i in range(len(frame))]
    found: alt.VConcatChart = alt.vconcat(*lines, spacing=4).resolve_scale(x="independent")
    return found


def _line(row: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    title = str(row["title"].iloc[0])
    clear = bool(row["clear"].iloc[0])
    colour = palette.current if clear else palette.reference
    reach = 1.15 * max(abs(float(row["low"].iloc[0])), abs(float(row["high"].iloc[0])), 1e-9)
    x = alt.X(
        "difference:Q",
        scale=alt.Scale(domain=[-reach, reach]),
        axis=axis(None, format="~g", tickCount=5, grid=False),
    )
    base = alt.Chart(row)
    tooltip = [alt.Tooltip(c, format=".4~g") for c in ("difference", "low", "high")]
    zero = (
        alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color=palette.muted).encode(x="zero:Q")
    )
    span = base.mark_rule(color=colour, strokeWidth=3).encode(x=alt.X("low:Q"), x2="high:Q")
    point = base.mark_point(color=colour, filled=clear, size=90, opacity=1).encode(
        x=x, tooltip=tooltip
    )
    label = base.mark_text(align="left", baseline="bottom", dy=-8, fontSize=12, color=palette.ink)
    text = label.encode(text="label:N", x=alt.value(0))
    heading = alt.TitleParams(title, anchor="start", fontSize=12, color=palette.muted)
    layers = [zero, span, point, text]
    return alt.LayerChart(layer=layers).properties(height=ROW, title=heading)
