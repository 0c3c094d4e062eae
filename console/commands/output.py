"""Output for people: aligned tables, values in few characters, and progress."""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

NOTHING = "-"
PAUSE_SECONDS = 0.5


def table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows under their headings, in aligned columns; columns of numbers to the right."""
    texts = [[shown(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headings, *texts, strict=True)]
    right = [_is_numeric([row[i] for row in rows]) for i in range(len(headings))]
    lines = [
        "  ".join(
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in ([heading.upper() for heading in headings], *texts)
    ]
    return "\n".join(lines)


def shown(value: Any) -> str:
    """A value for a cell. Control characters, which a caller may have sent, are escaped."""
    if value is None or value != value:  # NaN alone differs from itself
        return NOTHING
    if isinstance(value, float):
        return f"{value:.4g}"
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    safe = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return safe or NOTHING


def metrics(found: Mapping[str, Any], most: int = 3) -> str:
    """The first few metrics of a version."""
    numbers = [(k, v) for k, v in found.items() if isinstance(v, (int, float))]
    return " ".join(f"{name}={value:.4g}" for name, value in numbers[:most])


def plain(value: Any) -> Any:
    """A value as JSON knows it: NaN and infinity become null, numpy's numbers plain ones."""
    from console.jobs.child import plain as as_json

    return as_json(value)


def iso(at: int | None) -> str | None:
    """UTC microseconds as ISO 8601, with fractions of a second where there are any."""
    from datetime import UTC, datetime, timedelta

    if at is None:
        return None
    time_utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    return time_utc.isoformat().replace("+00:00", "Z")


class Progress:
    """Progress on standard error: one line for each message, at most two a second."""

    def __init__(self) -> None:
        self._last = ""
        self._at = 0.0

    def __call__(self, share: float, message: str) -> None:
        """Say how far it is; `share` lies in [0, 1]."""
        soon = time.monotonic() - self._at < PAUSE_SECONDS and share < 1.0
        if message == self._last or soon:
            return
        self._last, self._at = message, time.monotonic()
        sys.stderr.write(f"{share:5.0%}  {message}\n")
        sys.stderr.flush()


def _is_numeric(values: Sequence[Any]) -> bool:
    found = [value for value in values if value is not None]
    return bool(found) and all(isinstance(value, (int, float)) for value in found)
