"""How good one version is: confusion, calibration, importance, residuals."""

from typing import Any

import altair as alt
import pandas as pd

from console.charts.base import HEIGHT, Palette, axis

_SHADE = alt.Scale(domain=[0, 1], range=[0, 0.55])


def confusion(frame: pd.DataFrame, target: str, palette: Palette) -> alt.LayerChart:
    """Truth against answer: each cell its rows, shaded by the share of that truth.

    Args:
        frame: `console.training.figures.confusion`.
    """
    labels = frame["truth"].drop_duplicates().tolist()
    base = alt.Chart(frame).encode(
        x=alt.X("predicted:N", sort=labels, axis=axis(f"Predicted {target}", labelAngle=0)),
        y=alt.Y("truth:N", sort=labels, axis=axis(f"True {target}")),
        tooltip=[
            alt.Tooltip("truth"),
            alt.Tooltip("predicted"),
            alt.Tooltip("n"),
            alt.Tooltip("share", format=".1%"),
        ],
    )
    # Right answers in one colour, wrong ones in another; the number in each cell says which.
    colour = alt.condition(alt.datum.right, alt.value(palette.current), alt.value(palette.alert))
    cells = base.mark_rect(stroke=palette.grid).encode(
        color=colour,
        opacity=alt.Opacity(
            "share:Q", scale=alt.Scale(domain=[0, 1], range=[0, 0.55]), legend=None
        ),
    )
    text = base.mark_text(fontSize=15 if len(labels) < 8 else 10, color=palette.ink)
    return _layers([cells, text.encode(text=alt.Text("n:Q", format=","))], HEIGHT)


def calibration(frame: pd.DataFrame, of: str, palette: Palette) -> alt.LayerChart:
    """The mean score of each tenth against the share observed; the diagonal is perfect.

    Args:
        frame: `console.training.figures.calibration`.
        of: what the score is the probability of.
    """
    unit = alt.Scale(domain=[0, 1])
    diagonal = pd.DataFrame({"mean_score": [0.0, 1.0], "observed": [0.0, 1.0]})
    perfect = (
        alt.Chart(diagonal)
        .mark_line(color=palette.reference, strokeDash=[4, 3])
        .encode(x=alt.X("mean_score:Q"), y=alt.Y("observed:Q"))
    )
    word = (
        alt.Chart(diagonal.assign(label="perfect").head(1).assign(mean_score=0.7, observed=0.74))
        .mark_text(align="right", color=palette.muted, fontSize=12)
        .encode(x=alt.X("mean_score:Q"), y=alt.Y("observed:Q"), text=alt.Text("label:N"))
    )
    base = alt.Chart(frame).encode(
        x=alt.X("mean_score:Q", scale=unit, axis=axis(f"Mean score: P({of})", tickCount=5)),
        y=alt.Y("observed:Q", scale=unit, axis=axis("Share observed", tickCount=5)),
        tooltip=[
            alt.Tooltip("mean_score", format=".3f"),
            alt.Tooltip("observed", format=".3f"),
            alt.Tooltip("n", format=",", title="rows"),
        ],
    )
    line = base.mark_line(color=palette.current, opacity=0.5)
    size = alt.Size("n:Q", scale=alt.Scale(range=[30, 320]), legend=None)
    dots = base.mark_circle(color=palette.current, opacity=1).encode(size=size)
    return _layers([perfect, word, line, dots], HEIGHT)


def importance(frame: pd.DataFrame, metric: str, palette: Palette) -> alt.LayerChart:
    """How much worse the answers get when a feature is shuffled; longest bar first.

    Args:
        frame: `console.training.figures.importance`.
        metric: what gets worse, with its unit.
    """
    base = alt.Chart(frame).encode(
        y=alt.Y("feature:N", sort=None, axis=axis(None, labelLimit=190, labelOverlap=False)),
        tooltip=[
            alt.Tooltip("feature"),
            alt.Tooltip("mean", format=".3~g"),
            alt.Tooltip("sd", format=".2~g"),
        ],
    )
    bars = base.mark_bar(color=palette.current, height={"band": 0.65}).encode(
        x=alt.X("mean:Q", axis=axis(f"Increase in {metric} when shuffled", format="~g"))
    )
    spread = base.mark_rule(color=palette.ink).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"))
    return _layers([bars, spread], 24 * len(frame) + 64)


def residuals(frame: pd.DataFrame, target: str, palette: Palette) -> alt.LayerChart:
    """Truth minus answer as a histogram, with zero as a rule.

    Args:
        frame: `console.training.figures.residuals`.
        target: its name, with its unit.
    """
    bars = (
        alt.Chart(frame)
        .mark_bar(color=palette.current, binSpacing=1)
        .encode(
            x=alt.X("lower:Q", bin="binned", axis=axis(f"Truth minus answer: {target}")),
            x2=alt.X2("upper:Q"),
            y=alt.Y("n:Q", axis=axis("Held-out rows")),
            tooltip=[alt.Tooltip("lower"), alt.Tooltip("upper"), alt.Tooltip("n")],
        )
    )
    zero = (
        alt.Chart(pd.DataFrame({"zero": [0.0]}))
        .mark_rule(color=palette.ink)
        .encode(x=alt.X("zero:Q"))
    )
    return _layers([bars, zero], HEIGHT)


def points(frame: pd.DataFrame, target: str, palette: Palette) -> alt.LayerChart:
    """Answers against truths; on the diagonal they agree.

    Args:
        frame: `console.training.figures.points`.
    """
    both = pd.concat([frame["truth"], frame["value"]])
    ends = [float(both.min()), float(both.max())]
    scale = alt.Scale(domain=ends, nice=True)
    dots = (
        alt.Chart(frame)
        .mark_circle(color=palette.current, opacity=0.45, size=26)
        .encode(
            x=alt.X("value:Q", scale=scale, axis=axis(f"Answer: {target}")),
            y=alt.Y("truth:Q", scale=scale, axis=axis(f"Truth: {target}")),
            tooltip=[alt.Tooltip("row"), alt.Tooltip("truth"), alt.Tooltip("value", format=".4~g")],
        )
    )
    line = pd.DataFrame({"value": ends, "truth": ends})
    agree = alt.Chart(line).mark_line(color=palette.reference, strokeDash=[4, 3])
    return _layers([agree.encode(x=alt.X("value:Q"), y=alt.Y("truth:Q")), dots], HEIGHT)


def _layers(layers: list[Any], height: int) -> alt.LayerChart:
    return alt.LayerChart(layer=layers).properties(height=height)
