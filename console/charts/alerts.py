"""The matrix of a fire drill: which monitor noticed which fault, and after how long."""

import altair as alt
import pandas as pd

from console.charts.base import Palette, axis

ROW = 34  # pixels a fault
FURNITURE = 72  # what the names of the monitors and the legend take
WORDS = {
    "noticed": "noticed, after",
    "missed": "missed",
    "anyway": "fires without it too",
    "no_data": "too little to look at",
}


def matrix(frame: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """Cells of faults (down) and monitors (across) with the time it took in them.

    Args:
        frame: `console.monitors.drilled.matrix`.
    """
    faults = list(dict.fromkeys(frame["title"]))
    monitors = list(dict.fromkeys(frame["monitor"]))
    colours = [palette.current, palette.grid, palette.alert, palette.reference]
    table = frame.assign(verdict=frame["status"].map(WORDS))
    base = alt.Chart(table).encode(
        x=alt.X(
            "monitor:N",
            sort=monitors,
            axis=axis(None, orient="top", labelAngle=0, labelLimit=130, labelOverlap=False,
                      domain=False, ticks=False),
        ),
        y=alt.Y(
            "title:N",
            sort=faults,
            axis=axis(None, labelLimit=330, labelOverlap=False, domain=False, ticks=False),
        ),
    )  # fmt: skip
    cells = base.mark_rect(stroke=palette.grid, strokeWidth=1, cornerRadius=3).encode(
        color=alt.Color(
            "verdict:N",
            scale=alt.Scale(domain=list(WORDS.values()), range=colours),
            legend=alt.Legend(
                orient="bottom", title=None, symbolType="square", symbolOpacity=0.6, symbolSize=140
            ),
        ),
        opacity=alt.Opacity(
            "verdict:N",
            scale=alt.Scale(domain=list(WORDS.values()), range=[0.35, 0.3, 0.3, 0.15]),
            legend=None,
        ),
        tooltip=[
            alt.Tooltip("title:N", title="Fault"),
            alt.Tooltip("monitor:N", title="Monitor"),
            alt.Tooltip("verdict:N", title="Was"),
            alt.Tooltip("text:N", title="After"),
            alt.Tooltip("message:N", title="It said"),
        ],
    )
    texts = base.mark_text(fontSize=12, color=palette.ink).encode(text="text:N")
    found: alt.LayerChart = (cells + texts).properties(height=ROW * len(faults) + FURNITURE)
    return found
