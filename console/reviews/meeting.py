"""What a meeting reads: last time's actions, a review's findings, and the trend across reviews."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from backend.records import reviews
from backend.records.database import Database
from backend.records.review_rows import Entry, Review

TREND = ("review", "frozen_at", "feature", "title", "status", "effect", "changed")


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
    raise NotImplementedError


def decided(entries: Sequence[Entry]) -> dict[str, Entry]:
    """The decision that holds for each finding, of a review's entries, oldest first."""
    return {one.finding: one for one in entries if one.kind == "decision"}


def actions(database: Database, review: Review, today: date | None = None) -> list[Action]:
    """What the decisions that hold in a review left to do, in the order of its findings."""
    raise NotImplementedError


def last_actions(database: Database, review: Review, today: date | None = None) -> list[Action]:
    """What earlier reviews of the model left to do: the open first, overdue ones before others.

    Those that were done or dropped come last, and only of the review before this one or where
    that was reported after the review before this one was frozen.
    """
    raise NotImplementedError


def open_actions(database: Database, model: str, today: date | None = None) -> list[Action]:
    """What all reviews of a model left to do and is still open, soonest due first."""
    raise NotImplementedError


def trend(database: Database, model: str) -> pd.DataFrame:
    """Each feature across the reviews of a model.

    Returns:
        One row a review and feature, oldest review first: review (id), frozen_at (UTC timestamp),
        feature, title, status, effect (see `DriftReport.frame`), floors (effect divided by its
        floor), changed (the share of answers that putting it back changes, in [0, 1]; NaN where
        it had not moved). A review whose document is damaged has no rows.
    """
    raise NotImplementedError
