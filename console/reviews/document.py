"""The document of a review: evidence and findings as one JSON object (docs/reviews.md)."""

from typing import Any

import pandas as pd

from console.drift import documents
from console.drift.decisions import Decisions
from console.drift.decisions.changes import Change
from console.drift.decisions.sentences import direction, of_change, segments_named
from console.performance.documents import to_json as performance_json
from console.reviews import findings, performance
from console.reviews.evidence import Evidence
from console.reviews.frozen_pages import Pages
from console.summaries.read import Counts
from console.windows import iso

FORM = 1
"""Of the document; a reader of another form must look at it."""
NOTHING = "no row was answered in this window. Choose another window."
QUIET = "Nothing moved: no finding needs a decision."


def of(found: Evidence, pages: Pages) -> dict[str, Any]:
    """The document, without who froze it when: those are not under its hash."""
    report, signature, version = found.report, found.signature, found.version
    listed = findings.of(found)
    return {
        "form": FORM,
        "model": version.model,
        "version": version.number,
        "algorithm": version.algorithm,
        "task": signature.task,
        "target": signature.target,
        "from": iso(found.window.start),
        "to": iso(found.window.end),
        "start": found.window.start,
        "end": found.window.end,
        "status": report.status,
        "message": message(found, len(listed)),
        "verdict": report.message,
        "how": found.judged.how,
        "basis": found.judged.basis,
        "rows": {"reference": report.n_reference, "current": report.n_current},
        "traffic": {"window": _counts(found.counts), "before": _counts(found.before)},
        "drift": documents.to_json(report),
        "decisions": _decisions(found.decisions),
        "onsets": _onsets(found),
        "over_time": _over_time(found),
        "performance": performance_json(found.performance),
        "performance_figures": performance.figures(found.performance),
        "performance_charts": performance.over_time(
            found.performance, found.performance.expected[0].metric
        ),
        "findings": listed,
        "files": pages.listed,
        "left_out": pages.left_out,
    }


def message(found: Evidence, n_findings: int) -> str:
    """The review in a sentence or two."""
    if not found.report.n_current and not n_findings:
        return f"There is nothing to review: {NOTHING}"
    if n_findings:
        told = found.performance.status in ("worse", "warning")
        return " ".join([found.performance.message] * told + [found.report.message])
    if found.report.status == "stable":
        return f"{QUIET} {found.report.message}"
    return f"No finding needs a decision. {found.report.message}"


def _counts(found: Counts) -> dict[str, Any]:
    return {
        "requests": found.requests,
        "answered": found.answered,
        "refused": found.refused,
        "failed": found.failed,
    }


def _decisions(found: Decisions) -> dict[str, Any]:
    scope = found.scope
    return {
        "message": found.message,
        "warning": found.warning,
        "n": scope.n,
        "n_window": scope.n_window,
        "n_reference": scope.n_reference,
        "least": scope.least,
        "changes": [_change(found, change) for change in found.changes],
        "together": _change(found, found.together) if found.together else None,
    }


def _change(found: Decisions, change: Change) -> dict[str, Any]:
    names = ("feature", "title", "changed", "low", "high", "rows", "score_change", "up", "down")
    return {name: getattr(change, name) for name in names} | {
        "direction": direction(found.scope, change),
        "segments": segments_named(change.segments),
        "message": of_change(found.scope, change),
        "moves": change.moves.to_dict("records"),
    }


def _onsets(found: Evidence) -> list[dict[str, Any]]:
    frame = found.onsets.assign(at=_times(found.onsets["at"]), until=_times(found.onsets["until"]))
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _over_time(found: Evidence) -> list[dict[str, Any]]:
    """Each stretch with its features: how far each is from the reference, in floors."""
    frame = found.over_time
    if not len(frame):
        return []
    columns = ["feature", "status", "floors", "n_current"]
    return [
        {"from": at, "to": until, "features": part[columns].to_dict("records")}
        for (at, until), part in frame.groupby(
            [_times(frame["at"]), _times(frame["until"])], sort=True
        )
    ]


def _times(at: "pd.Series[Any]") -> "pd.Series[str]":
    """UTC timestamps as ISO 8601."""
    found: pd.Series[str] = at.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return found
