"""The rows of reviews and of what was said on them, inside somebody's transaction."""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from backend.errors import NotFound
from backend.records import audit
from backend.records.database import now
from backend.records.predictions import Window
from backend.records.tables import review_entries, reviews

ACTIONS: Final = {
    "comment": "review.comment",
    "decision": "review.decide",
    "progress": "review.progress",
}
"""What the audit log calls each kind of entry."""


@dataclass(frozen=True)
class Review:
    """A frozen report. Times are UTC µs; `sha256` is of its document's bytes.

    `status` is the verdict's: drifted, moderate, stable or not_enough_rows.
    """

    id: int
    model: str
    version: int
    window: Window
    status: str
    sha256: str
    frozen_at: int
    frozen_by: str
    closed_at: int | None
    closed_by: str | None

    @property
    def is_closed(self) -> bool:
        """Whether it takes no more decisions."""
        return self.closed_at is not None


@dataclass(frozen=True)
class Entry:
    """What somebody said or decided. `kind` is comment, decision or progress; `at` UTC µs.

    `finding` is the key of one of the document's findings, or '' for the review as a whole.
    `decision`, `owner` and `due_on` (ISO 8601 date) are of a decision; `decision_id` and `state`
    (open, done, dropped) of a progress.
    """

    id: int
    review_id: int
    finding: str
    kind: str
    decision: str | None
    owner: str | None
    due_on: str | None
    decision_id: int | None
    state: str | None
    text: str
    at: int
    actor: str


def review_row(connection: Connection, review_id: int, lock: bool = False) -> Row[Any]:
    """A review's row, locked against others who decide if asked; NotFound if there is none."""
    query = sa.select(reviews).where(reviews.c.id == review_id)
    query = query.with_for_update() if lock else query
    # A number beyond the column is no review, and the driver would refuse it.
    row = connection.execute(query).one_or_none() if 0 < review_id < 2**63 else None
    if row is None:
        raise NotFound(
            f"There is no review {review_id}. `python -m console reviews M` lists a model's."
        )
    return row


def review_of(row: Row[Any]) -> Review:
    """The review of a row of `reviews`."""
    named = row._asdict()
    window = Window(named.pop("start"), named.pop("end"))
    return Review(window=window, **named)


def entry_list(connection: Connection, wanted: sa.ColumnElement[bool]) -> list[Entry]:
    """Entries, oldest first."""
    query = sa.select(review_entries).where(wanted).order_by(review_entries.c.id)
    return [Entry(**row._asdict()) for row in connection.execute(query)]


def held(connection: Connection, review_id: int, finding: str) -> Entry | None:
    """The decision that holds on a finding."""
    c = review_entries.c
    mine = (c.review_id == review_id, c.finding == finding, c.kind == "decision")
    newest = sa.select(sa.func.max(c.id)).where(*mine).scalar_subquery()
    found = entry_list(connection, c.id == newest)
    return found[0] if found else None


def insert(connection: Connection, values: dict[str, Any]) -> Entry:
    """Write an entry, at this moment, and what was said into the audit log."""
    row = review_entries.insert().values(at=now(), **values).returning(*review_entries.c)
    made = Entry(**connection.execute(row).one()._asdict())
    review = review_row(connection, made.review_id)
    said = {"review": made.review_id, "entry": made.id, "finding": made.finding, "text": made.text}
    more = ("decision", "owner", "due_on", "decision_id", "state")
    said |= {name: getattr(made, name) for name in more if getattr(made, name) is not None}
    audit.append(
        connection,
        actor=made.actor,
        action=ACTIONS[made.kind],
        subject=review.model,
        detail=said,
    )
    return made
