"""The stretches in which drift is followed over time, and how many of them cry wolf."""

from backend.records.predictions import Window
from console.drift.thresholds import PROMISED
from console.windows import DAY, HOUR, MINUTE, SECOND

MOST_BUCKETS = 60
_WIDTHS = (SECOND, 10 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR)
_WIDE = (12 * HOUR, DAY, 7 * DAY, 28 * DAY, 364 * DAY)

COLUMNS = ["at", "until", "feature", "title", "status", "effect", "floors", "n_current"]


def bucket_width(window: Window, most: int = 24) -> int:
    """The length of a stretch in microseconds: the shortest of a clock's that gives few enough."""
    most = min(max(most, 1), MOST_BUCKETS)
    for width in _WIDTHS + _WIDE:
        if -(-window.end // width) - window.start // width <= most:
            return width
    years = -(-(window.end - window.start) // (most * _WIDE[-1])) + 1
    return years * _WIDE[-1]


def expected_false(n_windows: int) -> float:
    """At most how many of `n_windows` windows show a flag though nothing has moved: 5 %."""
    return PROMISED * n_windows


def of_false_flags(n_windows: int, noun: str = "windows") -> str:
    """What a reader of several windows must know: how many of them cry wolf.

    Args:
        n_windows: those that were compared, 2 or more.
        noun: what they are called, in the plural.
    """
    expected = expected_false(n_windows)
    number = f"{expected:.0f}" if expected >= 1 else f"{expected:.2g}"
    verb = "shows" if number == "1" else "show"
    return f"Of {n_windows:,} quiet {noun} up to {number} {verb} a false flag: 5 %, by design."
