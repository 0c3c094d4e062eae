"""Realized against estimated performance: over time, on record; truth's delay; a change's parts."""

from typing import Any, TypeVar

import altair as alt
import pandas as pd

from console.charts.base import HEIGHT, Palette, axis, time_x

ESTIMATED = 3  # the place of the estimates' colour in the palette's series
STRIP = 36  # pixels of the coverage strip
GAP = 22  # pixels above it
STEP = 38  # pixels of one step of a split
SQUARE = 300
ROOM = 1.25  # of the curve's length, so that the words at its last mark are not cut off
Channel = TypeVar("Channel", alt.X, alt.Y)
EFFECTS = ("level", "worse", "better", "unclear")


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
    form = _axis_format(is_share)
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
        tooltip=[*_stretch(), *_figures(is_share), alt.Tooltip("place", title="Truth's place")],
    )
    agree = (
        alt.Chart(pd.DataFrame({"estimated": ends, "realized": ends}))
        .mark_line(color=palette.reference, strokeDash=[4, 3])
        .encode(x=x, y=y)
    )
    return _layers([agree, across, upright, dots], SQUARE)


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
    layers: list[Any] = [
        band.encode(x=x, y=alt.Y("low:Q"), y2="high:Q"),
        line.encode(x=x, y=y),
        spots,
    ]
    if len(marks):
        layers += _marks(marks, palette)
    return _layers(layers, SQUARE)


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
        axis=axis(title, format=_axis_format(is_share), tickCount=6),
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
    return _layers(
        [
            drawn.encode(y=y, x=x, x2="since:Q", color=colour),
            spread.encode(y=y, x=_like(x, "low:Q"), x2="high:Q"),
            ticks.encode(y=y, x=x, color=colour),
        ],
        STEP * len(order) + 48,
    )


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
        line.encode(x=x, x2="until:T", y=_like(y, "estimated:Q"), tooltip=tooltip),
    ]


def _realized(
    frame: pd.DataFrame, y: alt.Y, ends: list[int], is_share: bool, palette: Palette
) -> list[alt.Chart]:
    base = alt.Chart(frame.dropna(subset=["realized"]))
    x = time_x("at", span=(ends[0], ends[1]))
    spread = base.mark_rule(color=palette.current, strokeWidth=1.5)
    line = base.mark_line(color=palette.current, opacity=0.6)
    dots = base.mark_circle(color=palette.current, size=48, opacity=1)
    where = _like(y, "realized:Q")
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
            tooltip=[*_stretch(), *_rows()],
        )
    )
    return found


def _marks(marks: pd.DataFrame, palette: Palette) -> list[alt.Chart]:
    base = alt.Chart(marks)
    drop = base.mark_rule(color=palette.muted, strokeDash=[4, 3]).encode(
        x="delay:Q", y="share:Q", y2=alt.datum(0)
    )
    dot = base.mark_point(color=palette.current, filled=True, size=70, opacity=1)
    word = base.mark_text(align="left", dx=8, dy=12, fontSize=12, color=palette.ink)
    places: dict[str, Any] = {"x": "delay:Q", "y": "share:Q"}
    return [drop, dot.encode(**places), word.encode(text="label:N", **places)]


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
        axis=axis(title, format=_axis_format(is_share), tickCount=6),
    )


def _like(channel: Channel, column: str) -> Channel:
    found: Channel = channel.copy()
    found.shorthand = column
    return found


def _axis_format(is_share: bool) -> str:
    return ".3~%" if is_share else ",.6~g"


def _stretch() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("since:T", title="From", format="%d %b %Y %H:%M"),
        alt.Tooltip("until:T", title="To", format="%d %b %Y %H:%M"),
    ]


def _rows() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("answered:Q", title="Answered", format=","),
        alt.Tooltip("known:Q", title="Truth known", format=","),
        alt.Tooltip("coverage:Q", title="Coverage", format=".1%"),
    ]


def _figures(is_share: bool) -> list[alt.Tooltip]:
    form = ".1%" if is_share else ".4~g"
    names = {
        "realized": "Realized",
        "low": "95 % from",
        "high": "to",
        "estimated": "Estimated",
        "band_low": "Band from",
        "band_high": "to ",
    }
    return [alt.Tooltip(f"{name}:Q", title=words, format=form) for name, words in names.items()]


def _tooltip(is_share: bool) -> list[alt.Tooltip]:
    return [*_stretch(), *_figures(is_share), *_rows()]


def _layers(layers: list[Any], height: int) -> alt.LayerChart:
    return alt.LayerChart(layer=layers).properties(height=height)
