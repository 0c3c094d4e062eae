"""The estimates' track record, truth's delay, and the parts of a change of performance."""

from typing import Any

import altair as alt
import pandas as pd

from console.charts.base import Palette, axis
from console.charts.performance_base import axis_format, figures, layers, like, stretch

STEP = 38  # pixels of one step of a split
SQUARE = 300
ROOM = 1.25  # of the curve's length, so that the words at its last mark are not cut off
EFFECTS = ("level", "worse", "better", "unclear")


def track_record(
    frame: pd.DataFrame, title: str, is_share: bool, palette: Palette
) -> alt.LayerChart:
    """Earlier estimates against the truth that came later; on the diagonal they agree.

    Args:
        frame: `console.performance.frames.points`, with at least one row.
        title: the metric's, with its unit.
    """
    values = frame[["band_low", "band_high", "low", "high", "estimated", "realized"]].stack()
    ends = [float(values.min()), float(values.max())]
    scale = alt.Scale(domain=ends, nice=True, zero=False)
    form = axis_format(is_share)
    colour = alt.Color(
        "place:N",
        legend=None,
        scale=alt.Scale(domain=["inside", "outside"], range=[palette.current, palette.alert]),
    )
    base = alt.Chart(frame).encode(color=colour)
    x = alt.X(
        "estimated:Q", scale=scale, axis=axis(f"{title}, estimated", format=form, tickCount=5)
    )
    y = alt.Y("realized:Q", scale=scale, axis=axis(f"{title}, realized", format=form, tickCount=5))
    across = base.mark_rule(opacity=0.5).encode(
        x=alt.X("band_low:Q", scale=scale), x2="band_high:Q", y=y
    )
    upright = base.mark_rule(opacity=0.5).encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q")
    dots = base.mark_point(filled=True, size=64, opacity=1).encode(
        x=x,
        y=y,
        shape=alt.Shape(
            "place:N",
            legend=None,
            scale=alt.Scale(domain=["inside", "outside"], range=["circle", "diamond"]),
        ),
        tooltip=[*stretch(), *figures(is_share), alt.Tooltip("place", title="Truth's place")],
    )
    agree = (
        alt.Chart(pd.DataFrame({"estimated": ends, "realized": ends}))
        .mark_line(color=palette.reference, strokeDash=[4, 3])
        .encode(x=x, y=y)
    )
    return layers([agree, across, upright, dots], SQUARE)


def maturity(
    frame: pd.DataFrame, marks: pd.DataFrame, unit: str, palette: Palette
) -> alt.LayerChart:
    """The share of answers whose truth is known, by the time since they were given.

    Args:
        frame, marks, unit: `console.performance.frames.curve`.
    """
    ends = [0, float(frame["delay"].max()) * ROOM]
    x = alt.X(
        "delay:Q",
        scale=alt.Scale(domain=ends, nice=False),
        axis=axis("Time since the answer", unit, tickCount=6),
    )
    y = alt.Y(
        "share:Q",
        scale=alt.Scale(domain=[0, 1]),
        axis=axis("Answers whose truth is known", format="%", tickCount=5),
    )
    base = alt.Chart(frame)
    band = base.mark_area(color=palette.current, opacity=0.18, interpolate="step-after")
    line = base.mark_line(color=palette.current, interpolate="step-after")
    tooltip = [
        alt.Tooltip("delay", title=unit.capitalize(), format=".3~g"),
        *(
            alt.Tooltip(name, title=words, format=".1%")
            for name, words in (("share", "Known"), ("low", "95 % from"), ("high", "to"))
        ),
    ]
    spots = base.mark_point(opacity=0, size=80).encode(x=x, y=y, tooltip=tooltip)
    drawn: list[Any] = [
        band.encode(x=x, y=alt.Y("low:Q"), y2="high:Q"),
        line.encode(x=x, y=y),
        spots,
    ]
    if len(marks):
        drawn += _marks(marks, palette)
    return layers(drawn, SQUARE)


def split(frame: pd.DataFrame, title: str, is_share: bool, palette: Palette) -> alt.LayerChart:
    """A change step by step: from the reference, by other inputs and a changed relation, to now.

    Args:
        frame: `console.performance.frames.steps` with `label`, each step in words.
        title: the metric's, with its unit.
    """
    order = frame["label"].tolist()
    x = alt.X(
        "until:Q",
        scale=alt.Scale(nice=True, zero=False),
        axis=axis(title, format=axis_format(is_share), tickCount=6),
    )
    y = alt.Y("label:N", sort=order, axis=axis(None, labelLimit=380, labelFontSize=12))
    colour = alt.Color(
        "effect:N",
        legend=None,
        scale=alt.Scale(
            domain=list(EFFECTS),
            range=[palette.ink, palette.alert, palette.current, palette.reference],
        ),
    )
    levels, parts = (frame[frame["kind"] == kind] for kind in ("level", "part"))
    drawn = alt.Chart(parts).mark_bar(height=14, opacity=0.55)
    spread = alt.Chart(parts).mark_rule(strokeWidth=1.5, color=palette.ink)
    ticks = alt.Chart(levels).mark_tick(thickness=3, size=24)
    return layers(
        [
            drawn.encode(y=y, x=x, x2="since:Q", color=colour),
            spread.encode(y=y, x=like(x, "low:Q"), x2="high:Q"),
            ticks.encode(y=y, x=x, color=colour),
        ],
        STEP * len(order) + 48,
    )


def _marks(marks: pd.DataFrame, palette: Palette) -> list[alt.Chart]:
    base = alt.Chart(marks)
    drop = base.mark_rule(color=palette.muted, strokeDash=[4, 3]).encode(
        x="delay:Q", y="share:Q", y2=alt.datum(0)
    )
    dot = base.mark_point(color=palette.current, filled=True, size=70, opacity=1)
    word = base.mark_text(align="left", dx=8, dy=12, fontSize=12, color=palette.ink)
    places: dict[str, Any] = {"x": "delay:Q", "y": "share:Q"}
    return [drop, dot.encode(**places), word.encode(text="label:N", **places)]
