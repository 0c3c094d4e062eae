"""Performance: whether the champion is still right, where truth is known."""

from dataclasses import dataclass

import pandas as pd

from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.signature import Signature
from console.comparison.metrics import RESAMPLES
from console.drift.decisions.intervals import Z, wilson
from console.monitors.kinds.asked import CERTAIN, Asked
from console.monitors.kinds.versions import needs_champion
from console.monitors.looks import Finding, firing_if
from console.monitors.sentences import last
from console.performance.realized import figures
from console.performance.results import Figure
from console.windows import DAY

SAMPLE = 20_000
FEWEST_RESAMPLES = 20


def look(asked: Asked) -> Finding:
    """Fires when the task's first metric is worse than promised, or than the floor, surely.

    Surely: its interval of three standard deviations (`CERTAIN`, as many looks are taken at rows
    that are mostly the same) lies wholly on the wrong side of the floor, or of the 95 % interval on
    the rows that were held out when the version was trained.
    """
    version = asked.version
    if version is None:
        return needs_champion(asked)
    days = asked.rule["window_days"]
    window = asked.window(days * DAY)
    signature = Signature.from_json(version.signature)
    rows = asked.rows(version, window, SAMPLE, signature.names[0])
    found = _first(version, signature, rows)
    if found.value is None:
        message = f"Over {last(1_440 * days)}: {found.message}"
        return Finding("no_data", None, None, found.n, message, window.start, window.end)
    return _judged(asked, window, found, _promised(asked, version, signature))


def _first(version: Version, signature: Signature, rows: pd.DataFrame) -> Figure:
    """The task's first metric. That of a classification is a share, and needs no resampling."""
    count = RESAMPLES if version.task == "regression" else FEWEST_RESAMPLES
    return figures(version.task, signature, rows, count)[0]


@dataclass(frozen=True)
class _Promised:
    """The first metric on the rows that were held out: its value, 95 % interval and rows."""

    version: int
    value: float | None
    low: float | None
    high: float | None
    n: int


def _promised(asked: Asked, version: Version, signature: Signature) -> _Promised | None:
    """What was promised, kept from look to look; None where the rule has a floor."""
    if asked.rule["floor"] is not None:
        return None
    if asked.state.get("version") == version.id:
        return _Promised(**asked.state)
    heldout = artefacts.table(asked.database, version, artefacts.HELDOUT, asked.store)
    found = _first(version, signature, heldout)
    return _Promised(version.id, found.value, found.low, found.high, found.n)


def _judged(asked: Asked, window: Window, found: Figure, promised: _Promised | None) -> Finding:
    metric = found.metric
    limit, said = asked.rule["floor"], "the limit is"
    if promised is not None:
        limit = promised.low if metric.greater_is_better else promised.high
        towards = "down to" if metric.greater_is_better else "up to"
        said = f"{_shown(promised.value)} was promised on {promised.n:,} held-out rows, {towards}"
    state = {} if promised is None else vars(promised)
    if limit is None or found.low is None or found.high is None:
        message = f"{metric.title} was not measured when the version was trained. Set a floor."
        return Finding("no_data", found.value, None, found.n, message, window.start, window.end)
    fires = _is_surely_worse(found, limit)
    outside = found.high < limit if metric.greater_is_better else found.low > limit
    chance = ", which may be chance" if outside and not fires else ""
    message = (
        f"{metric.title} is {_shown(found.value)} ({_shown(found.low)} to {_shown(found.high)}) on"
        f" {found.n:,} rows with truth of {last(1_440 * asked.rule['window_days'])}{chance}; {said}"
        f" {_shown(limit)}."
    )
    return Finding(
        status=firing_if(fires),
        figure=found.value,
        limit=limit,
        n=found.n,
        message=message,
        start=window.start,
        end=window.end,
        state=state,
    )


def _is_surely_worse(found: Figure, limit: float) -> bool:
    """Whether the interval of `CERTAIN` standard deviations is wholly worse than a limit."""
    value, low, high = (float(end or 0.0) for end in (found.value, found.low, found.high))
    if found.metric.unit == "share":
        low, high = (float(end) for end in wilson(value, found.n, CERTAIN))
    else:  # of a mean loss the 95 % interval is known, and its ends are stretched
        low, high = (value + (end - value) * CERTAIN / Z for end in (low, high))
    return high < limit if found.metric.greater_is_better else low > limit


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:,.3g}"
