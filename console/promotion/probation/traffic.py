"""What the traffic says of a new champion: requests that got no answer, and drift."""

from typing import Final

from backend.records.database import Database
from backend.versions.artefacts import Store
from console.drift.decisions.intervals import wilson
from console.drift.report import NOUN, reference_of
from console.drift.results import DriftReport
from console.performance.results import Figure, Metric
from console.promotion.probation.differences import of_shares, status_of, word
from console.promotion.probation.results import Finding, Status, finding, unknown
from console.promotion.probation.sides import Side

LEAST_REQUESTS: Final = 50
SMALLEST_REFUSED: Final = 0.01
"""A rise of the share of refused and failed requests below this is no reason to roll back."""
REFUSED: Final = Metric("refused", "Requests refused or failed", "share", greater_is_better=False)
DRIFTED: Final = Metric("drifted", "Features that drifted", "number", greater_is_better=False)


def refused(before: Side, after: Side) -> Finding:
    """The share of requests that got no answer."""
    lost = [side.requests.refused + side.requests.failed for side in (before, after)]
    n = [side.requests.requests for side in (before, after)]
    was, now = (_share(some, of) for some, of in zip(lost, n, strict=True))
    if min(n) < LEAST_REQUESTS:
        message = (
            f"Whether more requests are refused needs {LEAST_REQUESTS} requests before and after"
            f" the promotion; there were {n[0]:,} and {n[1]:,}."
        )
        if after.requests.pending:
            message += f" Up to {after.requests.pending:,} newer rows are not counted yet."
        return unknown("refused", REFUSED.title, was, now, message)
    found = of_shares(lost[0], n[0], lost[1], n[1])
    status = status_of(found, SMALLEST_REFUSED)
    message = (
        f"{lost[1]:,} of {n[1]:,} requests since the promotion were refused or failed"
        f" ({_percent(now)}), and {lost[0]:,} of {n[0]:,} before it ({_percent(was)}):"
        f" {word(status, REFUSED, found)}."
    )
    proposes = status == "worse" and found.value >= SMALLEST_REFUSED
    return finding("refused", REFUSED.title, was, now, status, message, proposes=proposes)


def drifted(database: Database, store: Store, before: Side, after: Side) -> Finding:
    """How many features drifted from each version's own reference; never a reason by itself."""
    reports = [
        reference_of(database, side.version, store).compare(side.rows.answered, NOUN)
        for side in (before, after)
    ]
    was, now = (_drifted(found) for found in reports)
    if was.value is None or now.value is None:
        of, when = (
            (reports[1], "since the promotion")
            if now.value is None
            else (
                reports[0],
                "before the promotion",
            )
        )
        return unknown("drift", DRIFTED.title, was, now, f"Drift {when}: {of.message}")
    status: Status = "same"
    if was.value != now.value:
        status = "worse" if now.value > was.value else "better"
    names = ", ".join(f"`{one.feature}`" for one in reports[1].results if one.status == "drifted")
    message = (
        f"{reports[1].n_drifted} of {reports[1].n_features} features drifted since the promotion"
        f"{f' ({names})' if names else ''}, against the reference of version"
        f" {after.version.number} on {now.n:,} rows; before it {reports[0].n_drifted} of"
        f" {reports[0].n_features}, against that of version {before.version.number} on {was.n:,}."
        " Drift alone is no reason to roll back."
    )
    return finding("drift", DRIFTED.title, was, now, status, message, proposes=False)


def _share(some: int, of: int) -> Figure:
    if not of:
        return Figure(REFUSED, "not_enough_rows", None, None, None, 0)
    low, high = wilson(some / of, of)
    return Figure(REFUSED, "ok", some / of, float(low), float(high), of)


def _drifted(found: DriftReport) -> Figure:
    """How many features drifted; None where too few rows say that none did."""
    if found.status == "not_enough_rows":
        return Figure(DRIFTED, "not_enough_rows", None, None, None, found.n_current)
    return Figure(DRIFTED, "ok", float(found.n_drifted), None, None, found.n_current)


def _percent(figure: Figure) -> str:
    return "none" if figure.value is None else f"{100 * figure.value:.1f} %"
