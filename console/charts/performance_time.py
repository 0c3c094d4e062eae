"""A metric through the window: what came true, what was estimated, how much truth is known."""

import altair as alt
import pandas as pd

from console.charts.base import HEIGHT, Palette, axis, time_x
from console.charts.performance_base import axis_format, figures, like, stretch

ESTIMATED = 3  # the place of the estimates' colour in the palette's series
STRIP = 36  # pixels of the coverage strip
GAP = 22  # pixels above it


def over_time(
    frame: pd.DataFrame, title: str, is_share: bool, promised: float | None, palette: Palette
) -> alt.LayerChart:
    """A metric through the window, realized and estimated, above the share of known truths.

    Args:
        frame: `console.performance.frames.course`, with at least one value.
        title: the metric's, with its unit.
        is_share: whether its values are shares in [0, 1].
        promised: its value on the held-out rows, drawn as a rule.
    """
    ends = _span(frame)
    y = _scale(title, is_share)
    layers = _estimates(frame, y, ends, is_share, palette)
    if promised is not None:
        layers.append(_promise(promised, palette))
    layers += _realized(frame, y, ends, is_share, palette)
    parts = [alt.LayerChart(layer=layers), _coverage(frame, ends, palette)]
    realized, estimated = (bool(frame[name].notna().any()) for name in ("realized", "estimated"))
    shown = (realized, estimated, promised)
    parts += _legend(shown, palette)
    drawn = alt.LayerChart(layer=parts).properties(height=HEIGHT + STRIP + GAP)
    found: alt.LayerChart = drawn.resolve_scale(y="independent")
    return found


def _estimates(
    frame: pd.DataFrame, y: alt.Y, ends: list[int], is_share: bool, palette: Palette
) -> list[alt.Chart]:
    """Bands and steps, each as wide as the stretch that it was estimated for."""
    colour = palette.series[ESTIMATED]
    base = alt.Chart(frame.dropna(subset=["estimated"]))
    x, tooltip = time_x("since", span=(ends[0], ends[1])), _tooltip(is_share)
    band = base.mark_rect(color=colour, opacity=0.22)
    line = base.mark_rule(color=colour, strokeWidth=2)
    return [
        band.encode(x=x, x2="until:T", y=alt.Y("band_low:Q"), y2="band_high:Q", tooltip=tooltip),
        line.encode(x=x, x2="until:T", y=like(y, "estimated:Q"), tooltip=tooltip),
    ]


def _realized(
    frame: pd.DataFrame, y: alt.Y, ends: list[int], is_share: bool, palette: Palette
) -> list[alt.Chart]:
    base = alt.Chart(frame.dropna(subset=["realized"]))
    x = time_x("at", span=(ends[0], ends[1]))
    spread = base.mark_rule(color=palette.current, strokeWidth=1.5)
    line = base.mark_line(color=palette.current, opacity=0.6)
    dots = base.mark_circle(color=palette.current, size=48, opacity=1)
    where = like(y, "realized:Q")
    return [
        spread.encode(x=x, y=alt.Y("low:Q"), y2="high:Q"),
        line.encode(x=x, y=where, detail="run:N"),
        dots.encode(x=x, y=where, tooltip=_tooltip(is_share)),
    ]


def _promise(value: float, palette: Palette) -> alt.Chart:
    data = pd.DataFrame({"promised": [value]})
    line = alt.Chart(data).mark_rule(color=palette.reference, strokeDash=[5, 4], strokeWidth=1.5)
    found: alt.Chart = line.encode(y="promised:Q")
    return found


def _legend(shown: tuple[bool, bool, float | None], palette: Palette) -> list[alt.Chart]:
    """What the marks mean, above the chart: those that are drawn."""
    realized, estimated, promised = shown
    rows = [
        (realized, "●", "realized, with its 95 % interval", palette.current, 216),
        (estimated, "■", "estimated, with its band", palette.series[ESTIMATED], 176),
        (promised is not None, "┅", "promised, on held-out rows", palette.reference, 196),
        (True, "■", "answers whose truth is known", palette.reference, 0),
    ]
    found: list[alt.Chart] = []
    place = 0
    for is_drawn, sign, words, colour, width in rows:
        if is_drawn:
            found += [_word(sign, colour, place), _word(words, palette.muted, place + 16)]
            place += width
    return found


def _word(text: str, colour: str, x: int) -> alt.Chart:
    mark = alt.Chart(pd.DataFrame({"text": [text]})).mark_text(
        align="left", baseline="bottom", fontSize=12, color=colour
    )
    found: alt.Chart = mark.encode(text="text:N", x=alt.value(x), y=alt.value(-8))
    return found


def _coverage(frame: pd.DataFrame, ends: list[int], palette: Palette) -> alt.Chart:
    found: alt.Chart = (
        alt.Chart(frame.dropna(subset=["coverage"]))
        .mark_rect(color=palette.reference, opacity=0.55)
        .encode(
            x=time_x("since", span=(ends[0], ends[1])),
            x2="until:T",
            y=alt.Y(
                "coverage:Q",
                # Its own part of the chart's height, below the part of the metric.
                scale=alt.Scale(
                    domain=[0, 1],
                    range=[alt.ExprRef("height"), alt.ExprRef(f"height - {STRIP}")],
                ),
                axis=axis("Known", format="%", values=[0, 1], grid=False, orient="left"),
            ),
            y2=alt.datum(0),
            tooltip=[*stretch(), *_rows()],
        )
    )
    return found


def _span(frame: pd.DataFrame) -> list[int]:
    """The ends of the time axis in UTC milliseconds."""
    return [
        int(frame["since"].min().timestamp() * 1e3),
        int(frame["until"].max().timestamp() * 1e3),
    ]


def _scale(title: str, is_share: bool) -> alt.Y:
    return alt.Y(
        "realized:Q",
        scale=alt.Scale(zero=False, nice=True, range=[alt.ExprRef(f"height - {STRIP + GAP}"), 0]),
        axis=axis(title, format=axis_format(is_share), tickCount=6),
    )


def _rows() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("answered:Q", title="Answered", format=","),
        alt.Tooltip("known:Q", title="Truth known", format=","),
        alt.Tooltip("coverage:Q", title="Coverage", format=".1%"),
    ]


def _tooltip(is_share: bool) -> list[alt.Tooltip]:
    return [*stretch(), *figures(is_share), *_rows()]
