"""Charts of What-if: the classes of an answer, and how it moves along one feature."""

import altair as alt
import pandas as pd

from console.charts import base
from console.charts.base import Palette


def probabilities(frame: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """Each class's probability as a bar, the chosen one in colour.

    Args:
        frame: `Answer.frame`: label, probability in [0, 1], chosen.
    """
    start = alt.Chart(frame).encode(
        x=alt.X("probability:Q", scale=alt.Scale(domain=[0, 1.15]), axis=None),
        y=alt.Y("label:N", sort=None, axis=alt.Axis(title=None, domain=False, ticks=False)),
        tooltip=[
            alt.Tooltip("label:N"),
            alt.Tooltip("probability:Q", format=".4f", title="Probability"),
        ],
    )
    colour = alt.when("datum.chosen").then(alt.value(palette.current))
    bars = start.mark_bar(height={"band": 0.6}, cornerRadiusEnd=2).encode(
        color=colour.otherwise(alt.value(palette.reference))
    )
    labels = start.mark_text(align="left", dx=5, color=palette.ink, fontSize=13).encode(
        text=alt.Text("probability:Q", format=".3f")
    )
    found: alt.LayerChart = (bars + labels).properties(height=max(34 * len(frame), 68))
    return found


def curve(
    frame: pd.DataFrame, feature: str, answer: str, palette: Palette, *, share: bool
) -> alt.LayerChart:
    """How the answer moves as one feature moves, with the present value marked.

    Args:
        frame: `sweep.curve`'s: input (number or text), answer, decision, is_now.
        feature: the feature's title, with its unit.
        answer: what is drawn, with its unit.
        share: whether the answer is a probability, drawn from 0 to 1.
    """
    numeric = pd.api.types.is_numeric_dtype(frame["input"])
    y_scale = alt.Scale(domain=[0, 1]) if share else alt.Scale(zero=False, nice=True)
    y = alt.Y("answer:Q", scale=y_scale, axis=base.axis(answer, tickCount=5))
    shown = [
        alt.Tooltip("input", title=feature),
        alt.Tooltip("answer:Q", format=".4f" if share else ",.4~g", title=answer),
        alt.Tooltip("decision:N", title="Answer"),
    ]
    if numeric:
        x = alt.X("input:Q", scale=alt.Scale(zero=False, nice=False), axis=base.axis(feature))
        line = alt.Chart(frame).mark_line(
            color=palette.current, strokeWidth=2, point={"size": 14, "color": palette.current}
        )
    else:
        x = alt.X("input:N", sort=None, axis=base.axis(feature, labelAngle=0, labelLimit=90))
        line = alt.Chart(frame).mark_circle(size=90, color=palette.current, opacity=1)
    here = alt.Chart(frame.loc[frame["is_now"]]).encode(x=x, y=y, tooltip=shown)
    mark = here.mark_point(size=150, filled=False, strokeWidth=2.5, color=palette.alert)
    text = here.mark_text(dy=-14, fontSize=12, color=palette.ink).encode(text=alt.TextValue("now"))
    found: alt.LayerChart = (line.encode(x=x, y=y, tooltip=shown) + mark + text).properties(
        height=base.HEIGHT
    )
    return found
