"""The champions of a model over time: who answered, how much, and how right it was."""

import altair as alt
import pandas as pd

from console.charts.base import Palette, axis, time_x, y_at
from console.charts.predictions import series_colours

BAND = 26  # pixels of the champions' band, at the top
TRAFFIC = 120
MEASURED = 120
GAP = 24
BELOW = BAND + GAP  # where traffic begins
AXIS = 44  # what the axis takes of the height


def timeline(
    stretches: pd.DataFrame,
    traffic: pd.DataFrame,
    ends: tuple[int, int],
    metric: tuple[str, bool] | None,
    palette: Palette,
) -> alt.LayerChart:
    """The champions' band above what each version answered, above how right each champion was.

    Args:
        stretches: a row a champion: start, until (UTC timestamps), series (`version 3`), label
            (empty where there is no room), since, by, reason, value, low, high, n.
        traffic: `console.explore.traffic`, within the axis; without a row that part is left out.
        ends: of the axis in UTC milliseconds.
        metric: its title with the unit, and whether it is a share; None draws no third part.
    """
    domain = sorted({*stretches["series"], *traffic["series"]}, key=_order)
    colour = alt.Color("series:N", legend=None, scale=_scale(domain, palette))
    under = 0 if metric is None else MEASURED + GAP
    height = BAND + under + AXIS
    layers: list[alt.Chart | alt.LayerChart] = [*_band(stretches, ends, colour, palette)]
    if len(traffic):
        layers.append(_bars(traffic, ends, colour, under))
        height += GAP + TRAFFIC
    if metric is not None:
        layers.append(_measured(stretches.dropna(subset=["value"]), ends, metric, colour))
    drawn = alt.LayerChart(layer=layers).properties(height=height)
    found: alt.LayerChart = drawn.resolve_scale(y="independent")
    return found


def _order(series: str) -> tuple[bool, int]:
    """Versions by number; what has none comes last."""
    number = series.rpartition(" ")[2]
    return (not number.isdecimal(), int(number) if number.isdecimal() else 0)


def _scale(domain: list[str], palette: Palette) -> alt.Scale:
    """A colour a version, the same in all parts, and as the page Predictions has them."""
    known = series_colours(domain, palette)
    return alt.Scale(domain=domain, range=[known[one] for one in domain])


def _band(
    stretches: pd.DataFrame, ends: tuple[int, int], colour: alt.Color, palette: Palette
) -> list[alt.Chart]:
    base = alt.Chart(stretches)
    x = time_x("start", span=ends)
    tooltip = [
        alt.Tooltip("series:N", title="Champion"),
        alt.Tooltip("start:T", title="From", format="%d %b %Y, %H:%M"),
        alt.Tooltip("until:T", title="To", format="%d %b %Y, %H:%M"),
        alt.Tooltip("by:N", title="By"),
        alt.Tooltip("reason:N", title="Reason"),
    ]
    rect = base.mark_rect(opacity=0.4, stroke=palette.ink, strokeWidth=0.5)
    text = base.mark_text(align="left", dx=6, fontSize=12, fontWeight=600, color=palette.ink)
    low = alt.Y2Value(BAND)  # type: ignore[no-untyped-call]  # Altair leaves it without types
    return [
        rect.encode(x=x, x2=alt.X2("until:T"), y=y_at(0), y2=low, color=colour, tooltip=tooltip),
        text.encode(x=x, y=y_at(BAND // 2), text=alt.Text("label:N")),
    ]


def _bars(traffic: pd.DataFrame, ends: tuple[int, int], colour: alt.Color, under: int) -> alt.Chart:
    """The requests, above the `under` lowest pixels."""
    scale = alt.Scale(zero=True, nice=True, range=[alt.ExprRef(f"height - {under}"), BELOW])
    y = alt.Y("low:Q", scale=scale, axis=axis("Requests", tickCount=4, format="~s"))
    found: alt.Chart = (
        alt.Chart(traffic)
        .mark_rect(opacity=0.85)
        .encode(
            x=time_x("at", span=ends),
            x2=alt.X2("until:T"),
            y=y,
            y2=alt.Y2("high:Q"),
            color=colour,
            tooltip=[
                alt.Tooltip("at:T", title="From", format="%d %b %Y, %H:%M"),
                alt.Tooltip("series:N", title="Answered by"),
                alt.Tooltip("count:Q", title="Requests", format=","),
            ],
        )
    )
    return found


def _measured(
    known: pd.DataFrame, ends: tuple[int, int], metric: tuple[str, bool], colour: alt.Color
) -> alt.LayerChart:
    """Each champion's metric as a line as long as it served, in its 95 % interval."""
    title, is_share = metric
    form = ".0%" if is_share else "~r"
    ends_of = [alt.ExprRef("height"), alt.ExprRef(f"height - {MEASURED}")]
    scale = alt.Scale(zero=False, nice=True, range=ends_of)
    y = alt.Y("value:Q", scale=scale, axis=axis(title, tickCount=4, format=form, orient="left"))
    tooltip = [
        alt.Tooltip("series:N", title="Champion"),
        *(
            alt.Tooltip(f"{name}:Q", title=said, format=".1%" if is_share else ".4~g")
            for name, said in (("value", title), ("low", "at least"), ("high", "at most"))
        ),
        alt.Tooltip("n:Q", title="Rows with truth", format=","),
    ]
    base, x = alt.Chart(known), time_x("start", span=ends)
    band = base.mark_rect(opacity=0.22).encode(
        x=x, x2=alt.X2("until:T"), y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=colour,
        tooltip=tooltip,
    )  # fmt: skip
    line = base.mark_rule(strokeWidth=2.5).encode(
        x=x, x2=alt.X2("until:T"), y=y, color=colour, tooltip=tooltip
    )
    return alt.LayerChart(layer=[band, line])
