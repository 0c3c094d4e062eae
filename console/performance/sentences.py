"""Figures and durations in sentences."""

from console.performance.results import Figure, Metric

MINUS = "\N{MINUS SIGN}"


def shown(metric: Metric, value: float) -> str:
    """A metric's value: a share as `93.1 %`, anything else to three digits."""
    return percent(value) if metric.unit == "share" else _number(value)


def percent(share: float, digits: int = 1) -> str:
    """A share in [0, 1], as `93.1 %`."""
    return f"{100 * share:.{digits}f} %"


def size(metric: Metric, change: float) -> str:
    """The size of a change of a metric: of a share in percentage points."""
    return f"{100 * change:.1f} points" if metric.unit == "share" else _number(change)


def signed(metric: Metric, change: float) -> str:
    """A change of a metric: `−2.1 points`, `+12.4`; one that rounds to nothing has no sign."""
    text = size(metric, abs(change))
    if text == size(metric, 0.0):
        return text
    return f"{'+' if change > 0 else MINUS}{text}"


def interval(figure: Figure) -> str:
    """A figure's interval or band, as `91.0 % to 94.8 %`; empty without one."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{shown(figure.metric, figure.low)} to {shown(figure.metric, figure.high)}"


def duration(hours: float) -> str:
    """A length of time for people: `20 seconds`, `5 hours`, `3 days`."""
    if hours < 1 / 60:
        return _some(3_600 * hours, "second")
    if hours < 1:
        return _some(60 * hours, "minute")
    return _some(hours, "hour") if hours < 48 else _some(hours / 24, "day")


def _some(number: float, noun: str) -> str:
    text = f"{number:.2g}" if number < 10 else f"{number:.0f}"
    return f"{text} {noun}" if text == "1" else f"{text} {noun}s"


def _number(value: float) -> str:
    """Three digits, never as a power of ten where they are whole."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
