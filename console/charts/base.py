"""What all charts share: colours by meaning, axes with units, labels beside their marks.

Colours are those of `.streamlit/config.toml`: Okabe and Ito's, which stay apart under the common
colour blindnesses ("Color Universal Design", 2008), in the order that keeps 3:1 against the
theme's background. Times are timestamps in UTC; Vega draws them in the viewer's own zone.
"""

from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import pandas as pd

HEIGHT = 260


@dataclass(frozen=True)
class Palette:
    """Colours by what they mean, for one theme.

    `reference` is what was, `current` what is, `alert` what needs a look (never without a word
    or shape beside it); `series` are for things that mean nothing but themselves, in order.
    """

    ink: str
    muted: str
    grid: str
    reference: str
    current: str
    alert: str
    series: tuple[str, ...]


LIGHT = Palette(
    ink="#17212B",
    muted="#55606B",
    grid="#E4E9EE",
    reference="#767676",
    current="#0072B2",
    alert="#D55E00",
    series=("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#767676"),
)
DARK = Palette(
    ink="#E3E9EF",
    muted="#98A4AF",
    grid="#242F3A",
    reference="#98A4AF",
    current="#56B4E9",
    alert="#E69F00",
    series=("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00"),
)


def axis(title: str | None, unit: str | None = None, **options: Any) -> alt.Axis:
    """An axis that says what it measures, and in what."""
    text = f"{title} ({unit})" if title and unit else title
    return alt.Axis(title=text, **options)


def time_x(
    column: str = "at", title: str | None = None, span: tuple[int, int] | None = None
) -> alt.X:
    """A time axis in the viewer's zone; its ticks say that it is time, so it needs no title.

    Args:
        column: holds UTC timestamps.
        span: the ends of the axis in UTC milliseconds; those of the data if None.
    """
    scale = alt.Scale(domain=list(span)) if span is not None else alt.Scale()
    labels = alt.Axis(title=title, tickCount=8, labelOverlap=True, grid=False)
    return alt.X(f"{column}:T", axis=labels, scale=scale)


def share_y(column: str, title: str) -> alt.Y:
    """An axis from 0 to 1."""
    return alt.Y(f"{column}:Q", scale=alt.Scale(domain=[0, 1]), axis=axis(title, tickCount=5))


def colours(domain: list[str], palette: Palette, legend: bool = False) -> alt.Color:
    """Series in the palette's order; no legend where labels stand beside the marks."""
    scale = alt.Scale(domain=domain, range=list(palette.series[: len(domain)]))
    return alt.Color("series:N", scale=scale, legend=alt.Legend(title=None) if legend else None)


def end_labels(
    frame: pd.DataFrame, x: str, y: str, series: str, palette: Palette, *, dx: int = 6
) -> alt.Chart:
    """The name of each series beside its last point, instead of a legend."""
    last = frame.loc[frame.groupby(series)[x].idxmax()]
    labels = alt.Chart(last).mark_text(
        align="left", baseline="middle", dx=dx, fontSize=12, color=palette.ink
    )
    found: alt.Chart = labels.encode(x=x, y=y, text=series)
    return found


def rule(value: float, label: str, palette: Palette, *, vertical: bool = True) -> alt.LayerChart:
    """A line across the chart at `value` with its label, such as a threshold."""
    data = pd.DataFrame({"at": [value], "label": [label]})
    channel = {"x": alt.X("at:Q")} if vertical else {"y": alt.Y("at:Q")}
    place: dict[str, Any] = {"y": alt.value(0)} if vertical else {"x": alt.value(0)}
    line = alt.Chart(data).mark_rule(color=palette.alert, strokeDash=[4, 3]).encode(**channel)
    text = (
        alt.Chart(data)
        .mark_text(align="left", dx=4, dy=8 if vertical else -6, fontSize=11, color=palette.muted)
        .encode(text=alt.Text("label:N"), **channel, **place)
    )
    found: alt.LayerChart = line + text
    return found


def x_at(pixels: int | Literal["width"]) -> alt.XValue:
    """A place across the chart in pixels; quicker than `alt.value`, which looks its channel up."""
    return alt.XValue(pixels)  # type: ignore[no-untyped-call]  # Altair leaves it without types


def y_at(pixels: int) -> alt.YValue:
    """A place down the chart in pixels."""
    return alt.YValue(pixels)  # type: ignore[no-untyped-call]  # as above
