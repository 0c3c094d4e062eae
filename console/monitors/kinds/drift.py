"""Drift: the verdict on the last rows that the champion answered."""

from backend.records.predictions import Window
from backend.records.registry import Version
from console.drift.report import NOUN, SAMPLE
from console.drift.results import DriftReport, FeatureResult, Status
from console.monitors.kinds.asked import Asked
from console.monitors.kinds.versions import needs_champion, without
from console.monitors.looks import Finding
from console.monitors.sentences import last
from console.summaries import read
from console.summaries.judged import drift
from console.windows import HOUR

_FIRING: dict[str, tuple[Status, ...]] = {
    "drifted": ("drifted",),
    "moderate": ("drifted", "moderate"),
}


def look(asked: Asked) -> Finding:
    """Fires when a feature, or the one that is named, has the status of the rule."""
    version = asked.version
    if version is None:
        return needs_champion(asked)
    hours, name = asked.rule["window_hours"], asked.rule["feature"]
    window = asked.window(hours * HOUR)
    report = _report(asked, version, window)
    when = f"Over {last(60 * hours)}: "
    if name is None:
        return _of_all(asked, report, window, when)
    result = next((one for one in report.results if one.feature == name), None)
    return without(asked, version, name) if result is None else _of_one(asked, result, window, when)


def _of_all(asked: Asked, report: DriftReport, window: Window, when: str) -> Finding:
    statuses = _FIRING[asked.rule["least_status"]]
    counted = sum(result.status in statuses for result in report.results)
    status = "firing" if counted else "no_data" if report.status == "not_enough_rows" else "ok"
    figure = None if status == "no_data" else float(counted)
    message = f"{when}{report.message}"
    return Finding(status, figure, 0.0, report.n_current, message, window.start, window.end)  # type: ignore[arg-type]  # one of the three


def _of_one(asked: Asked, result: FeatureResult, window: Window, when: str) -> Finding:
    fires = result.status in _FIRING[asked.rule["least_status"]]
    unknown = result.status == "not_enough_rows"
    status = "firing" if fires else "no_data" if unknown else "ok"
    figure = None if unknown or result.effect != result.effect else result.effect
    n, message = result.n_current, f"{when}{result.message}"
    return Finding(status, figure, result.effect_floor, n, message, window.start, window.end)  # type: ignore[arg-type]  # one of the three


def _report(asked: Asked, version: Version, window: Window) -> DriftReport:
    """Of the rows that count. Sketches do not tell live rows from replayed ones."""
    if asked.source is None:
        return drift(asked.database, version, window, asked.store)
    rows = asked.rows(version, window, SAMPLE)
    if len(rows) == SAMPLE and _is_all_live(asked, window):
        return drift(asked.database, version, window, asked.store)
    return asked.references.of(asked.database, version, asked.store).compare(rows, NOUN)


def _is_all_live(asked: Asked, window: Window) -> bool:
    """Whether no replayed row is in a window, so that its summaries are of live rows alone."""
    traffic = read.traffic(asked.database, asked.model, window, HOUR)
    answered = traffic[traffic["outcome"] == "answered"]
    return bool((answered["source"] == "live").all())
