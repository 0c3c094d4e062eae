"""Charts of a review's document as SVG, drawn for paper: no script, classes for colours.

Every text that comes from the document is escaped. A shape says the side besides its colour: the
reference is a filled area or a dashed line, the window an outline or a solid line.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

WIDTH, HEIGHT = 420, 152
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 22, 24
MOST_NAMES = 8
BAR = 11
NAME_CHARACTERS = 20
Chart = Mapping[str, Any]
Scale = Callable[[float], float]


def chart(found: Chart) -> str:
    """A chart of the document as a figure; an unknown kind, or one without data, as nothing."""
    draw = {"histogram": histogram, "bars": bars, "lines": lines}.get(str(found.get("kind")))
    body = draw(found) if draw else ""
    if not body:
        return ""
    return f"<figure><figcaption>{escape(str(found['title']))}</figcaption>{body}</figure>"


def histogram(found: Chart) -> str:
    """Shares of values in bins: the reference filled, the window as an outline."""
    edges, sides = found["edges"], (found["reference"], found["current"])
    most = max((max(side, default=0.0) for side in sides), default=0.0)
    if len(edges) < 2 or most <= 0:
        return ""
    x = _scale(edges[0], edges[-1], LEFT, WIDTH - RIGHT)
    y = _scale(0.0, most, HEIGHT - BOTTOM, TOP)
    parts = [_y_axis(ticks(0.0, most, 3), y, percent), _x_numbers(edges[0], edges[-1], x)]
    for side, kind in zip(sides, ("was", "is"), strict=True):
        points = [(x(edges[0]), y(0.0))]
        for place, share in enumerate(side):
            points += [(x(edges[place]), y(share)), (x(edges[place + 1]), y(share))]
        points.append((x(edges[-1]), y(0.0)))
        parts.append(f'<path class="{kind}" d="{_path(points)}"/>')
    parts.append(_legend(found))
    return _svg(found, parts, HEIGHT)


def bars(found: Chart) -> str:
    """Shares of categories: for each a bar of the reference and one of the window."""
    names = found["names"][:MOST_NAMES]
    shares = (found["reference"], found["current"])
    if not names:
        return ""
    most = max(max(side[: len(names)], default=0.0) for side in shares) or 1.0
    left = 120
    x = _scale(0.0, most, left, WIDTH - 48)
    parts = [_legend(found)]
    step = 2 * BAR + 9
    for place, name in enumerate(names):
        top = TOP + 6 + place * step
        middle = top + BAR + 4
        shown = escape(_cut(str(name)))
        parts.append(f'<text class="name" x="{left - 6}" y="{middle}">{shown}</text>')
        for row, (side, kind) in enumerate(zip(shares, ("was", "is"), strict=True)):
            y, width = top + row * (BAR + 1), max(x(side[place]) - left, 0.5)
            parts.append(
                f'<rect class="bar {kind}" x="{left}" y="{y}" width="{width:.1f}" height="{BAR}"/>'
                f'<text class="value" x="{left + width + 4:.1f}" y="{y + BAR - 2}">'
                f"{percent(side[place])}</text>"
            )
    left_out = len(found["names"]) - len(names)
    height = TOP + 10 + len(names) * step
    if left_out:
        parts.append(f'<text class="value" x="{left}" y="{height + 6}">{left_out} more</text>')
        height += 14
    return _svg(found, parts, height)


def lines(found: Chart) -> str:
    """Lines over time with their bands, and a dashed line for the level to compare with."""
    at = [datetime.fromisoformat(text).timestamp() for text in found["at"]]
    level = found.get("level")
    values = [v for one in found["series"] for v in _values(one)]
    values += [level["value"]] if level and level["value"] is not None else []
    if len(at) < 2 or not values:
        return ""
    low, high = min(values), max(values)
    share = found["unit"] == "share"
    low = 0.0 if 0 <= low <= 0.5 * high else low
    pad = (high - low or abs(high) or 1.0) * 0.06
    low, high = low if low == 0 else low - pad, high + pad
    x = _scale(at[0], at[-1], LEFT, WIDTH - RIGHT)
    y = _scale(low, high, HEIGHT - BOTTOM, TOP)
    parts = [_y_axis(ticks(low, high, 3), y, percent if share else number), _x_times(at, x)]
    if level and level["value"] is not None:
        across = f"{y(level['value']):.1f}"
        parts.append(
            f'<line class="level" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{across}" y2="{across}"/>'
        )
    parts += [_band(one, at, x, y, place) for place, one in enumerate(found["series"])]
    parts += [_line(one, at, x, y, place) for place, one in enumerate(found["series"])]
    names = [(f"s{place}", str(one["name"])) for place, one in enumerate(found["series"])]
    names += [("level", str(level["name"]))] if level else []
    parts.append(_names(names))
    return _svg(found, parts, HEIGHT)


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round numbers within an interval, at steps of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    rough = (high - low) / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough)
    first = math.ceil(low / step)
    last = math.floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]


def number(value: float) -> str:
    """A number for an axis."""
    if value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.2g}"
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def percent(share: float) -> str:
    """A share for an axis or a bar."""
    value = 100 * share
    return f"{value:.1f} %" if 0 < value < 10 and value != round(value) else f"{value:.0f} %"


def _scale(low: float, high: float, start: float, end: float) -> Scale:
    span = high - low or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def _svg(found: Chart, parts: Sequence[str], height: float) -> str:
    title = escape(str(found["title"]))
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{title}">'
        f"{''.join(parts)}</svg>"
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _y_axis(at: Sequence[float], y: Scale, shown: Callable[[float], str]) -> str:
    return "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(v):.1f}" y2="{y(v):.1f}"/>'
        f'<text class="value end" x="{LEFT - 5}" y="{y(v) + 3.5:.1f}">{shown(v)}</text>'
        for v in at
    )


def _x_numbers(low: float, high: float, x: Scale) -> str:
    found = ticks(low, high, 5)
    return "".join(
        f'<text class="value middle" x="{x(v):.1f}" y="{HEIGHT - 8}">{number(v)}</text>'
        for v in found
    )


def _x_times(at: Sequence[float], x: Scale) -> str:
    """The first, middle and last time, by the day where they lie days apart."""
    days = at[-1] - at[0] >= 2 * 86_400
    shown = []
    for share, anchor in ((0.0, ""), (0.5, "middle"), (1.0, "end")):
        value = at[0] + share * (at[-1] - at[0])
        time = datetime.fromtimestamp(value, UTC)
        text = f"{time.day} {time:%b %Y}" if days else f"{time.day} {time:%b %H:%M}"
        shown.append(
            f'<text class="value {anchor}" x="{x(value):.1f}" y="{HEIGHT - 8}">{text}</text>'
        )
    return "".join(shown)


def _legend(found: Chart) -> str:
    was = f"reference, n = {found['n_reference']:,}"
    return _names([("was", was), ("is", f"window, n = {found['n_current']:,}")])


def _names(names: Sequence[tuple[str, str]]) -> str:
    """The names of what is drawn, in a row above it."""
    parts, x = [], float(LEFT)
    for kind, name in names:
        shown = _cut(name, 26)
        if kind in {"was", "is"}:
            key = f'<rect class="bar {kind}" x="{x:.0f}" y="5" width="10" height="8"/>'
        else:
            key = f'<line class="{kind}" x1="{x:.0f}" x2="{x + 12:.0f}" y1="9" y2="9"/>'
        parts.append(f'{key}<text class="value" x="{x + 16:.0f}" y="12.5">{escape(shown)}</text>')
        x += 30 + 6.0 * len(shown)
    return "".join(parts)


def _values(one: Chart) -> list[float]:
    found = [*one["values"], *(one["low"] or []), *(one["high"] or [])]
    return [value for value in found if value is not None]


def _line(one: Chart, at: Sequence[float], x: Scale, y: Scale, place: int) -> str:
    """A line, broken where a value is missing; a point alone is a dot."""
    parts = []
    for run in _runs(one["values"]):
        points = [(x(at[i]), y(one["values"][i])) for i in run]
        if len(points) == 1:
            cx, cy = points[0]
            parts.append(f'<circle class="s{place}" cx="{cx:.1f}" cy="{cy:.1f}" r="2"/>')
        else:
            parts.append(f'<path class="s{place}" d="{_path(points)}"/>')
    return "".join(parts)


def _band(one: Chart, at: Sequence[float], x: Scale, y: Scale, place: int) -> str:
    low, high = one["low"], one["high"]
    if not low or not high:
        return ""
    both = [None if a is None or b is None else a for a, b in zip(low, high, strict=True)]
    parts = []
    for run in _runs(both):
        if len(run) > 1:
            up = [(x(at[i]), y(high[i])) for i in run]
            down = [(x(at[i]), y(low[i])) for i in reversed(run)]
            parts.append(f'<path class="band b{place}" d="{_path([*up, *down])}Z"/>')
    return "".join(parts)


def _runs(values: Sequence[float | None]) -> list[list[int]]:
    """The places of values that follow each other without a gap."""
    runs: list[list[int]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(place)
    return [run for run in runs if run]


def _cut(text: str, most: int = NAME_CHARACTERS) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
