"""Two versions on the same rows: differences with their intervals, calibration, thresholds, costs.

Version a is drawn in the colour of what was (grey, hollow, dashed), version b in that of what is.
"""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from console.charts.base import Palette, axis, x_at, y_at

ROW = 34  # pixels of one metric
HEIGHT = 320
_FURNITURE = 56  # pixels of the axis and the words above
_LABELS = 186  # pixels of the names of metrics: both parts of a forest plot begin at one place
_DASHED = alt.Scale(domain=["a", "b"], range=[[5, 3], [1, 0]])
_SHAPES = alt.Scale(domain=["a", "b"], range=["square", "circle"])


def forest(
    frame: pd.DataFrame, sides: tuple[str, str], title: str, palette: Palette
) -> alt.LayerChart:
    """A forest plot: a row a metric, with its difference and interval around zero.

    Args:
        frame: title, effect, low, high (of one unit; right of zero is better for the second
            side), better (a, b or unclear), text (the difference in words). Drawn in its order.
        sides: what stands above the left and the right half; nothing where they are empty.
        title: of the axis.
    """
    reach = 1.12 * max(float(frame[["effect", "low", "high"]].abs().to_numpy().max()), 1e-9)
    order = frame["title"].tolist()
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    x = alt.X("effect:Q", scale=scale, axis=axis(title, format=",~r", tickCount=5, grid=False))
    labels = axis(
        None,
        labelLimit=_LABELS,
        labelOverlap=False,
        labelFlush=False,
        minExtent=_LABELS,
        ticks=False,
        domain=False,
    )
    colour = alt.Color("better:N", scale=_winners(palette), legend=None)
    base = alt.Chart(frame).encode(y=alt.Y("title:N", sort=order, axis=labels))
    zero = alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color=palette.muted)
    tooltip = [
        alt.Tooltip("title:N", title="Metric"),
        alt.Tooltip("text:N", title="Difference"),
        alt.Tooltip("outcome:N", title="Outcome"),
    ]
    span = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("low:Q", scale=scale), x2=alt.X2("high:Q"), color=colour, tooltip=tooltip
    )
    # Solid where the interval leaves zero out, hollow where it does not: not by colour alone.
    solid = alt.condition(alt.datum.better == "unclear", alt.value(0), alt.value(1))
    point = base.mark_point(filled=True, size=110, strokeWidth=2.2, opacity=1).encode(
        x=x, color=colour, stroke=colour, fillOpacity=solid, tooltip=tooltip
    )
    words = base.mark_text(align="left", dx=12, fontSize=12, color=palette.muted).encode(
        x=x_at("width"), text=alt.Text("text:N")
    )
    layers = [zero.encode(x=alt.X("zero:Q")), span, point, words]
    found = alt.LayerChart(layer=[*layers, *_above(sides, scale, palette)])
    sized: alt.LayerChart = found.properties(height=ROW * len(order) + _FURNITURE)
    return sized


def calibration(
    frame: pd.DataFrame, of: str, names: tuple[str, str], palette: Palette
) -> alt.LayerChart:
    """How often what a score foretold came true, of both; on the diagonal each was right.

    Args:
        frame: `console.comparison.curves.calibration` of both sides.
        of: what the score is the probability of.
        names: of the sides.
    """
    unit = alt.Scale(domain=[0, 1])
    ends = pd.DataFrame({"mean_score": [0.0, 1.0], "share": [0.0, 1.0]})
    perfect = alt.Chart(ends).mark_line(color=palette.muted, strokeWidth=1, opacity=0.6)
    x = alt.X("mean_score:Q", scale=unit, axis=axis(f"Mean score: P({of})", tickCount=5))
    y = alt.Y("share:Q", scale=unit, axis=axis("Share that came true", tickCount=5))
    base = alt.Chart(_named(frame, names)).encode(x=x, color=_colour(names, palette))
    tooltip = [
        alt.Tooltip("name:N", title="Version"),
        alt.Tooltip("mean_score:Q", format=".3f", title="Mean score"),
        alt.Tooltip("share:Q", format=".3f", title="Came true"),
        alt.Tooltip("n:Q", format=",", title="Rows"),
    ]
    spread = base.mark_rule(opacity=0.55).encode(
        y=alt.Y("low:Q", scale=unit), y2=alt.Y2("high:Q"), tooltip=tooltip
    )
    line = base.mark_line(strokeWidth=1.5, opacity=0.6).encode(
        y=y, strokeDash=alt.StrokeDash("side:N", scale=_DASHED, legend=None)
    )
    size = alt.Size("n:Q", scale=alt.Scale(range=[24, 190]), legend=None)
    dots = base.mark_point(filled=True, opacity=1).encode(
        y=y, size=size, shape=alt.Shape("side:N", scale=_SHAPES, legend=None), tooltip=tooltip
    )
    return _layers([perfect.encode(x=x, y=y), spread, line, dots])


def by_threshold(
    frame: pd.DataFrame,
    column: str,
    title: str,
    names: tuple[str, str],
    marks: pd.DataFrame,
    top: float,
    palette: Palette,
) -> alt.LayerChart:
    """A figure of both sides by the threshold at which the score is cut; 0.5 is what answers.

    Args:
        frame: side, threshold and `column`.
        column, title: which figure, and its name for the axis.
        marks: side, threshold and `column` of the points to mark, such as the least cost.
        top: where the axis ends; what lies above is cut off.
    """
    x = alt.X("threshold:Q", scale=alt.Scale(domain=[0, 1]), axis=axis("Threshold", tickCount=5))
    y = alt.Y(f"{column}:Q", scale=alt.Scale(domain=[0, top]), axis=axis(title, tickCount=5))
    tooltip = [
        alt.Tooltip("name:N", title="Version"),
        alt.Tooltip("threshold:Q", format=".2f", title="Threshold"),
        alt.Tooltip(f"{column}:Q", format=".4~f", title=title),
    ]
    colour = _colour(names, palette)
    now = alt.Chart(pd.DataFrame({"threshold": [0.5], "word": ["answers at 0.5"]}))
    rule = now.mark_rule(color=palette.muted, strokeDash=[2, 3]).encode(x=x)
    word = now.mark_text(align="left", dx=5, dy=8, fontSize=11, color=palette.muted).encode(
        x=x, y=y_at(0), text=alt.Text("word:N")
    )
    line = (
        alt.Chart(_named(frame.dropna(subset=[column]), names))
        .mark_line(strokeWidth=2, clip=True)
        .encode(
            x=x,
            y=y,
            color=colour,
            strokeDash=alt.StrokeDash("side:N", scale=_DASHED, legend=None),
            tooltip=tooltip,
        )
    )
    dots = (
        alt.Chart(_named(marks, names))
        .mark_point(filled=True, size=90, opacity=1)
        .encode(
            x=x,
            y=y,
            color=colour,
            shape=alt.Shape("side:N", scale=_SHAPES, legend=None),
            tooltip=tooltip,
        )
    )
    return _layers([rule, word, line, dots])


def _winners(palette: Palette) -> alt.Scale:
    return alt.Scale(
        domain=["a", "b", "unclear"], range=[palette.alert, palette.current, palette.reference]
    )


def _above(sides: tuple[str, str], scale: alt.Scale, palette: Palette) -> list[alt.Chart]:
    """The words over the two halves, pointing away from zero."""
    made: list[alt.Chart] = []
    if not any(sides):
        return made
    x, y = alt.X("zero:Q", scale=scale), y_at(0)
    for word, left in ((f"← {sides[0]}", True), (f"{sides[1]} →", False)):
        data = alt.Chart(pd.DataFrame({"zero": [0.0], "word": [word]}))
        mark = data.mark_text(
            align="right" if left else "left",
            dx=-8 if left else 8,
            dy=-10,
            fontSize=12,
            color=palette.muted,
        )
        made.append(mark.encode(x=x, y=y, text=alt.Text("word:N")))
    return made


def _named(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    return frame.assign(name=frame["side"].map(dict(zip("ab", names, strict=True))))


def _colour(names: tuple[str, str], palette: Palette) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=[palette.reference, palette.current])
    legend = alt.Legend(
        title=None, orient="top", symbolType="circle", symbolStrokeWidth=0, symbolOpacity=1
    )
    return alt.Color("name:N", scale=scale, legend=legend)


def _layers(layers: list[Any]) -> alt.LayerChart:
    found: alt.LayerChart = alt.LayerChart(layer=layers).properties(height=HEIGHT)
    return found
