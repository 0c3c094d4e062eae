"""Numbers and times as people read them."""

import math
from datetime import UTC, datetime

from console.ui.resources import zone

NONE = "–"


def number(value: float | None, digits: int = 4) -> str:
    """A number to `digits` significant digits, thousands apart; a whole one in full."""
    if value is None or not math.isfinite(value):
        return NONE
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    decimals = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    if decimals > digits + 3:
        return f"{value:.{digits - 1}g}"
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float | None, decimals: int = 1) -> str:
    """A share in [0, 1] as a percentage."""
    if share is None or not math.isfinite(share):
        return NONE
    return f"{share * 100:.{decimals}f} %"


def chance(p: float | None) -> str:
    """A p-value or q-value: three decimals say all that a reader can use."""
    if p is None or not math.isfinite(p):
        return NONE
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"


def count(rows: int, noun: str, plural: str | None = None) -> str:
    """`1 prediction`, `1,204 predictions`."""
    return f"{rows:,} {noun if rows == 1 else plural or noun + 's'}"


def when(moment: int | None, seconds: bool = False) -> str:
    """UTC microseconds in the viewer's zone: `7 Apr 2011, 14:05`."""
    if moment is None:
        return NONE
    local = datetime.fromtimestamp(moment / 1_000_000, UTC).astimezone(zone())
    return (
        f"{local.day} {local:%b %Y, %H:%M:%S}" if seconds else f"{local.day} {local:%b %Y, %H:%M}"
    )


def day(moment: int) -> str:
    """UTC microseconds as a day in the viewer's zone: `7 Apr 2011`."""
    local = datetime.fromtimestamp(moment / 1_000_000, UTC).astimezone(zone())
    return f"{local.day} {local:%b %Y}"


def duration(seconds: float | None) -> str:
    """`0.8 s`, `42 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds is None:
        return NONE
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60} min"


def words(name: str) -> str:
    """A name of code for people: `random_forest` → `random forest`."""
    return name.replace("_", " ")
