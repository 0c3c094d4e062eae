"""Reference against current: ranked features, one feature's values, and its course over time."""

from typing import Any, Literal

import altair as alt
import pandas as pd

from console.charts.base import HEIGHT, Palette, axis, rule, time_x, x_at, y_at

FURNITURE = 64  # pixels of a chart's height that its axis and notes take


def bars(frame: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """How far each feature moved, in floors, with a rule at 1; the status stands at each bar.

    Args:
        frame: `console.drift.distributions.ranked`.
    """
    order = frame["title"].tolist()
    # Room for the words beside the longest bar.
    reach = max(float(frame["floors"].max()) * (1.2 + 0.022 * frame["label"].str.len().max()), 1.5)
    base = alt.Chart(frame).encode(
        y=alt.Y("title:N", sort=order, axis=axis(None, labelLimit=200, labelOverlap=False)),
        x=alt.X(
            "floors:Q",
            scale=alt.Scale(domain=[0, reach], nice=False),
            axis=axis("Effect ÷ floor; from 1 on it matters", tickCount=6),
        ),
    )
    colour = alt.Color(
        "status:N",
        legend=None,
        scale=alt.Scale(
            domain=["drifted", "moderate", "stable", "not_enough_rows"],
            range=[palette.alert, palette.current, palette.reference, palette.grid],
        ),
    )
    drawn = base.mark_bar(height={"band": 0.62}).encode(
        color=colour, tooltip=[alt.Tooltip("message")]
    )
    words = base.mark_text(align="left", dx=5, fontSize=11, color=palette.ink)
    layers = [drawn, rule(1.0, "", palette), words.encode(text=alt.Text("label:N"))]
    return _layers(layers, 26 * len(frame) + FURNITURE)


def histogram(
    frame: pd.DataFrame,
    title: str,
    notes: dict[str, str],
    palette: Palette,
    is_whole: bool = False,
) -> alt.LayerChart:
    """Shares of a number's values in the same bins: reference filled, current as a line.

    Args:
        frame: `console.drift.distributions.histogram`.
        notes: `reference` and `current` to what names their colours above the chart.
        is_whole: whether each bin holds one whole number.
    """
    # A bin around each whole number is named by it.
    whole: dict[str, Any] = {
        "values": [edge + 0.5 for edge in frame["lower"].unique()],
        "format": "d",
    }
    x = alt.X("lower:Q", bin="binned", axis=axis(title, **(whole if is_whole else {})))
    y = alt.Y("share:Q", axis=axis("Share of values", format="%"))
    tooltip = [
        alt.Tooltip("side"),
        alt.Tooltip("lower", format=".4~g"),
        alt.Tooltip("upper", format=".4~g"),
        alt.Tooltip("share", format=".1%"),
        alt.Tooltip("n", format=","),
    ]
    was, became = (frame[frame["side"] == side] for side in ("reference", "current"))
    filled = alt.Chart(was).mark_bar(color=palette.reference, opacity=0.45, binSpacing=0)
    outline = alt.Chart(became).mark_bar(
        filled=False, stroke=palette.current, strokeWidth=1.6, binSpacing=0
    )
    drawn = [
        part.encode(x=x, x2=alt.X2("upper:Q"), y=y, tooltip=tooltip) for part in (filled, outline)
    ]
    return _layers([*drawn, *_notes(notes, palette)], HEIGHT)


def categories(
    frame: pd.DataFrame, title: str, notes: dict[str, str], palette: Palette
) -> alt.LayerChart:
    """Shares of a category's values, reference above current.

    Args:
        frame: `console.drift.distributions.categories`.
        notes: as for `histogram`.
    """
    order = frame["category"].drop_duplicates().tolist()
    bars_ = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            y=alt.Y("category:N", sort=order, axis=axis(title, labelLimit=160)),
            yOffset=alt.YOffset("side:N", sort=["reference", "current"]),
            x=alt.X("share:Q", axis=axis("Share of values", format="%", tickCount=5)),
            color=alt.Color(
                "side:N",
                legend=None,
                scale=alt.Scale(
                    domain=["reference", "current"], range=[palette.reference, palette.current]
                ),
            ),
            tooltip=[
                alt.Tooltip("category"),
                alt.Tooltip("side"),
                alt.Tooltip("share", format=".1%"),
                alt.Tooltip("n"),
            ],
        )
    )
    return _layers([bars_, *_notes(notes, palette)], max(30 * len(order) + FURNITURE, HEIGHT))


def number_over_time(
    frame: pd.DataFrame, title: str, reference: float, palette: Palette
) -> alt.LayerChart:
    """A number's middle and band through the window, with the reference's middle.

    Args:
        frame: `console.drift.distributions.number_over_time`.
        reference: `console.drift.distributions.level`, in the feature's unit.
    """
    x = time_x()
    y = alt.Y("middle:Q", scale=alt.Scale(zero=False), axis=axis(title))
    base = alt.Chart(frame)
    band = base.mark_area(color=palette.current, opacity=0.18).encode(
        x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q")
    )
    line = base.mark_line(color=palette.current, point=alt.OverlayMarkDef(color=palette.current))
    tooltip = [
        alt.Tooltip("at:T", format="%d %b %Y %H:%M"),
        *(alt.Tooltip(name, format=".4~g") for name in ("low", "middle", "high", "n")),
    ]
    layers = [band, line.encode(x=x, y=y, tooltip=tooltip)]
    return _layers([*layers, *_level(reference, "reference", palette)], HEIGHT)


def category_over_time(frame: pd.DataFrame, title: str, palette: Palette) -> alt.LayerChart:
    """The shares of some categories through the window, each named at its last point.

    Args:
        frame: `console.drift.distributions.category_over_time`.
    """
    names = frame["category"].drop_duplicates().tolist()
    colour = alt.Color(
        "category:N",
        legend=None,
        scale=alt.Scale(domain=names, range=list(palette.series[: len(names)])),
    )
    base = alt.Chart(frame).encode(
        x=time_x(),
        y=alt.Y("share:Q", axis=axis(f"Share of {title}", format="%")),
        color=colour,
    )
    lines = base.mark_line(point=True).encode(
        tooltip=[alt.Tooltip("category"), alt.Tooltip("share", format=".1%"), alt.Tooltip("n")]
    )
    last = frame.loc[frame.groupby("category")["at"].idxmax()]
    words = alt.Chart(last).mark_text(align="left", dx=7, fontSize=12)
    words = words.encode(x=time_x(), y=alt.Y("share:Q"), text=alt.Text("category:N"), color=colour)
    return _layers([lines, words], HEIGHT)


def _notes(notes: dict[str, str], palette: Palette) -> list[alt.Chart]:
    """What the two colours mean, above the chart: reference at its left, current at its right."""
    return [
        _note(notes["reference"], palette.reference, "left", 0),
        _note(notes["current"], palette.current, "right", "width"),
    ]


def _note(
    note: str, colour: str, align: Literal["left", "right"], x: int | Literal["width"]
) -> alt.Chart:
    text = alt.Chart(pd.DataFrame({"note": [f"■ {note}"]})).mark_text(
        align=align, baseline="bottom", fontSize=12, color=colour
    )
    found: alt.Chart = text.encode(text=alt.Text("note:N"), x=x_at(x), y=y_at(-6))
    return found


def _level(value: float, label: str, palette: Palette) -> list[alt.Chart]:
    """A level of the reference across a time chart, named at its left end."""
    base = alt.Chart(pd.DataFrame({"level": [value], "label": [label]})).encode(y=alt.Y("level:Q"))
    line = base.mark_rule(color=palette.reference, strokeDash=[5, 4])
    word = base.mark_text(align="left", dx=4, dy=-7, fontSize=11, color=palette.muted)
    return [line, word.encode(text=alt.Text("label:N"), x=x_at(0))]


def _layers(layers: list[Any], height: int) -> alt.LayerChart:
    return alt.LayerChart(layer=layers).properties(height=height)
