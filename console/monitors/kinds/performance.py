"""Performance: whether the champion is still right, where truth is known."""

from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.signature import Signature
from console.monitors.kinds.asked import Asked
from console.monitors.kinds.versions import needs_champion
from console.monitors.looks import Finding, firing_if
from console.monitors.sentences import last
from console.performance.realized import figures
from console.performance.results import Figure
from console.windows import DAY

SAMPLE = 20_000


def look(asked: Asked) -> Finding:
    """Fires when the task's first metric is worse than promised, or than the floor, surely.

    Surely: its 95 % interval lies wholly on the wrong side of the floor, or of the interval on
    the rows that were held out when the version was trained.
    """
    version = asked.version
    if version is None:
        return needs_champion(asked)
    days = asked.rule["window_days"]
    window = asked.window(days * DAY)
    signature = Signature.from_json(version.signature)
    rows = asked.rows(version, window, SAMPLE, signature.names[0])
    found = figures(version.task, signature, rows)[0]
    if found.value is None:
        message = f"Over {last(1_440 * days)}: {found.message}"
        return Finding("no_data", None, None, found.n, message, window.start, window.end)
    expected = _expected(asked, version, signature)
    return _judged(asked, window, found, expected)


def _expected(asked: Asked, version: Version, signature: Signature) -> Figure | None:
    if asked.rule["floor"] is not None:
        return None
    heldout = artefacts.table(asked.database, version, artefacts.HELDOUT, asked.store)
    return figures(version.task, signature, heldout)[0]


def _judged(asked: Asked, window: Window, found: Figure, expected: Figure | None) -> Finding:
    metric = found.metric
    floor = asked.rule["floor"]
    limit = floor
    promised = "the limit is"
    if expected is not None:
        limit = expected.low if metric.greater_is_better else expected.high
        promised = f"{_shown(expected.value)} was promised on {expected.n:,} held-out rows, down to"
        if not metric.greater_is_better:
            promised = promised.replace("down to", "up to")
    if limit is None or found.value is None or found.low is None or found.high is None:
        message = f"{metric.title} was not measured when the version was trained. Set a floor."
        return Finding("no_data", found.value, None, found.n, message, window.start, window.end)
    worse = found.high < limit if metric.greater_is_better else found.low > limit
    message = (
        f"{metric.title} is {_shown(found.value)} ({_shown(found.low)} to {_shown(found.high)}) on"
        f" {found.n:,} rows with truth of {last(1_440 * asked.rule['window_days'])}; {promised}"
        f" {_shown(limit)}."
    )
    status = firing_if(worse)
    return Finding(status, found.value, limit, found.n, message, window.start, window.end)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:,.3g}"
