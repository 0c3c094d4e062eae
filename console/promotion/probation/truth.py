"""Is the new champion right as often as the old one: where truth is known, and where not?"""

from typing import Final

import numpy as np

from backend.records.database import Database
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.drift.statistics import Floats
from console.performance import report
from console.performance.enough import SMALLEST_LOSS, SMALLEST_SHARE
from console.performance.frames import Word, against
from console.performance.realized import FEWEST, figures, losses
from console.performance.results import METRICS, Figure, Metric
from console.performance.sentences import interval, shown
from console.promotion.probation.differences import (
    Difference,
    of_means,
    of_shares,
    status_of,
    widened,
    word,
)
from console.promotion.probation.results import Finding, Status, finding, unknown
from console.promotion.probation.sides import Side
from console.rescoring.results import Share, Truths
from console.rescoring.run import rescore

_BY_BANDS: Final[dict[Word, Status]] = {
    "worse": "worse",
    "better": "better",
    "as promised": "same",
    "unknown": "unknown",
}
_OF_BANDS: Final[dict[Status, str]] = {
    "worse": "worse, as the bands do not meet",
    "better": "better, as the bands do not meet",
    "same": "no difference to be seen, as the bands meet",
    "unknown": "not to be compared",
}


def realized(before: Side, after: Side, fair: Finding) -> Finding:
    """The first metric where truth is known: other rows before and after.

    Args:
        fair: of `same_rows`. Where the old champion would do no better on the new requests, going
            back would not help, so then this proposes nothing.
    """
    was, now = (_figure(side) for side in (before, after))
    metric = now.metric
    title = f"{metric.title}, where truth is known"
    if was.value is None or now.value is None:
        return unknown("realized", title, was, now, _few(was, now, before, after))
    lost = [losses(side.version.task, side.rows.known) for side in (before, after)]
    found = _difference(metric, *lost)
    status = status_of(found, _smallest(metric, lost[0]))
    text = (
        f"{metric.title} is {_told(now)} on {now.n:,} rows with truth since the promotion, and was"
        f" {_told(was)} on {was.n:,} before it with version {before.version.number}:"
        f" {word(status, metric, found)}."
    )
    helps = fair.status in ("worse", "unknown")
    if status == "worse" and not helps:
        text += (
            f" But version {before.version.number} would not do better on the same requests, so"
            " going back would not help."
        )
    return finding("realized", title, was, now, status, text, proposes=status == "worse" and helps)


def same_rows(database: Database, store: Store, before: Side, after: Side) -> Finding:
    """The same requests answered by the old champion too: inputs that changed count for neither."""
    version, metric = before.version, METRICS[after.version.task][0]
    title = f"{metric.title} of both on the same requests"
    truth: Truths | None = None
    if len(after.rows.known) >= FEWEST:
        number = after.version.number
        ids = sorted(after.rows.known["__id__"].tolist())
        again = rescore(database, version, after.window, store, against=number, ids=ids)
        truth = again.truth
    if truth is None or truth.known < FEWEST:
        n = 0 if truth is None else truth.known
        none = Figure(metric, "not_enough_rows", None, None, None, n)
        message = (
            f"{title} needs at least {FEWEST} requests with truth since the promotion that version"
            f" {version.number} can answer too; there {'is' if n == 1 else 'are'} {n:,}."
        )
        return unknown("same_rows", title, none, none, message)
    old = _rescored(metric, truth.now, truth.right_now, truth.known)
    new = _rescored(metric, truth.was, truth.right_was, truth.known)
    found = _of_new(metric, truth)
    status = status_of(found, _smallest(metric, losses(version.task, after.rows.known)))
    text = (
        f"On the same {truth.known:,} requests with truth {_lower(metric.title)} is"
        f" {shown(metric, truth.was)}, and would be {shown(metric, truth.now)} with version"
        f" {version.number}: {word(status, metric, found)}."
    )
    return finding("same_rows", title, old, new, status, text)


def estimated(
    database: Database, store: Store, before: Side, after: Side, *, known: bool
) -> Finding:
    """The first metric as estimated from scores and inputs.

    Args:
        known: whether truth has said already how the two compare: then this proposes nothing.
    """
    metric = METRICS[after.version.task][0]
    title = f"{metric.title}, estimated"
    n = [len(side.rows.answered) for side in (before, after)]
    if min(n) < FEWEST:
        few = (Figure(metric, "not_enough_rows", None, None, None, rows) for rows in n)
        was, now = few
        message = (
            f"To estimate {_lower(metric.title)} {FEWEST} answered rows before and after the"
            f" promotion are needed; there are {n[0]:,} and {n[1]:,}."
        )
        return unknown("estimated", title, was, now, message)
    sides = [
        report.prepare(database, side.version, store).estimator.estimate(side.rows.answered)
        for side in (before, after)
    ]
    was, now = (found.figures[0] for found in sides)
    if was.value is None or now.value is None:
        short, when = (now, "since the promotion") if now.value is None else (was, "before it")
        return unknown("estimated", title, was, now, f"Estimated {when}: {short.message}")
    for side, found in ((after, sides[1]), (before, sides[0])):
        if found.assumption.status == "broken":
            of = f"An estimate of version {side.version.number} is no use here."
            return unknown("estimated", title, was, now, f"{of} {found.assumption.message}")
    status = _BY_BANDS[against(was, now)]
    text = (
        f"{now.metric.title} is estimated to be {_told(now)} on {now.n:,} rows since the promotion,"
        f" and {_told(was)} on {was.n:,} before it with version {before.version.number}:"
        f" {_OF_BANDS[status]}."
    )
    proposes = status == "worse" and not known
    if status == "worse" and known:
        text += " Where truth is known it counts more than the estimate."
    return finding("estimated", title, was, now, status, text, proposes=proposes)


def _figure(side: Side) -> Figure:
    signature = Signature.from_json(side.version.signature)
    return figures(side.version.task, signature, side.rows.known)[0]


def _few(was: Figure, now: Figure, before: Side, after: Side) -> str:
    """Why there is nothing to compare."""
    if now.value is None:
        side, figure, when = after, now, "since the promotion"
    else:
        side, figure, when = before, was, f"before it, with version {before.version.number}"
    return (
        f"Truth is known for {side.rows.n_known:,} of {side.rows.n_answered:,} rows answered"
        f" {when}. {figure.message}"
    )


def _difference(metric: Metric, before: Floats, after: Floats) -> Difference:
    """Of the mean loss: a rise is worse, of accuracy too."""
    if metric.unit != "share":
        return of_means(before, after)
    return of_shares(int(before.sum()), len(before), int(after.sum()), len(after))


def _of_new(metric: Metric, truth: Truths) -> Difference:
    """The new champion's loss minus the old one's; the rescoring has the old one's minus its."""
    sign = 1.0 if metric.greater_is_better else -1.0
    low, high = sorted((sign * truth.low, sign * truth.high))
    return widened(sign * truth.difference, low, high)


def _smallest(metric: Metric, lost: Floats) -> float:
    """The change of the mean loss that matters."""
    if metric.unit == "share":
        return SMALLEST_SHARE
    return SMALLEST_LOSS * float(np.std(lost, ddof=1))


def _rescored(metric: Metric, value: float, share: Share | None, n: int) -> Figure:
    low, high = (None, None) if share is None else (share.low, share.high)
    return Figure(metric, "ok", value, low, high, n)


def _told(figure: Figure) -> str:
    if figure.value is None:
        return "unknown"
    return f"{shown(figure.metric, figure.value)} ({interval(figure)})"


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]
