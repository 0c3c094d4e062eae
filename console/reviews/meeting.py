"""What a meeting reads: last time's actions, a review's findings, and the trend across reviews."""

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from backend.errors import ArtefactDamaged
from backend.records import reviews
from backend.records.database import Database
from backend.records.review_rows import Entry, Review

TREND = ("review", "frozen_at", "feature", "title", "status", "effect", "floors", "changed")
MOST_REVIEWS = 60


@dataclass(frozen=True)
class Finding:
    """One thing that a review has to say, as it was frozen.

    Attributes:
        key: names it in decisions and comments, such as `feature:temp`; unique in its review.
        title: for people.
        kind: feature, answers, missing, performance or traffic.
        status: drifted, moderate, worse, warning or notice; see `console.reviews.STATUSES`.
        what: what changed, as a sentence.
        matters: whether it matters, as a sentence.
        figures: each `title`, `text` (the value with its unit, for readers) and `value` (a number
            or None).
        charts: each has a `kind`, `title`, and what `console.reviews.charts` says of that kind.
    """

    key: str
    title: str
    kind: str
    status: str
    what: str
    matters: str
    figures: tuple[Mapping[str, Any], ...]
    charts: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Action:
    """A decision that left something to do, and how far that is.

    Attributes:
        review: in which it was decided.
        decision: the entry, with `decision`, `owner`, `due_on`, `text`, `actor`.
        title: of the finding that it was decided on.
        state: open, done or dropped.
        progress: the newest report on it; None if there is none.
        is_overdue: open, and its due date is past.
    """

    review: Review
    decision: Entry
    title: str
    state: str
    progress: Entry | None
    is_overdue: bool


def opened(database: Database, review: Review) -> dict[str, Any]:
    """A review's document, verified; its form is in docs/reviews.md.

    Raises:
        ArtefactDamaged: its bytes are missing or altered.
    """
    found: dict[str, Any] = json.loads(reviews.document(database, review))
    return found


def findings(document: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The findings of a document, the gravest first."""
    return tuple(
        Finding(
            key=one["key"],
            title=one["title"],
            kind=one["kind"],
            status=one["status"],
            what=one["what"],
            matters=one["matters"],
            figures=tuple(one["figures"]),
            charts=tuple(one["charts"]),
        )
        for one in document["findings"]
    )


def decided(entries: Sequence[Entry]) -> dict[str, Entry]:
    """The decision that holds for each finding, of one review's entries, oldest first."""
    return {one.finding: one for one in entries if one.kind == "decision"}


def actions(database: Database, review: Review, today: date | None = None) -> list[Action]:
    """What the decisions that hold in a review left to do, in the order of its findings."""
    found = _actions(database, [review], reviews.entries(database, review.id), today)
    order = {key: place for place, key in enumerate(_titles(database, review))}
    return sorted(found, key=lambda one: order.get(one.decision.finding, len(order)))


def last_actions(database: Database, review: Review, today: date | None = None) -> list[Action]:
    """What earlier reviews of the model left to do: the open first, the soonest due before others.

    Those that were done or dropped follow, if they are of the review before this one, or were
    reported so after that one was frozen.
    """
    earlier = [one for one in reviews.of_model(database, review.model) if one.id < review.id]
    if not earlier:
        return []
    entries = reviews.entries_of_model(database, review.model)
    found = _actions(database, earlier, entries, today)
    last = earlier[0]

    def is_shown(one: Action) -> bool:
        since = one.progress is not None and one.progress.at > last.frozen_at
        return one.state == "open" or one.review.id == last.id or since

    return sorted(filter(is_shown, found), key=_by_due)


def open_actions(database: Database, model: str, today: date | None = None) -> list[Action]:
    """What all reviews of a model left to do and is still open, soonest due first."""
    entries = reviews.entries_of_model(database, model)
    found = _actions(database, reviews.of_model(database, model), entries, today)
    return sorted((one for one in found if one.state == "open"), key=_by_due)


def trend(database: Database, model: str) -> pd.DataFrame:
    """Each feature across the newest 60 reviews of a model.

    Returns:
        One row a review and feature, oldest review first: review (id), frozen_at (UTC timestamp),
        feature, title, status, effect (see `DriftReport.frame`), floors (effect divided by its
        floor), changed (the share of answers that putting it back changes, in [0, 1]; NaN where
        it had not moved). A review whose document is damaged has no rows: opening it says so.
    """
    rows: list[dict[str, Any]] = []
    for review in reversed(reviews.of_model(database, model)[:MOST_REVIEWS]):
        with contextlib.suppress(ArtefactDamaged):
            rows += _features(review, opened(database, review))
    frame = pd.DataFrame(rows, columns=list(TREND))
    for name in ("effect", "floors", "changed"):
        frame[name] = frame[name].astype(float)
    return frame.assign(frozen_at=pd.to_datetime(frame["frozen_at"], unit="us", utc=True))


def _features(review: Review, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    changed = {one["feature"]: one["changed"] for one in document["decisions"]["changes"]}
    return [
        {
            "review": review.id,
            "frozen_at": review.frozen_at,
            "feature": one["feature"],
            "title": one["title"],
            "status": one["status"],
            "effect": one["effect"],
            "floors": None if one["effect"] is None else one["effect"] / one["effect_floor"],
            "changed": changed.get(one["feature"]),
        }
        for one in document["drift"]["features"]
    ]


def _actions(
    database: Database, among: Sequence[Review], entries: Sequence[Entry], today: date | None
) -> list[Action]:
    """The actions of some reviews, in the order in which they were decided."""
    day = (today or datetime.now(UTC).date()).isoformat()
    holding = {(one.review_id, one.finding): one for one in entries if one.kind == "decision"}
    newest = {one.decision_id: one for one in entries if one.kind == "progress"}
    by_id = {review.id: review for review in among}
    kept = [
        one
        for one in sorted(holding.values(), key=lambda one: one.id)
        if one.decision in reviews.ACTIONS and one.review_id in by_id
    ]
    titles = {i: _titles(database, by_id[i]) for i in {one.review_id for one in kept}}
    found = []
    for one in kept:
        progress = newest.get(one.id)
        state = (progress.state or "open") if progress else "open"
        title = titles[one.review_id].get(one.finding, one.finding)
        overdue = state == "open" and (one.due_on or day) < day
        found.append(Action(by_id[one.review_id], one, title, state, progress, overdue))
    return found


def _by_due(one: Action) -> tuple[bool, str, int]:
    return one.state != "open", one.decision.due_on or "", one.decision.id


def _titles(database: Database, review: Review) -> dict[str, str]:
    """The titles of a review's findings by key; empty where its document is damaged."""
    try:
        return {one.key: one.title for one in findings(opened(database, review))}
    except ArtefactDamaged:
        return {}  # the action itself is known; opening that review says what is wrong with it
