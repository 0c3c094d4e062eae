"""What the charts of performance share: formats, tooltips, channels alike."""

from typing import Any, TypeVar

import altair as alt

Channel = TypeVar("Channel", alt.X, alt.Y)


def axis_format(is_share: bool) -> str:
    """How an axis tells a metric's values."""
    return ".3~%" if is_share else ",.6~g"


def stretch() -> list[alt.Tooltip]:
    """From when to when, for a tooltip."""
    return [
        alt.Tooltip("since:T", title="From", format="%d %b %Y %H:%M"),
        alt.Tooltip("until:T", title="To", format="%d %b %Y %H:%M"),
    ]


def figures(is_share: bool) -> list[alt.Tooltip]:
    """What came true and what was estimated, for a tooltip."""
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


def like(channel: Channel, column: str) -> Channel:
    """A channel with the same scale and axis, of another column."""
    found: Channel = channel.copy()
    found.shorthand = column
    return found


def layers(layers: list[Any], height: int) -> alt.LayerChart:
    """Marks one above the other."""
    return alt.LayerChart(layer=layers).properties(height=height)
