"""What monitors would suit a model: fitted to how often it is asked, and how fast it answers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.records import registry
from backend.records.database import Database, now
from backend.records.predictions import Window
from console import windows
from console.monitors import rules
from console.monitors.sentences import last, minutes
from console.summaries import read
from console.windows import DAY, HOUR, MINUTE

ENOUGH_ROWS = 300
"""A window is long enough for a verdict on 0.3 standard deviations with about so many rows."""
LOOK_BACK = 28 * DAY
SLOWER = 3.0
LATENCY_MS = 100.0


@dataclass(frozen=True)
class Suggestion:
    """A monitor that would suit a model: its name, kind and checked rule, and why so."""

    name: str
    kind: str
    rule: dict[str, Any]
    why: str


@dataclass(frozen=True)
class _Habits:
    """How a model is asked: rows in an hour, and the longest pause between two (µs)."""

    per_hour: float
    pause: int
    p95_ms: float


def suggested(database: Database, model: str) -> list[Suggestion]:
    """Sensible monitors for a model, fitted to how much traffic it has.

    Raises:
        NotFound: there is no such model.
    """
    registry.model(database, model)
    habits = _habits(database, model)
    made = [_traffic(habits), _refused(habits), _latency(habits), _missing(habits)]
    made += [_drift(habits), _evidence(), _performance()]
    return [
        Suggestion(name, kind, rules.checked(kind, rule | _every(rule)), why)
        for name, kind, rule, why in made
    ]


def _every(rule: dict[str, Any]) -> dict[str, Any]:
    """A look a dozen times a window, once in five minutes at most and once an hour at least."""
    if "window_minutes" not in rule:
        return {}
    return {"every_minutes": min(max(rule["window_minutes"] // 12, 5), 60)}


_Suggested = tuple[str, str, dict[str, Any], str]


def _habits(database: Database, model: str) -> _Habits | None:
    """Of its newest rows, live or replayed; None if it has none."""
    span = windows.span(database, model)
    if span is None:
        return None
    window = Window(max(span[0], span[1] + 1 - LOOK_BACK), span[1] + 1)
    rows = read.traffic(database, model, window, HOUR)
    starts = np.unique(rows["at"].to_numpy(dtype=np.int64))
    hours = max((window.end - window.start) / HOUR, 1.0)
    per_hour = float(rows["count"].sum()) / hours
    gaps = np.diff(starts)
    pause = int(gaps.max()) if len(gaps) else HOUR
    live = Window(now() - LOOK_BACK, now())
    p95 = float(read.latencies(database, model, live, (0.95,))[0])
    return _Habits(per_hour, max(pause, round(HOUR / per_hour)), p95)


def _window(habits: _Habits | None, choices: tuple[int, ...], rows: int = ENOUGH_ROWS) -> int:
    """The shortest of some lengths (minutes) that usually holds so many rows."""
    if habits is None:
        return choices[0]
    fit = (one for one in choices if habits.per_hour * one / 60 >= rows)
    return next(fit, choices[-1])


def _traffic(habits: _Habits | None) -> _Suggested:
    # An hour is what summaries tell apart; a pause may be as long again as the longest was.
    quiet = 60 if habits is None else max(30, min(2 * habits.pause // MINUTE, 43_200))
    why = f"No pause was longer than half of {minutes(quiet)}." if habits else "An hour to begin."
    return "Traffic", "traffic", {"quiet_minutes": int(quiet)}, why


def _refused(habits: _Habits | None) -> _Suggested:
    window = _window(habits, (60, 360, 1_440, 10_080), 50)
    why = f"About 50 requests come in {last(window)}." if habits else "One in twenty."
    return "Refused requests", "refused", {"limit": 0.05, "window_minutes": window}, why


def _latency(habits: _Habits | None) -> _Suggested:
    window = _window(habits, (60, 360, 1_440, 10_080), 50)
    p95 = np.nan if habits is None else habits.p95_ms
    limit = LATENCY_MS if np.isnan(p95) else max(round(SLOWER * p95, 1), 10.0)
    why = f"Three times the {p95:,.3g} ms of the last weeks." if not np.isnan(p95) else "To begin."
    return "Latency", "latency", {"limit_ms": float(limit), "window_minutes": window}, why


def _missing(habits: _Habits | None) -> _Suggested:
    window = _window(habits, (60, 360, 1_440, 10_080), 100)
    why = "Five in a hundred more than in the reference."
    return "Missing values", "missing", {"by": 0.05, "window_minutes": window}, why


def _drift(habits: _Habits | None) -> _Suggested:
    window = _window(habits, (1_440, 10_080, 43_200)) // 60
    why = "Enough rows for a verdict usually come in that time."
    return "Drift", "drift", {"window_hours": window}, why


def _evidence() -> _Suggested:
    why = "For small changes that stay, with few false alarms."
    return "Evidence of drift", "evidence", {"weeks": 12.0}, why


def _performance() -> _Suggested:
    why = "Against what was promised when the version was trained."
    return "Performance", "performance", {"window_days": 28}, why
