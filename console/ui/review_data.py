"""What the Review page shows: a model's reviews, and one of them with what was said on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
import streamlit as st

from backend.errors import ArtefactDamaged
from backend.records import reviews
from backend.records.reviews import Entry, Review
from console.reviews import meeting
from console.reviews.meeting import Action, Finding
from console.ui import links, readers
from console.ui.resources import database, zone

PARAM = "review"
_SEEN = "_review_seen"


@dataclass(frozen=True)
class Listed:
    """A review in the list.

    Attributes:
        findings: how many it has; None where its document is damaged.
        decided: how many of them have a decision.
        open, overdue: of its actions.
    """

    review: Review
    findings: int | None
    decided: int
    open: int
    overdue: int


@dataclass(frozen=True)
class Opened:
    """A review that is open, its document verified against its hash.

    Attributes:
        last: what earlier reviews left to do, the open first.
        actions: what its own decisions left to do.
        entries: what was said and decided on it, oldest first.
    """

    review: Review
    document: Mapping[str, Any]
    findings: tuple[Finding, ...]
    last: list[Action]
    actions: list[Action]
    entries: list[Entry]

    def of(self, finding: str, kind: str) -> list[Entry]:
        """The comments or decisions on a finding ('' for the whole), oldest first."""
        return [e for e in self.entries if e.finding == finding and e.kind == kind]

    def held(self, finding: str) -> Entry | None:
        """The decision that holds on a finding."""
        found = self.of(finding, "decision")
        return found[-1] if found else None

    def action(self, decision: Entry) -> Action | None:
        """What a decision that holds left to do."""
        return next((a for a in self.actions if a.decision.id == decision.id), None)

    @property
    def undecided(self) -> int:
        """How many findings have no decision yet."""
        return sum(self.held(finding.key) is None for finding in self.findings)


def asked() -> Review | None:
    """The review that the address names; it also chooses the model when it is new there.

    Raises:
        NotFound: there is no such review.
    """
    number = st.query_params.get(PARAM)
    if number is None or not (number.isascii() and number.isdecimal() and len(number) < 19):
        links.put(PARAM, None)
        return None
    found = reviews.get(database(), int(number))
    if st.session_state.get(_SEEN) != number:
        st.session_state[_SEEN] = number
        st.query_params["model"] = found.model
    return found


def of_model(review: Review | None, model: str) -> Review | None:
    """The review, unless another model than its own was chosen meanwhile."""
    if review is not None and review.model != model:
        open_review(None)
        return None
    return review


def open_review(review_id: int | None) -> None:
    """Let the address name a review, or none; for callbacks."""
    links.put(PARAM, None if review_id is None else str(review_id))
    links.put("job", None)
    if review_id is None:
        st.session_state.pop(_SEEN, None)


def opened(review: Review) -> Opened:
    """A review with all that belongs to it; what is said on it is read anew each time.

    Raises:
        ArtefactDamaged: its document is missing bytes or was altered.
    """
    document, findings = _document(review)
    return Opened(
        review,
        document,
        findings,
        meeting.last_actions(database(), review, _today()),
        meeting.actions(database(), review, _today()),
        reviews.entries(database(), review.id),
    )


def listed(model: str) -> list[Listed]:
    """The reviews of a model, newest first, with how far each is; kept for some seconds."""
    found = reviews.of_model(database(), model)
    key = ("reviews", tuple(review.id for review in found), _today())
    return readers.cached(key, lambda: [_listed(review) for review in found])


def still_open(model: str) -> list[Action]:
    """What all reviews of a model left to do and is still open, soonest due first."""
    return meeting.open_actions(database(), model, _today())


def trend(model: str, ids: tuple[int, ...]) -> pd.DataFrame:
    """`meeting.trend`, which changes with the model's reviews only."""
    return readers.cached(("review trend", model, ids), lambda: meeting.trend(database(), model))


def _listed(review: Review) -> Listed:
    try:
        keys = {finding.key for finding in _document(review)[1]}
        actions = meeting.actions(database(), review, _today())
    except ArtefactDamaged:
        return Listed(review, None, 0, 0, 0)
    entries = reviews.entries(database(), review.id)
    decided = {entry.finding for entry in entries if entry.kind == "decision"}
    still = [action for action in actions if action.state == "open"]
    overdue = sum(action.is_overdue for action in still)
    return Listed(review, len(keys), len(decided & keys), len(still), overdue)


def _today() -> date:
    """Where the viewer is: a due date is past when that day is over there."""
    return datetime.now(zone()).date()


def _document(review: Review) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """A document is verified each time that it is opened: what was altered is never shown."""
    document = meeting.opened(database(), review)
    return document, meeting.findings(document)
